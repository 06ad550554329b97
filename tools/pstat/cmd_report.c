#include "cmd_report.h"

#include <unistd.h>

#include "deliver.h"
#include "load.h"
#include "statfile.h"
#include "strip.h"

/* All that a report borrows. */
struct work {
    const struct options *options;
    struct load load;
    uint32_t *top_level;
    struct suspensions suspensions;
    struct order order;
    struct section *sections;
    struct report report;
};

static bool is_entry_point(const struct profile *profile, const struct function *function)
{
    for (size_t i = 0; i < function->caller_count; i++)
        if (label_marks_entry_points(&profile->functions[function->callers[i].function].label))
            return true;
    return false;
}

/* pstats marks entry points by a caller of this name, which only very old profiles have. */
static int find_top_level(struct work *work, struct error *error)
{
    const struct profile *profile = &work->load.sum;
    work->top_level = allocator_resize(profile->allocator, NULL, profile->function_count + 1, sizeof *work->top_level);
    if (!work->top_level)
        return error_set_memory(error);
    for (uint32_t i = 0; i < profile->function_count; i++)
        if (is_entry_point(profile, &profile->functions[i]))
            work->top_level[work->report.top_level_count++] = i;
    return 0;
}

/* Functions may have become one. */
static int move_top_level(struct work *work, const uint32_t *moved, struct error *error)
{
    bool *seen = allocator_zeroed(&allocator_large_pages, work->load.sum.function_count + 1, sizeof *seen);
    size_t count = work->report.top_level_count;
    if (!seen)
        return error_set_memory(error);
    work->report.top_level_count = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t position = moved[work->top_level[i]];
        if (!seen[position])
            work->top_level[work->report.top_level_count++] = position;
        seen[position] = true;
    }
    allocator_free(&allocator_large_pages, seen);
    return 0;
}

static int strip(struct work *work, struct error *error)
{
    struct profile *profile = &work->load.sum;
    uint32_t *moved = allocator_resize(&allocator_large_pages, NULL, profile->function_count + 1, sizeof *moved);
    if (!moved)
        return error_set_memory(error);
    int result = strip_directories(profile, moved, error);
    if (result == 0 && work->report.top_level_count > 0)
        result = move_top_level(work, moved, error);
    allocator_free(&allocator_large_pages, moved);
    return result;
}

static bool has_section(const struct options *options, enum section_kind kind)
{
    for (size_t i = 0; i < options->section_count; i++)
        if (options->sections[i].kind == kind)
            return true;
    return false;
}

static bool needs_suspensions(const struct options *options)
{
    return has_section(options, SECTION_ASYNC) || order_keys_need_suspensions(options->keys, options->key_count);
}

static int find_suspensions(struct work *work, struct error *error)
{
    if (!needs_suspensions(work->options))
        return 0;
    if (suspensions_init(&work->suspensions, &work->load.sum, error) < 0)
        return -1;
    work->order.suspensions = work->suspensions.list;
    work->report.suspensions = &work->suspensions;
    return 0;
}

static int make_section(struct work *work, const struct section_request *request, struct error *error)
{
    struct section *section = &work->sections[work->report.section_count];
    const bool *among = request->kind == SECTION_ASYNC ? work->suspensions.suspended : NULL;
    section->kind = request->kind;
    if (listing_init(&section->listing, &work->order, among, request->restrictions, request->restriction_count, error) <
        0)
        return -1;
    work->report.section_count++;
    return 0;
}

static int make_sections(struct work *work, struct error *error)
{
    const struct options *options = work->options;
    work->sections = allocator_resize(&allocator_large_pages, NULL, options->section_count, sizeof *work->sections);
    if (!work->sections)
        return error_set_memory(error);
    if (order_init(&work->order, &work->load.sum, options->keys, options->key_count, options->reverse, error) < 0 ||
        find_suspensions(work, error) < 0)
        return -1;
    for (size_t i = 0; i < options->section_count; i++)
        if (make_section(work, &options->sections[i], error) < 0)
            return -1;
    return 0;
}

