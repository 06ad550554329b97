#include "path_sum.h"

#include <string.h>

enum { FIRST_CAPACITY = 64 };

#define LEFT_OUT INDEX_MAP_NONE /* a node beyond the limit, or below one */

struct path {
    uint32_t parent;
    uint32_t function;
};

void path_sum_init(struct path_sum *paths, struct profile *sum, uint32_t limit)
{
    *paths = (struct path_sum){.sum = sum, .limit = limit};
    index_map_init(&paths->by_path, sum->allocator);
}

void path_sum_release(struct path_sum *paths)
{
    index_map_release(&paths->by_path);
    allocator_free(paths->sum->allocator, paths->moved);
    paths->moved = NULL;
}

static bool path_matches(const void *array, uint32_t position, const void *key)
{
    const struct path_tree *tree = array;
    const struct path *path = key;
    return tree->parent[position] == path->parent && tree->function[position] == path->function;
}

static uint32_t path_hash(const struct path *path)
{
    return hash_mix((uint64_t)path->parent << 32 | path->function);
}

static int copy_columns(struct path_sum *paths, struct path_tree *sum, const struct path_tree *tree)
{
    for (size_t i = 0; i < tree->column_count; i++) {
        sum->columns[i].name = string_pool_intern_string(&paths->sum->strings, tree->columns[i].name);
        sum->columns[i].unit = string_pool_intern_string(&paths->sum->strings, tree->columns[i].unit);
        if (!sum->columns[i].name || !sum->columns[i].unit)
            return -1;
    }
    return 0;
}

/* The sum's tree: an empty one at first. */
static struct path_tree *own_tree(struct path_sum *paths, const struct path_tree *tree)
{
    if (paths->sum->tree_count == 0) {
        struct path_tree *sum = profile_append_tree(paths->sum, FIRST_CAPACITY, tree->column_count);
        if (!sum || copy_columns(paths, sum, tree) < 0)
            return NULL;
        sum->count = 0;
        paths->capacity = FIRST_CAPACITY;
    }
    return &paths->sum->trees[0];
}

static int grow_array(const struct path_sum *paths, void *array, uint32_t capacity, size_t size)
{
    size_t room = paths->capacity;
    return allocator_reserve(paths->sum->allocator, array, &room, capacity, size);
}

static int grow(struct path_sum *paths, struct path_tree *sum)
{
    uint32_t capacity = 2 * paths->capacity;
    if (grow_array(paths, &sum->parent, capacity, sizeof *sum->parent) < 0 ||
        grow_array(paths, &sum->function, capacity, sizeof *sum->function) < 0)
        return -1;
    for (size_t i = 0; i < sum->column_count; i++)
        if (grow_array(paths, &sum->columns[i].values, capacity, sizeof *sum->columns[i].values) < 0)
            return -1;
    paths->capacity = capacity;
    return 0;
}

static int add_node(struct path_sum *paths, struct path_tree *sum, const struct path *path, uint32_t hash)
{
    if ((sum->count == paths->capacity && grow(paths, sum) < 0) ||
        index_map_add(&paths->by_path, hash, sum->count) < 0)
        return -1;
    sum->parent[sum->count] = path->parent;
    sum->function[sum->count] = path->function;
    for (size_t i = 0; i < sum->column_count; i++)
        sum->columns[i].values[sum->count] = 0;
    sum->count++;
    return 0;
}

/* Sets *node to the sum's node, added when it is new, or LEFT_OUT.  -1 when memory is short. */
static int find_or_add(struct path_sum *paths, struct path_tree *sum, const struct path *path, uint32_t *node)
{
    uint32_t hash = path_hash(path);
    *node = index_map_find(&paths->by_path, hash, path_matches, sum, path);
    if (*node != LEFT_OUT)
        return 0;
    if (sum->count == paths->limit) {
        paths->cut = true;
        return 0;
    }
    *node = sum->count;
    return add_node(paths, sum, path, hash);
}

static int add_values(struct path_tree *sum, uint32_t node, const struct path_tree *tree, uint32_t source,
                      struct error *error)
{
    for (size_t i = 0; i < sum->column_count; i++) {
        int64_t *value = &sum->columns[i].values[node];
        if (__builtin_add_overflow(*value, tree->columns[i].values[source], value))
            return error_set(error, ERROR_ARGUMENT, ERROR_NO_OFFSET, "more on a call path than 64 bits can count");
    }
    return 0;
}

static int add_nodes(struct path_sum *paths, struct path_tree *sum, const struct path_tree *tree,
                     const uint32_t *functions, struct error *error)
{
    for (uint32_t i = 0; i < tree->count; i++) {
        bool outermost = tree->parent[i] == PROFILE_NO_PARENT;
        struct path path = {outermost ? PROFILE_NO_PARENT : paths->moved[tree->parent[i]],
                            functions[tree->function[i]]};
        uint32_t *node = &paths->moved[i];
        *node = LEFT_OUT;
        if (!outermost && path.parent == LEFT_OUT)
            continue;
        if (find_or_add(paths, sum, &path, node) < 0)
            return error_set_memory(error);
        if (*node != LEFT_OUT && add_values(sum, *node, tree, i, error) < 0)
            return -1;
    }
    return 0;
}

int path_sum_add(struct path_sum *paths, const struct path_tree *tree, const uint32_t *functions, struct error *error)
{
    struct path_tree *sum = own_tree(paths, tree);
    if (!sum || allocator_reserve(paths->sum->allocator, &paths->moved, &paths->moved_capacity, tree->count,
                                  sizeof *paths->moved) < 0)
        return error_set_memory(error);
    return add_nodes(paths, sum, tree, functions, error);
}
