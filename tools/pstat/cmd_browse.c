#include "cmd_browse.h"

#include <stdio.h>

#include "browse.h"
#include "deliver.h"
#include "screen.h"
#include "statfile.h"

enum { TITLE_SIZE = 400 };

static void make_title(const struct load *load, const struct time_unit *unit, char title[TITLE_SIZE])
{
    const char *more = load->count > 1 ? " and more" : "";
    snprintf(title, TITLE_SIZE, "%.250s%s: %lld calls in %.*f %s", load->sources[0].path, more,
             (long long)load->total.ncalls, unit->decimals, load->total.tottime * unit->per_second, unit->title);
}

static int browse_profile(const struct load *load, const struct time_unit *unit, struct error *error)
{
    struct browse browse;
    char title[TITLE_SIZE];
    if (browse_init(&browse, &load->sum, error) < 0)
        return -1;
    make_title(load, unit, title);
    int result = screen_run(&browse, unit, title, error);
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
        result = browse_profile(&load, options->unit, &error);
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
