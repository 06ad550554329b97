#include "cmd_browse.h"

#include <stdio.h>

#include "browse.h"
#include "deliver.h"
#include "screen.h"
#include "statfile.h"
#include "utf8.h"

enum { TITLE_SIZE = 400 };

static void make_title(const struct load *load, const struct options *options, char title[TITLE_SIZE])
{
    const char *more = load->count > 1 ? " and more" : "", *thread = options->thread;
    const struct time_unit *unit = options->unit;
    int64_t calls = load->total.ncalls;
    const char *path = load->sources[0].path;
    snprintf(title, TITLE_SIZE, "%.*s%s%s%.*s: %lld %s in %.*f %s", utf8_fitting(path, 150), path, more,
             thread ? ", thread " : "", thread ? utf8_fitting(thread, 100) : 0, thread ? thread : "",
             (long long)calls, calls == 1 ? "call" : "calls", unit->decimals,
             load->total.tottime * unit->per_second, unit->title);
}

static int browse_profile(const struct load *load, const struct options *options, struct error *error)
{
    struct browse browse;
    char title[TITLE_SIZE];
    if (browse_init(&browse, &load->sum, error) < 0)
        return -1;
    make_title(load, options, title);
    int result = screen_run(&browse, options->unit, title, error);
    browse_release(&browse);
    return result;
}

static enum status browse_files(const struct options *options, const char *const *files, size_t count)
{
    struct error error = {0};
    const char *about = NULL;
    struct load load;
    int result = read_stripped(options, &load, files, count, STATFILE_EDGES, &about, &error);
    if (result == 0) {
        result = browse_profile(&load, options, &error);
        load_release(&load);
    }
    if (result < 0)
        out_error(about, &error);
    return result < 0 ? STATUS_TROUBLE : STATUS_OK;
}

enum status cmd_browse(const struct options *options)
{
    return with_files(options, browse_files);
}
