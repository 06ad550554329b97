/* One profile is in memory at a time; what is kept of it is a number for each function. */
#include "cmd_trend.h"

#include <string.h>

#include "deliver.h"
#include "load.h"
#include "progress.h"
#include "statfile.h"
#include "trend.h"

/* All that the report borrows. */
struct work {
    const struct options *options;
    struct trend trend;
    struct source *sources; /* those that were read, in their order */
    size_t count;
    size_t left_out;
    struct order order;
    struct section section;
};

/* What the first key is about, if it is about a number. */
static enum trend_measure measure_for(const struct options *options)
{
    const char *title = options->keys[0]->title;
    if (strcmp(title, order_key_find("calls", NULL)->title) == 0)
        return TREND_NCALLS;
    return strcmp(title, order_key_find("time", NULL)->title) == 0 ? TREND_TOTTIME : TREND_CUMTIME;
}

/* When the program ran, if the profile knows, else when the file was written. */
static double time_of(const struct load *load)
{
    const struct fact *started = profile_fact(&load->sum, "started");
    if (started && started->kind == FACT_REAL)
        return started->real;
    return (double)load->sources[0].modified;
}

static int add_file(struct work *work, const char *path, struct error *error)
{
    struct options options = *work->options;
    struct load load;
    const char *about;
    options.skip_bad = false;
    if (read_stripped(&options, &load, &path, 1, STATFILE_RECORD, &about, error) < 0)
        return -1;
    work->sources[work->count++] = load.sources[0];
    int result = trend_add(&work->trend, &load.sum, time_of(&load), error);
    load_release(&load);
    return result;
}

static int add_files(struct work *work, const char *const *files, size_t count, const char **about,
                     struct error *error)
{
    for (size_t i = 0; i < count; i++) {
        *about = files[i];
        progress_count(i, count);
        if (add_file(work, files[i], error) == 0)
            continue;
        if (!work->options->skip_bad || error->code == ERROR_MEMORY)
            return -1;
        progress_clear();
        out_error(files[i], error);
        work->left_out++;
    }
    *about = NULL;
    progress_clear();
    if (work->left_out > 0)
        out_note("%zu of %zu files left out", work->left_out, count);
    if (work->count > 0)
        return 0;
    return error_set(error, ERROR_ARGUMENT, ERROR_NO_OFFSET, "none of the files can be read");
}

/* Growth stands where an order looks for the cumulative time. */
static int list_rows(struct work *work, struct error *error)
{
    static const struct order_key *keys[1];
    const struct section_request *request = &work->options->sections[0];
    keys[0] = order_key_find("cumulative", NULL);
    trend_finish(&work->trend);
    if (order_init(&work->order, &work->trend.functions, keys, 1, work->options->reverse, error) < 0)
        return -1;
    work->section.kind = SECTION_TREND;
    return listing_init(&work->section.listing, &work->order, NULL, request->restrictions, request->restriction_count,
                        error);
}

static enum status report(const struct work *work)
{
    const struct options *options = work->options;
    const struct report report = {
        .sources = work->sources,
        .source_count = work->count,
        .profile = &work->trend.functions,
        .trend = &work->trend,
        .sections = &work->section,
        .section_count = 1,
        .output = options->output,
    };
    enum status status = deliver(options, &report);
    return status == STATUS_OK ? note_if_nothing_is_left(&work->section.listing) : status;
}

static enum status trend_files(const struct options *options, const char *const *files, size_t count)
{
    const struct allocator *allocator = &allocator_large_pages;
    struct work work = {.options = options};
    struct error error = {0};
    const char *about = NULL;
    enum status status = STATUS_TROUBLE;
    work.order.names.allocator = work.section.listing.allocator = allocator;
    trend_init(&work.trend, measure_for(options), allocator);
    work.sources = allocator_zeroed(allocator, count, sizeof *work.sources);
    progress_begin("reading", "files");
    int result = work.sources ? add_files(&work, files, count, &about, &error) : error_set_memory(&error);
    progress_end();
    if (result == 0)
        result = list_rows(&work, &error);
    if (result < 0)
        out_error(about, &error);
    else
        status = report(&work);
    listing_release(&work.section.listing);
    order_release(&work.order);
    trend_release(&work.trend);
    allocator_free(allocator, work.sources);
    return status;
}

enum status cmd_trend(const struct options *options)
{
    return with_files(options, trend_files);
}
