#include "suspension.h"

struct columns {
    const int64_t *calls;
    const int64_t *resumes;
    const int64_t *awaited;
};

static int64_t value(const int64_t *column, uint32_t node)
{
    return column ? column[node] : 0;
}

static int add_path(struct suspension *sum, const struct columns *columns, uint32_t node, struct error *error)
{
    int64_t calls = value(columns->calls, node), resumes = value(columns->resumes, node);
    if (resumes < 0 || resumes > calls || __builtin_add_overflow(sum->resumes, resumes, &sum->resumes) ||
        __builtin_add_overflow(sum->starts, calls - resumes, &sum->starts))
        return error_set(error, ERROR_ARGUMENT, ERROR_NO_OFFSET, "numbers of starts and resumes that cannot be");
    sum->awaited += (double)value(columns->awaited, node);
    return 0;
}

static int add_tree(struct suspensions *suspensions, const struct path_tree *tree, struct error *error)
{
    const struct columns columns = {path_tree_column(tree, PATH_CALLS), path_tree_column(tree, PATH_RESUMES),
                                    path_tree_column(tree, PATH_AWAITED)};
    for (uint32_t node = 0; node < tree->count; node++)
        if (add_path(&suspensions->list[tree->function[node]], &columns, node, error) < 0)
            return -1;
    return 0;
}

int suspensions_init(struct suspensions *suspensions, const struct profile *profile, struct error *error)
{
    const struct allocator *allocator = profile->allocator;
    *suspensions = (struct suspensions){.allocator = allocator};
    suspensions->list = allocator_zeroed(allocator, profile->function_count + 1, sizeof *suspensions->list);
    suspensions->suspended = allocator_zeroed(allocator, profile->function_count + 1, sizeof *suspensions->suspended);
    int result = suspensions->list && suspensions->suspended ? 0 : error_set_memory(error);
    for (size_t i = 0; i < profile->tree_count && result == 0; i++)
        result = add_tree(suspensions, &profile->trees[i], error);
    for (size_t i = 0; i < profile->function_count && result == 0; i++) {
        struct suspension *suspension = &suspensions->list[i];
        suspension->awaited /= 1e9;
        suspensions->suspended[i] =
            profile->functions[i].listed && (suspension->resumes > 0 || suspension->awaited > 0);
        suspensions->count += suspensions->suspended[i];
    }
    if (result < 0)
        suspensions_release(suspensions);
    return result;
}

void suspensions_release(struct suspensions *suspensions)
{
    allocator_free(suspensions->allocator, suspensions->list);
    allocator_free(suspensions->allocator, suspensions->suspended);
    suspensions->list = NULL;
    suspensions->suspended = NULL;
}
