#include "merge.h"

#include <string.h>

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
    *merge = (struct merge){.sum = sum, .path_limit = path_limit};
    summing_init(&merge->summing, sum);
    merge->summing.from_zero = true;
    fact_merge_init(&merge->facts, sum->allocator);
    path_sum_init(&merge->paths, sum, path_limit);
}

int merge_init(struct merge *merge, struct profile *sum, struct error *error)
{
    merge_begin(merge, sum, 0);
    for (uint32_t i = 0; i < sum->function_count; i++)
        if (sum->functions[i].listed && note_listed(merge, i) < 0)
            return error_set_memory(error);
    if (fact_merge_add(&merge->facts, sum) < 0)
        return error_set_memory(error);
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

static int copy_column(struct profile *sum, struct path_column *copy, const struct path_column *column, uint32_t count)
{
    copy->name = string_pool_intern_string(&sum->strings, column->name);
    copy->unit = string_pool_intern_string(&sum->strings, column->unit);
    if (count)
        memcpy(copy->values, column->values, count * sizeof *copy->values);
    return copy->name && copy->unit ? 0 : -1;
}

static int copy_tree(struct merge *merge, const struct path_tree *tree)
{
    struct path_tree *copy = profile_append_tree(merge->sum, tree->count, tree->column_count);
    if (!copy)
        return -1;
    copy->thread = tree->thread ? string_pool_intern_string(&merge->sum->strings, tree->thread) : NULL;
    if (tree->thread && !copy->thread)
        return -1;
    for (uint32_t i = 0; i < tree->count; i++) {
        copy->parent[i] = tree->parent[i];
        copy->function[i] = merge->moved[tree->function[i]];
    }
    for (size_t i = 0; i < tree->column_count; i++)
        if (copy_column(merge->sum, &copy->columns[i], &tree->columns[i], tree->count) < 0)
            return -1;
    return 0;
}

static int add_trees(struct merge *merge, const struct profile *source, struct error *error)
{
    for (size_t i = 0; i < source->tree_count; i++) {
        if (merge->path_limit > 0) {
            if (path_sum_add(&merge->paths, &source->trees[i], merge->moved, error) < 0)
                return -1;
        } else if (copy_tree(merge, &source->trees[i]) < 0) {
            return error_set_memory(error);
        }
    }
    return 0;
}

int merge_add(struct merge *merge, const struct profile *source, struct error *error)
{
    if (copy_labels(merge, source) < 0)
        return error_set_memory(error);
    if (add_trees(merge, source, error) < 0)
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
