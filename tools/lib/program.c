/* All three pipes are served in turns, so that neither side can wait for the other for ever. */
#include "program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { INPUT, OUTPUT, ERRORS, PIECE = 1 << 16, MOST_ERRORS = 1 << 12 };

struct run {
    pid_t child;
    int ends[PROGRAM_STREAMS][2]; /* pipes; -1 where closed */
    const char *input;
    size_t left;
    size_t most;
    struct buffer *output;
    struct buffer errors;
    bool too_much;
};

static void close_end(int *end)
{
    if (*end >= 0)
        close(*end);
    *end = -1;
}

static void close_all(struct run *run)
{
    for (int i = 0; i < PROGRAM_STREAMS; i++) {
        close_end(&run->ends[i][0]);
        close_end(&run->ends[i][1]);
    }
}

static int open_pipes(struct run *run, struct error *error)
{
    memset(run->ends, 0xFF, sizeof run->ends);
    for (int i = 0; i < PROGRAM_STREAMS; i++)
        if (pipe2(run->ends[i], O_CLOEXEC) < 0)
            return error_set_system(error);
    return fcntl(run->ends[INPUT][1], F_SETFL, O_NONBLOCK) < 0 ? error_set_system(error) : 0;
}

int program_start(char *const argv[], const int streams[PROGRAM_STREAMS], pid_t *child)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t defaults;
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    sigaddset(&defaults, SIGXFSZ);
    sigaddset(&defaults, SIGBUS);
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    for (int i = 0; i < PROGRAM_STREAMS; i++)
        if (streams[i] >= 0)
            posix_spawn_file_actions_adddup2(&actions, streams[i], i);
    int number = posix_spawnp(child, argv[0], &actions, &attributes, argv, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return number;
}

static int spawn(struct run *run, char *const argv[])
{
    const int streams[] = {run->ends[INPUT][0], run->ends[OUTPUT][1], run->ends[ERRORS][1]};
    int number = program_start(argv, streams, &run->child);
    close_end(&run->ends[INPUT][0]);
    close_end(&run->ends[OUTPUT][1]);
    close_end(&run->ends[ERRORS][1]);
    return number;
}

/* A program that does not read all of its input may be right to. */
static void feed(struct run *run)
{
    ssize_t count = write(run->ends[INPUT][1], run->input, run->left);
    if (count < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (count > 0) {
        run->input += count;
        run->left -= (size_t)count;
    }
    if (count < 0 || run->left == 0)
        close_end(&run->ends[INPUT][1]);
}

/* What goes beyond `most` bytes is read and dropped. */
static bool take(int *end, struct buffer *buffer, size_t most)
{
    char piece[PIECE];
    ssize_t count = read(*end, piece, sizeof piece);
    if (count < 0 && errno == EINTR)
        return true;
    if (count <= 0) {
        close_end(end);
        return true;
    }
    size_t room = most > buffer->size ? most - buffer->size : 0;
    buffer_append(buffer, piece, (size_t)count < room ? (size_t)count : room);
    return (size_t)count <= room;
}

static void serve(struct run *run, size_t before)
{
    while ((run->ends[OUTPUT][0] >= 0 || run->ends[ERRORS][0] >= 0) && !run->too_much && !run->output->failed) {
        struct pollfd polled[PROGRAM_STREAMS] = {{.fd = run->ends[INPUT][1], .events = POLLOUT},
                                         {.fd = run->ends[OUTPUT][0], .events = POLLIN},
                                         {.fd = run->ends[ERRORS][0], .events = POLLIN}};
        if (poll(polled, PROGRAM_STREAMS, -1) < 0 && errno != EINTR)
            return;
        if (polled[INPUT].revents)
            feed(run);
        if (polled[OUTPUT].revents)
            run->too_much = !take(&run->ends[OUTPUT][0], run->output, before + run->most);
        if (polled[ERRORS].revents)
            take(&run->ends[ERRORS][0], &run->errors, MOST_ERRORS);
    }
}

static int wait_for(const struct run *run)
{
    int status = -1;
    while (waitpid(run->child, &status, 0) < 0 && errno == EINTR)
        ;
    return status;
}

/* posix_spawn() may find out only in the new process; POSIX has it end so then.  (It does under valgrind.) */
static bool was_never_begun(const struct run *run, int status)
{
    return WIFEXITED(status) && WEXITSTATUS(status) == 127 && run->errors.size <= 1;
}

/* The first line of what it said. */
static int refuse(const struct run *run, const char *name, int status, struct error *error)
{
    const char *said = run->errors.size ? (const char *)run->errors.data : "";
    int size = (int)strcspn(said, "\n");
    said = size ? said : "it does not say why";
    if (run->output->failed || run->errors.failed)
        return error_set_memory(error);
    if (was_never_begun(run, status)) {
        errno = ENOENT;
        return error_set_system(error);
    }
    if (run->too_much)
        return error_set(error, ERROR_FORMAT, ERROR_NO_OFFSET, "%s puts out more than %zu bytes", name, run->most);
    if (WIFSIGNALED(status))
        return error_set(error, ERROR_FORMAT, ERROR_NO_OFFSET, "%s was ended by signal %d", name, WTERMSIG(status));
    return error_set(error, ERROR_FORMAT, ERROR_NO_OFFSET, "%s failed: %.*s", name, size && size < 200 ? size : 200,
                     said);
}

static int conclude(struct run *run, const char *name, struct error *error)
{
    if (run->too_much || run->output->failed)
        kill(run->child, SIGKILL);
    int status = wait_for(run);
    buffer_append_byte(&run->errors, '\0');
    bool complete = !run->too_much && !run->output->failed && !run->errors.failed;
    return complete && WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : refuse(run, name, status, error);
}

int program_run(char *const argv[], const void *input, size_t size, size_t most, struct buffer *output,
                struct error *error)
{
    struct run run = {.input = input, .left = size, .most = most, .output = output};
    buffer_init(&run.errors, output->allocator);
    int result = open_pipes(&run, error);
    if (result == 0) {
        errno = spawn(&run, argv);
        result = errno ? error_set_system(error) : 0;
        if (result == 0) {
            serve(&run, output->size);
            close_all(&run);
            result = conclude(&run, argv[0], error);
        }
    }
    close_all(&run);
    buffer_release(&run.errors);
    return result;
}
