/* The changes are a profile themselves as far as orders, restrictions and names are concerned: its numbers are the
 * amounts by which those of the functions changed. */
#include "cmd_diff.h"

#include "deliver.h"
#include "diff.h"
#include "load.h"

/* All that the report borrows. */
struct work {
    const struct options *options;
    struct load now;
    struct load before;
    struct diff diff;
    struct order order;
    struct section section;
};

static int compare(struct work *work, struct error *error)
{
    const struct options *options = work->options;
    const struct section_request *request = &options->sections[0];
    if (diff_init(&work->diff, &work->now.sum, &work->before.sum, options->match_by_name, error) < 0 ||
        order_init(&work->order, &work->diff.changes, options->keys, options->key_count, options->reverse, error) < 0)
        return -1;
    work->section.kind = SECTION_DIFF;
    return listing_init(&work->section.listing, &work->order, NULL, request->restrictions, request->restriction_count,
                        error);
}

static enum status report(const struct work *work)
{
    const struct options *options = work->options;
    const struct report report = {
        .sources = work->now.sources,
        .source_count = work->now.count,
        .total = work->now.total,
        .base = work->before.sources,
        .base_count = work->before.count,
        .base_total = work->before.total,
        .profile = &work->diff.changes,
        .diff = &work->diff,
        .now = &work->now.sum,
        .before = &work->before.sum,
        .unit = options->unit,
        .keys = options->keys,
        .key_count = options->key_count,
        .sections = &work->section,
        .section_count = 1,
        .picture = &options->picture,
        .thread = options->thread,
        .output = options->output,
    };
    enum status status = deliver(options, &report);
    return status == STATUS_OK ? note_if_nothing_is_left(&work->section.listing) : status;
}

static void release(struct work *work)
{
    listing_release(&work->section.listing);
    order_release(&work->order);
    diff_release(&work->diff);
    load_release(&work->before);
    load_release(&work->now);
}

static enum status diff_files(const struct options *options, const char *const *files, size_t count)
{
    const struct allocator *allocator = &allocator_large_pages;
    struct work work = {.options = options};
    struct error error = {0};
    const char *about = NULL;
    enum status status = STATUS_TROUBLE;
    profile_init(&work.diff.changes, allocator);
    work.now.allocator = work.before.allocator = work.order.names.allocator = allocator;
    work.section.listing.allocator = allocator;
    profile_init(&work.now.sum, allocator);
    profile_init(&work.before.sum, allocator);
    unsigned parts = options->exporter->parts;
    if (read_stripped(options, &work.now, files, count, parts, &about, &error) < 0 ||
        read_stripped(options, &work.before, &options->base, 1, parts, &about, &error) < 0 ||
        compare(&work, &error) < 0)
        out_error(about, &error);
    else
        status = report(&work);
    release(&work);
    return status;
}

enum status cmd_diff(const struct options *options)
{
    return with_files(options, diff_files);
}