static int make_report(struct work *work, struct error *error)
{
    struct report *report = &work->report;
    report->sources = work->load.sources;
    report->source_count = work->load.count;
    report->profile = &work->load.sum;
    report->total = work->load.total;
    report->columns = &work->options->columns;
    report->unit = work->options->unit;
    report->keys = work->options->keys;
    report->key_count = work->options->key_count;
    report->thread = work->options->thread;
    report->output = work->options->output;
    report->picture = &work->options->picture;
    unsigned takes = work->options->exporter->takes;
    if (takes & TAKES_ROWS && find_top_level(work, error) < 0)
        return -1;
    if (takes & TAKES_DIRECTORIES && !work->options->keep_directories && strip(work, error) < 0)
        return -1;
    if (takes & TAKES_ROWS && make_sections(work, error) < 0)
        return -1;
    report->top_level = work->top_level;
    report->sections = work->sections;
    return 0;
}

static void release(struct work *work)
{
    for (size_t i = 0; i < work->report.section_count; i++)
        listing_release(&work->sections[i].listing);
    order_release(&work->order);
    suspensions_release(&work->suspensions);
    load_release(&work->load);
    allocator_free(&allocator_large_pages, work->sections);
    allocator_free(&allocator_large_pages, work->top_level);
}

static void note_no_coroutines(const struct work *work)
{
    const char *why = "the program ran none that did";
    if (profile_paths_are_cut(&work->load.sum))
        why = "the call paths are cut";
    else if (work->load.sum.tree_count == 0)
        why = "there are no call paths, which would say so";
    out_note("no coroutine waited: %s", why);
}

/* The word behind --callers is its pattern, even where it was meant for a profile or a folder. */
static void note_words_that_are_files(const struct options *options)
{
    for (size_t i = 0; i < options->section_count; i++) {
        const struct section_request *section = &options->sections[i];
        if (section->word && access(section->word, F_OK) == 0)
            out_note("'%s' was taken for the pattern of %s; to read it, write it first: pstat %s %s", section->word,
                     section->option, section->word, section->option);
    }
}

static enum status note_nothing(const struct options *options, const struct listing *listing)
{
    enum status status = note_if_nothing_is_left(listing);
    if (status != STATUS_OK && options->file_count > 0)
        note_words_that_are_files(options);
    return status;
}

static enum status conclude(const struct work *work)
{
    for (size_t i = 0; i < work->report.section_count; i++) {
        const struct section *section = &work->sections[i];
        if (section->kind == SECTION_ASYNC && section->listing.listed_count == 0) {
            note_no_coroutines(work);
            return STATUS_NOTHING;
        }
        if (note_nothing(work->options, &section->listing) != STATUS_OK)
            return STATUS_NOTHING;
    }
    return STATUS_OK;
}

/* What a thread and what coroutines did is in the call paths. */
static unsigned wanted_parts(const struct options *options)
{
    bool edges = has_section(options, SECTION_CALLERS) || has_section(options, SECTION_CALLEES);
    return options->exporter->parts | (edges ? STATFILE_EDGES : 0) | (needs_suspensions(options) ? STATFILE_RECORD : 0);
}

static enum status report_files(const struct options *options, const char *const *files, size_t count)
{
    struct work whole = {.options = options}, *work = &whole;
    struct error error = {0};
    const char *about = NULL;
    enum status status = STATUS_TROUBLE;
    work->order.names.allocator = &allocator_large_pages;
    work->suspensions.allocator = &allocator_large_pages;
    if (read_files(options, &work->load, files, count, wanted_parts(options), &about, &error) < 0 ||
        make_report(work, &error) < 0) {
        out_error(about, &error);
    } else {
        status = deliver(options, &work->report);
        status = status == STATUS_OK ? conclude(work) : status;
    }
    release(work);
    return status;
}

enum status cmd_report(const struct options *options)
{
    if (options->file_count == 0)
        note_words_that_are_files(options);
    return with_files(options, report_files);
}
