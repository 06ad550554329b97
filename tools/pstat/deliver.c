#include "deliver.h"

#include <unistd.h>

#include "load.h"
#include "out.h"
#include "statfile.h"

/* A named file appears whole or not at all. */
static int write_file(const struct options *options, const struct report *report, struct error *error)
{
    struct out out;
    out_init_memory(&out);
    int result = options->exporter->write(report, &out, error);
    if (result == 0)
        result = out_finish(&out, error);
    if (result == 0)
        result = statfile_store(options->output, out.buffer.data, out.buffer.size, error);
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
    int result = exporter->write(report, &out, error);
    if (result == 0)
        result = out_finish(&out, error);
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
