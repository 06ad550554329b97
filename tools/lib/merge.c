#include "merge.h"

#include <string.h>

/* More nodes than this have no number. */
#define PATH_LIMIT (PROFILE_NO_PARENT - 1)

static int note_listed(struct merge *merge, uint32_t position)
{
    if (allocator_reserve(merge->sum->allocator, &merge->listed, &merge->listed_capacity, merge->listed_count + 1,
                          sizeof *merge->listed) < 0)
        return -1;
    merge->listed[merge->listed_count++] = position;
    return 0;
}

void merge_begin(struct merge *merge, struct profile *sum, uint32_t path_limit)
{
    *merge = (struct merge){.sum = sum};
    summing_init(&merge->summing, sum);
    merge->summing.from_zero = true;
    fact_merge_init(&merge->facts, sum->allocator);
    path_sum_init(&merge->paths, sum, path_limit);
}

int merge_init(struct merge *merge, struct profile *sum, struct error *error)
{
    merge_begin(merge, sum, PATH_LIMIT);
    for (uint32_t i = 0; i < sum->function_count; i++)
        if (sum->functions[i].listed && note_listed(merge, i) < 0)
            return error_set_memory(error);
    if (fact_merge_add(&merge->facts, sum) < 0)
        return error_set_memory(error);
    if (path_sum_fold(&merge->paths, error) < 0)
        return -1;
    return summing_resume(&merge->summing, error);
}

static uint32_t copy_label(struct profile *sum, const struct label *label)
{
    const struct string *file = string_pool_intern_string(&sum->strings, label->file);
    const struct string *name = string_pool_intern_string(&sum->strings, label->name);
    return file && name ? profile_function(sum, file, label->line, name) : PROFILE_NO_FUNCTION;
}

static int copy_labels(struct merge *merge, const struct profile *source)
{
    if (allocator_reserve(merge->sum->allocator, &merge->moved, &merge->moved_capacity, source->function_count,
                          sizeof *merge->moved) < 0)
        return -1;
    for (size_t i = 0; i < source->function_count; i++) {
        uint32_t position = copy_label(merge->sum, &source->functions[i].label);
        if (position == PROFILE_NO_FUNCTION)
            return -1;
        merge->moved[i] = position;
        if (source->functions[i].listed && !merge->sum->functions[position].listed && note_listed(merge, position) < 0)
            return -1;
    }
    return 0;
}

int merge_add(struct merge *merge, const struct profile *source, struct error *error)
{
    if (copy_labels(merge, source) < 0)
        return error_set_memory(error);
    for (size_t i = 0; i < source->tree_count; i++)
        if (path_sum_add(&merge->paths, &source->trees[i], merge->moved, error) < 0)
            return -1;
    if (fact_merge_add(&merge->facts, source) < 0)
        return error_set_memory(error);
    return summing_add(&merge->summing, source, merge->moved, error);
}

int merge_set_facts(struct merge *merge, struct error *error)
{
    static const char cut[] = "cut";
    if (fact_merge_finish(&merge->facts, merge->sum) < 0 ||
        (merge->paths.cut && profile_set_text(merge->sum, "paths", cut, strlen(cut)) < 0))
        return error_set_memory(error);
    return 0;
}

int merge_finish(struct merge *merge, struct error *error)
{
    if (profile_move_to_front(merge->sum, merge->listed, merge->listed_count) < 0)
        return error_set_memory(error);
    return merge_set_facts(merge, error);
}

void merge_release(struct merge *merge)
{
    summing_release(&merge->summing);
    fact_merge_release(&merge->facts);
    path_sum_release(&merge->paths);
    allocator_free(merge->sum->allocator, merge->moved);
    allocator_free(merge->sum->allocator, merge->listed);
    merge->moved = merge->listed = NULL;
}
