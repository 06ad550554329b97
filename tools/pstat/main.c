/* pstat: reads the profiles that profstat and cProfile write. */
#include <fcntl.h>
#include <limits.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "cmd_browse.h"
#include "cmd_check.h"
#include "cmd_diff.h"
#include "cmd_push.h"
#include "cmd_report.h"
#include "cmd_trend.h"
#include "deliver.h"
#include "opt.h"
#include "out.h"

static enum status print(void (*write)(struct out *out))
{
    struct out out;
    struct error error = {0};
    out_init_file(&out, STDOUT_FILENO);
    write(&out);
    int result = out_finish(&out, &error);
    out_release(&out);
    if (result == 0)
        return STATUS_OK;
    out_error("standard output", &error);
    return STATUS_TROUBLE;
}

static enum status cmd_help(const struct options *options)
{
    return print(options_help);
}

static void write_version(struct out *out)
{
    out_string(out, "pstat " PROFSTAT_VERSION "\n");
}

static enum status cmd_version(const struct options *options)
{
    return print(write_version);
}

/* Both are about the same files, whatever is the newest one once the report is written. */
static enum status report_and_push(const struct options *options, const char *const *files, size_t count)
{
    struct options named = *options;
    named.files = (const char **)files;
    named.file_count = count;
    enum status reported = cmd_report(&named);
    if (reported == STATUS_TROUBLE)
        return reported;
    enum status pushed = cmd_push(&named);
    return pushed > reported ? pushed : reported;
}

static enum status cmd_push_too(const struct options *options)
{
    return options->output ? with_files(options, report_and_push) : cmd_push(options);
}

static enum status (*const commands[])(const struct options *options) = {
    [COMMAND_REPORT] = cmd_report,
    [COMMAND_DIFF] = cmd_diff,
    [COMMAND_CHECK] = cmd_check,
    [COMMAND_TREND] = cmd_trend,
    [COMMAND_BROWSE] = cmd_browse,
    [COMMAND_PUSH] = cmd_push_too,
    [COMMAND_HELP] = cmd_help,
    [COMMAND_VERSION] = cmd_version,
};

/* Without this a file could be opened where a standard stream was closed, and be written to in its stead.  These are
 * opened the wrong way round, so that using them fails as if they were closed. */
static void occupy_standard_streams(void)
{
    for (int fd = 0; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) < 0)
            return;
}

/* A profile is mapped while it is read.  Its pages are gone when it is cut short meanwhile, as by a profiler that
 * writes it in place; nothing has been put out at that time. */
static void give_up(int number)
{
    static const char message[] = "pstat: a file became shorter while it was read\n";
    ssize_t written = write(STDERR_FILENO, message, sizeof message - 1);
    (void)written;
    _exit(STATUS_TROUBLE);
}

/* Memory that is freed here is soon needed again, file after file, so that none of it is given back to the system: to
 * get it anew costs more than all that is done with it. */
static void keep_memory(void)
{
#ifdef M_MMAP_THRESHOLD
    mallopt(M_MMAP_THRESHOLD, INT_MAX);
    mallopt(M_TRIM_THRESHOLD, INT_MAX);
#endif
}

static enum status refuse_usage(const char *about, const struct error *error)
{
    out_error(about, error);
    fputs("Try 'pstat --help'.\n", stderr);
    return STATUS_TROUBLE;
}

int main(int argc, char **argv)
{
    struct options options;
    struct error error = {0};
    const char *about;

    occupy_standard_streams();
    signal(SIGPIPE, SIG_IGN); /* writing fails instead, and is reported */
    signal(SIGXFSZ, SIG_IGN); /* so does a file that grows beyond a limit */
    signal(SIGBUS, give_up);
    keep_memory();
    if (options_init(&options, argc, argv, &about, &error) < 0)
        return refuse_usage(about, &error);
    enum status status = commands[options.command](&options);
    options_release(&options);
    return (int)status;
}
