#include "pager.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "program.h"

enum { NOT_FOUND = 127 }; /* what a shell ends with */

static const char *command(void)
{
    const char *own = getenv("PSTAT_PAGER"), *common = getenv("PAGER");
    const char *pager = own ? own : common ? common : "less";
    return strcmp(pager, "cat") == 0 ? "" : pager;
}

/* 0: not known. */
static size_t terminal_rows(void)
{
    struct winsize size;
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_row : 0;
}

bool pager_wanted(const char *text, size_t size)
{
    size_t rows = isatty(STDOUT_FILENO) ? terminal_rows() : 0, lines = 0;
    for (size_t i = 0; i < size && lines < rows; i++)
        lines += text[i] == '\n';
    return rows > 0 && lines >= rows && *command();
}

/* A pager that is left before the end does not read the rest. */
static void send(int fd, const char *text, size_t size)
{
    while (size > 0) {
        ssize_t count = write(fd, text, size);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return;
        text += count;
        size -= (size_t)count;
    }
}

static int start(int input, pid_t *child)
{
    char shell[] = "sh", option[] = "-c";
    char *const argv[] = {shell, option, (char *)command(), NULL};
    const int streams[PROGRAM_STREAMS] = {input, -1, -1};
    return program_start(argv, streams, child);
}

bool pager_show(const char *text, size_t size)
{
    int ends[2], status = 0;
    pid_t child;
    if (pipe2(ends, O_CLOEXEC) < 0)
        return false;
    setenv("LESS", "FRX", 0); /* as git: leave when it fits, keep colours and the text */
    int result = start(ends[0], &child);
    signal(SIGINT, SIG_IGN); /* from now on the pager's business */
    close(ends[0]);
    if (result == 0)
        send(ends[1], text, size);
    close(ends[1]);
    while (result == 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    return result == 0 && !(WIFEXITED(status) && WEXITSTATUS(status) == NOT_FOUND);
}
