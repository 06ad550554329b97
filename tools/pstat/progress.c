/* A timer tells, since neither readers nor exporters have turns at which to look at a clock.  What its handler puts
 * together is prepared for it, since it may call next to nothing. */
#include "progress.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "out.h"
#include "utf8.h"

enum {
    TEXT_SIZE = 100,
    LINE_SIZE = 400,
    LONGEST_NAME = 40,
    BESIDE_NAME = 40,
    USUAL_COLUMNS = 80,
    STEP_MICROSECONDS = 200000
};

static struct {
    int depth;
    bool told; /* to a terminal */
    char text[TEXT_SIZE];
    size_t most; /* columns that a line may take */
    struct timespec begun;
    volatile sig_atomic_t ready; /* the text is whole */
    volatile sig_atomic_t shown;
    volatile sig_atomic_t done, count;
} progress;

struct line {
    char bytes[LINE_SIZE];
    size_t size;
};

static void append(struct line *line, const char *text)
{
    size_t size = strlen(text), room = LINE_SIZE - line->size;
    size = size < room ? size : room;
    memcpy(line->bytes + line->size, text, size);
    line->size += size;
}

static void append_number(struct line *line, long number)
{
    char digits[24], *at = digits + sizeof digits - 1;
    *at = '\0';
    do
        *--at = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    append(line, at);
}

static long seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (long)(now.tv_sec - progress.begun.tv_sec);
}

static void put(const struct line *line)
{
    ssize_t ignored = write(STDERR_FILENO, line->bytes, line->size);
    (void)ignored;
}

static void tell(int number)
{
    (void)number;
    int saved = errno;
    struct line line = {.size = 0};
    if (!progress.ready)
        return;
    append(&line, "\rpstat: ");
    append(&line, progress.text);
    if (progress.count > 1) {
        append(&line, ", ");
        append_number(&line, progress.done);
        append(&line, " of ");
        append_number(&line, progress.count);
    }
    append(&line, ", ");
    append_number(&line, seconds());
    append(&line, " s");
    if (line.size > progress.most)
        line.size = progress.most;
    append(&line, "\033[K");
    put(&line);
    progress.shown = 1;
    errno = saved;
}

static size_t columns(void)
{
    struct winsize size;
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : USUAL_COLUMNS;
}

/* What of a name there is room for. */
static int fitting(const char *name)
{
    size_t room = progress.most > BESIDE_NAME ? progress.most - BESIDE_NAME : 0;
    return utf8_fitting(name, room < LONGEST_NAME ? (int)room : LONGEST_NAME);
}

static void set_text(const char *doing, const char *what)
{
    struct out text;
    out_init_memory(&text);
    text.terminal = true;
    out_text(&text, what, strlen(what));
    out_bytes(&text, "", 1);
    progress.ready = 0;
    struct line line = {.size = 0};
    append(&line, doing);
    if (text.error.code == ERROR_NONE && text.buffer.size > 1) {
        const char *name = (const char *)text.buffer.data;
        append(&line, " ");
        memcpy(line.bytes + line.size, name, (size_t)fitting(name));
        line.size += (size_t)fitting(name);
    }
    size_t size = line.size < TEXT_SIZE ? line.size : TEXT_SIZE - 1;
    memcpy(progress.text, line.bytes, size);
    progress.text[size] = '\0';
    progress.ready = 1;
    out_release(&text);
}

static void set_timer(bool on)
{
    struct sigaction action = {.sa_handler = on ? tell : SIG_DFL, .sa_flags = SA_RESTART};
    struct itimerval timer = {0};
    if (on) {
        timer.it_value.tv_sec = 1;
        timer.it_interval.tv_usec = STEP_MICROSECONDS;
        sigaction(SIGALRM, &action, NULL);
    }
    setitimer(ITIMER_REAL, &timer, NULL);
    if (!on)
        sigaction(SIGALRM, &action, NULL);
}

void progress_begin(const char *doing, const char *what)
{
    if (progress.depth++ > 0)
        return;
    progress.told = isatty(STDERR_FILENO);
    if (!progress.told)
        return;
    progress.count = 0;
    progress.most = columns(); /* the carriage return takes none */
    clock_gettime(CLOCK_MONOTONIC, &progress.begun);
    set_text(doing, what);
    set_timer(true);
}

void progress_end(void)
{
    if (--progress.depth > 0 || !progress.told)
        return;
    set_timer(false);
    progress_clear();
    progress.told = false;
}

void progress_count(size_t done, size_t count)
{
    if (progress.depth != 1)
        return;
    progress.done = (sig_atomic_t)done;
    progress.count = (sig_atomic_t)count;
}

void progress_say(const char *what)
{
    if (progress.told)
        set_text(what, "");
}

void progress_clear(void)
{
    static const struct line away = {"\r\033[K", 4};
    if (progress.shown)
        put(&away);
    progress.shown = 0;
}
