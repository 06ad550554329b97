#include "merge.h"

#include <string.h>

#include "merge_facts.h"
#include "summing.h"

static uint32_t copy_label(struct profile *sum, const struct label *label)
{
    const struct string *file = string_pool_intern(&sum->strings, label->file->bytes, label->file->size);
    const struct string *name = string_pool_intern(&sum->strings, label->name->bytes, label->name->size);
    return file && name ? profile_function(sum, file, label->line, name) : PROFILE_NO_FUNCTION;
}

static int copy_labels(struct profile *sum, const struct profile *source, bool listed, uint32_t *moved,
                       struct error *error)
{
    for (size_t i = 0; i < source->function_count; i++) {
        if (source->functions[i].listed != listed)
            continue;
        moved[i] = copy_label(sum, &source->functions[i].label);
        if (moved[i] == PROFILE_NO_FUNCTION)
            return error_set_memory(error);
    }
    return 0;
}

static const struct string *copy_string(struct profile *sum, const struct string *string)
{
    return string_pool_intern(&sum->strings, string->bytes, string->size);
}

static int copy_column(struct profile *sum, struct path_column *copy, const struct path_column *column, uint32_t count)
{
    copy->name = copy_string(sum, column->name);
    copy->unit = copy_string(sum, column->unit);
    if (count)
        memcpy(copy->values, column->values, count * sizeof *copy->values);
    return copy->name && copy->unit ? 0 : -1;
}

static int copy_tree(struct profile *sum, const struct path_tree *tree, const uint32_t *moved)
{
    struct path_tree *copy = profile_append_tree(sum, tree->count, tree->column_count);
    if (!copy)
        return -1;
    for (uint32_t i = 0; i < tree->count; i++) {
        copy->parent[i] = tree->parent[i];
        copy->function[i] = moved[tree->function[i]];
    }
    for (size_t i = 0; i < tree->column_count; i++)
        if (copy_column(sum, &copy->columns[i], &tree->columns[i], tree->count) < 0)
            return -1;
    return 0;
}

static int copy_trees(struct profile *sum, const struct profile *source, const uint32_t *moved, struct error *error)
{
    for (size_t i = 0; i < source->tree_count; i++)
        if (copy_tree(sum, &source->trees[i], moved) < 0)
            return error_set_memory(error);
    return 0;
}

/* moved[i][j] is the place in the sum of function j of source i. */
static int fill(struct profile *sum, const struct profile *const *sources, size_t count, uint32_t **moved,
                struct error *error)
{
    /* Listed functions first: their order is that of the dictionary. */
    for (size_t i = 0; i < count; i++)
        if (copy_labels(sum, sources[i], true, moved[i], error) < 0)
            return -1;
    for (size_t i = 0; i < count; i++)
        if (copy_labels(sum, sources[i], false, moved[i], error) < 0 ||
            copy_trees(sum, sources[i], moved[i], error) < 0)
            return -1;

    struct summing summing;
    summing_init(&summing, sum);
    int result = 0;
    for (size_t i = 0; i < count && result == 0; i++) {
        summing.from_zero = i > 0;
        result = summing_add(&summing, sources[i], moved[i], error);
    }
    summing_release(&summing);
    return result == 0 ? merge_facts(sum, sources, count, error) : -1;
}

int merge_profiles(struct profile *sum, const struct profile *const *sources, size_t count, struct error *error)
{
    const struct allocator *allocator = sum->allocator;
    size_t functions = 0;
    for (size_t i = 0; i < count; i++)
        functions += sources[i]->function_count;
    uint32_t **moved = allocator_resize(allocator, NULL, count + 1, sizeof *moved);
    uint32_t *positions = allocator_resize(allocator, NULL, functions + 1, sizeof *positions);
    int result = -1;
    if (!moved || !positions) {
        error_set_memory(error);
        goto out;
    }
    for (size_t i = 0, start = 0; i < count; start += sources[i++]->function_count)
        moved[i] = positions + start;
    result = fill(sum, sources, count, moved, error);
out:
    allocator_free(allocator, positions);
    allocator_free(allocator, moved);
    return result;
}
