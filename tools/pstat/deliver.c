#include "deliver.h"

#include <sys/stat.h>
#include <unistd.h>

#include "out.h"
#include "pager.h"
#include "progress.h"
#include "statfile.h"
#include "strip.h"

static void tell_progress(void *context, size_t done, size_t count)
{
    (void)context;
    progress_count(done, count);
}

/* What leaves files out. */
struct leaving {
    const struct options *options;
    size_t count;
};

/* Folders that had profiles have been opened, but for that of --diff, which is not to be one. */
static void explain_folder(const struct options *options, const char *path, struct error *error)
{
    struct stat status;
    if (stat(path, &status) == 0 && S_ISDIR(status.st_mode))
        error_set(error, ERROR_ARGUMENT, ERROR_NO_OFFSET,
                  path == options->base ? "is a directory; --diff compares with one file" : "no *.stat in it");
}

static void tell_left_out(void *context, const char *path, const struct error *error)
{
    struct leaving *leaving = context;
    struct error reason = *error;
    explain_folder(leaving->options, path, &reason);
    progress_clear();
    out_error(path, &reason);
    leaving->count++;
}

int read_files(const struct options *options, struct load *load, const char *const *files, size_t count, unsigned parts,
               const char **about, struct error *error)
{
    struct leaving leaving = {.options = options};
    const struct load_watch watch = {
        .context = &leaving, .progress = tell_progress, .left_out = options->skip_bad ? tell_left_out : NULL};
    struct selection selection = {
        .parts = options->thread ? STATFILE_ALL : parts, .thread = options->thread, .watch = &watch};
    progress_begin("reading", count == 1 ? files[0] : "files");
    int result = load_init(load, files, count, selection, &allocator_large_pages, about, error);
    progress_end();
    if (result < 0 && *about)
        explain_folder(options, *about, error);
    if (result == 0 && leaving.count > 0)
        out_note("%zu of %zu files left out", leaving.count, count);
    return result;
}

int read_stripped(const struct options *options, struct load *load, const char *const *files, size_t count,
                  unsigned parts, const char **about, struct error *error)
{
    if (read_files(options, load, files, count, parts, about, error) < 0)
        return -1;
    bool strips = options->exporter->takes & TAKES_DIRECTORIES && !options->keep_directories;
    return strips ? strip_directories(&load->sum, NULL, error) : 0;
}

/* Whether one of several files that the report counts is written to: a sum that is made a second time. */
static bool counts_output(const struct options *options, const struct report *report)
{
    struct stat output, source;
    if (report->source_count < 2 || stat(options->output, &output) < 0)
        return false;
    for (size_t i = 0; i < report->source_count; i++)
        if (stat(report->sources[i].path, &source) == 0 && source.st_dev == output.st_dev &&
            source.st_ino == output.st_ino)
            return true;
    return false;
}

/* A named file appears whole or not at all. */
static int write_file(const struct options *options, const struct report *report, struct error *error)
{
    struct out out;
    bool counted = counts_output(options, report);
    out_init_memory(&out);
    progress_begin("writing", options->output);
    int result = options->exporter->write(report, &out, error);
    if (result == 0)
        result = out_finish(&out, error);
    if (result == 0)
        result = statfile_store(options->output, out.buffer.data, out.buffer.size, error);
    progress_end();
    out_release(&out);
    if (result == 0 && counted)
        out_note("%s is written to and counted as well", options->output);
    return result;
}

/* On the terminal. */
static int show(const struct out *whole, struct error *error)
{
    const char *text = (const char *)whole->buffer.data;
    struct out out;
    if (pager_wanted(text, whole->buffer.size) && pager_show(text, whole->buffer.size))
        return 0;
    out_init_file(&out, STDOUT_FILENO);
    out_bytes(&out, text, whole->buffer.size);
    int result = out_finish(&out, error);
    out_release(&out);
    return result;
}

static int write_stdout(const struct options *options, const struct report *report, struct error *error)
{
    const struct exporter *exporter = options->exporter;
    struct out out;
    if (exporter->binary && isatty(STDOUT_FILENO))
        return error_set(error, ERROR_ARGUMENT, ERROR_NO_OFFSET, "a terminal; use -o to write format %s to a file",
                         exporter->name);
    out_init_file(&out, STDOUT_FILENO);
    if (out.terminal)
        out.fd = -1; /* how much it is decides where it goes */
    progress_begin("writing format", exporter->name);
    int result = exporter->write(report, &out, error);
    if (result == 0)
        result = out_finish(&out, error);
    progress_end();
    if (result == 0 && out.terminal)
        result = show(&out, error);
    out_release(&out);
    return result;
}

static enum status refuse_output(const char *output, const struct error *error)
{
    bool nothing = error->code == ERROR_NOTHING;
    out_error(nothing ? NULL : output ? output : "standard output", error);
    return nothing ? STATUS_NOTHING : STATUS_TROUBLE;
}

enum status deliver(const struct options *options, const struct report *report)
{
    struct error error = {0};
    int result = options->output ? write_file(options, report, &error) : write_stdout(options, report, &error);
    return result < 0 ? refuse_output(options->output, &error) : STATUS_OK;
}

static enum status with_newest(const struct options *options, work_on_files *work)
{
    struct error error = {0};
    char *newest = load_newest(".stat", &allocator_large_pages, &error);
    if (!newest) {
        out_error(NULL, &error);
        return STATUS_TROUBLE;
    }
    if (isatty(STDERR_FILENO))
        out_note("reading %s", newest);
    enum status status = work(options, &(const char *){newest}, 1);
    allocator_free(&allocator_large_pages, newest);
    return status;
}

enum status with_files(const struct options *options, work_on_files *work)
{
    return options->file_count ? work(options, options->files, options->file_count) : with_newest(options, work);
}

enum status note_if_nothing_is_left(const struct listing *listing)
{
    if (listing->count > 0 || listing->listed_count == 0)
        return STATUS_OK;
    out_note("nothing matched: the restrictions leave none of %zu functions", listing->listed_count);
    return STATUS_NOTHING;
}
