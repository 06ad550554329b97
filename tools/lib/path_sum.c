/* A node of the sum is found by its parent there and its function, so that each node that is added costs one look-up.
 * Parents come before their children in both trees. */
#include "path_sum.h"

#include <string.h>

enum { FIRST_CAPACITY = 64, COLUMN_LIMIT = 64 };

#define LEFT_OUT INDEX_MAP_NONE /* a node beyond the limit, or below one */

struct path {
    uint32_t parent;
    uint32_t function;
};

/* A tree that is being added: to which tree, and which column goes to which. */
struct adding {
    const struct path_tree *tree;
    struct path_tree *sum;
    struct summed_tree *summed;
    uint32_t columns[COLUMN_LIMIT];
};

void path_sum_init(struct path_sum *paths, struct profile *sum, uint32_t limit)
{
    *paths = (struct path_sum){.sum = sum, .limit = limit};
    index_map_init(&paths->by_thread, sum->allocator);
}

void path_sum_release(struct path_sum *paths)
{
    const struct allocator *allocator = paths->sum->allocator;
    for (size_t i = 0; paths->trees && i < paths->by_thread.count; i++)
        index_map_release(&paths->trees[i].by_path);
    index_map_release(&paths->by_thread);
    allocator_free(allocator, paths->trees);
    allocator_free(allocator, paths->moved);
    paths->trees = NULL;
    paths->moved = NULL;
}

static bool thread_matches(const void *trees, uint32_t position, const void *thread)
{
    return ((const struct path_tree *)trees)[position].thread == thread;
}

static uint32_t thread_hash(const struct string *thread)
{
    return thread ? thread->hash : 0;
}

/* An empty tree; its number, or INDEX_MAP_NONE when memory is short. */
static uint32_t begin_tree(struct path_sum *paths, const struct string *thread)
{
    uint32_t number = paths->by_thread.count;
    if (allocator_reserve(paths->sum->allocator, &paths->trees, &paths->tree_capacity, number + 1,
                          sizeof *paths->trees) < 0)
        return INDEX_MAP_NONE;
    struct path_tree *tree = profile_append_tree(paths->sum, FIRST_CAPACITY, 0);
    if (!tree)
        return INDEX_MAP_NONE;
    tree->count = 0;
    tree->thread = thread;
    if (index_map_add(&paths->by_thread, thread_hash(thread), number) < 0)
        return INDEX_MAP_NONE;
    index_map_init(&paths->trees[number].by_path, paths->sum->allocator);
    paths->trees[number].capacity = FIRST_CAPACITY;
    return number;
}

static int find_tree(struct path_sum *paths, struct adding *adding)
{
    const struct string *thread = adding->tree->thread;
    if (thread && !(thread = string_pool_intern_string(&paths->sum->strings, thread)))
        return -1;
    uint32_t number =
        index_map_find(&paths->by_thread, thread_hash(thread), thread_matches, paths->sum->trees, thread);
    if (number == INDEX_MAP_NONE && (number = begin_tree(paths, thread)) == INDEX_MAP_NONE)
        return -1;
    adding->sum = &paths->sum->trees[number];
    adding->summed = &paths->trees[number];
    return 0;
}

static int add_column(struct path_sum *paths, const struct adding *adding, const struct path_column *column)
{
    struct path_tree *sum = adding->sum;
    size_t capacity = sum->column_count;
    if (allocator_reserve(paths->sum->allocator, &sum->columns, &capacity, sum->column_count + 1, sizeof *column) < 0)
        return -1;
    int64_t *values = allocator_zeroed(paths->sum->allocator, adding->summed->capacity, sizeof *values);
    if (!values)
        return -1;
    sum->columns[sum->column_count++] = (struct path_column){column->name, column->unit, values};
    return 0;
}

static int find_column(struct path_sum *paths, struct adding *adding, size_t place, struct error *error)
{
    struct string_pool *strings = &paths->sum->strings;
    const struct path_tree *sum = adding->sum;
    struct path_column wanted = {string_pool_intern_string(strings, adding->tree->columns[place].name),
                                 string_pool_intern_string(strings, adding->tree->columns[place].unit), NULL};
    uint32_t found = 0;
    if (!wanted.name || !wanted.unit)
        return error_set_memory(error);
    while (found < sum->column_count &&
           (sum->columns[found].name != wanted.name || sum->columns[found].unit != wanted.unit))
        found++;
    if (found == COLUMN_LIMIT)
        return error_set(error, ERROR_ARGUMENT, ERROR_NO_OFFSET, "call trees with too many columns to add them up");
    if (found == sum->column_count && add_column(paths, adding, &wanted) < 0)
        return error_set_memory(error);
    adding->columns[place] = found;
    return 0;
}

static int find_columns(struct path_sum *paths, struct adding *adding, struct error *error)
{
    if (adding->tree->column_count > COLUMN_LIMIT)
        return error_set(error, ERROR_ARGUMENT, ERROR_NO_OFFSET, "call trees with too many columns to add them up");
    for (size_t i = 0; i < adding->tree->column_count; i++)
        if (find_column(paths, adding, i, error) < 0)
            return -1;
    return 0;
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

static int grow_array(const struct path_sum *paths, void *array, size_t room, size_t capacity, size_t size)
{
    return allocator_reserve(paths->sum->allocator, array, &room, capacity, size);
}

static int grow(struct path_sum *paths, const struct adding *adding)
{
    struct path_tree *sum = adding->sum;
    uint32_t room = adding->summed->capacity, capacity = room <= UINT32_MAX / 2 ? 2 * room : UINT32_MAX;
    if (grow_array(paths, &sum->parent, room, capacity, sizeof *sum->parent) < 0 ||
        grow_array(paths, &sum->function, room, capacity, sizeof *sum->function) < 0)
        return -1;
    for (size_t i = 0; i < sum->column_count; i++)
        if (grow_array(paths, &sum->columns[i].values, room, capacity, sizeof *sum->columns[i].values) < 0)
            return -1;
    adding->summed->capacity = capacity;
    return 0;
}

static int add_node(struct path_sum *paths, const struct adding *adding, const struct path *path, uint32_t hash)
{
    struct path_tree *sum = adding->sum;
    if ((sum->count == adding->summed->capacity && grow(paths, adding) < 0) ||
        index_map_add(&adding->summed->by_path, hash, sum->count) < 0)
        return -1;
    sum->parent[sum->count] = path->parent;
    sum->function[sum->count] = path->function;
    for (size_t i = 0; i < sum->column_count; i++)
        sum->columns[i].values[sum->count] = 0;
    sum->count++;
    paths->count++;
    return 0;
}

/* Sets *node to the sum's node, added when it is new, or LEFT_OUT.  -1 when memory is short. */
static int find_or_add(struct path_sum *paths, const struct adding *adding, const struct path *path, uint32_t *node)
{
    uint32_t hash = path_hash(path);
    *node = index_map_find(&adding->summed->by_path, hash, path_matches, adding->sum, path);
    if (*node != LEFT_OUT)
        return 0;
    if (paths->count >= paths->limit) {
        paths->cut = true;
        return 0;
    }
    *node = adding->sum->count;
    return add_node(paths, adding, path, hash);
}

static int add_values(const struct adding *adding, uint32_t node, uint32_t source, struct error *error)
{
    for (size_t i = 0; i < adding->tree->column_count; i++) {
        int64_t *value = &adding->sum->columns[adding->columns[i]].values[node];
        if (__builtin_add_overflow(*value, adding->tree->columns[i].values[source], value))
            return error_set(error, ERROR_ARGUMENT, ERROR_NO_OFFSET, "more on a call path than 64 bits can count");
    }
    return 0;
}

static int add_nodes(struct path_sum *paths, const struct adding *adding, const uint32_t *functions,
                     struct error *error)
{
    const struct path_tree *tree = adding->tree;
    for (uint32_t i = 0; i < tree->count; i++) {
        bool outermost = tree->parent[i] == PROFILE_NO_PARENT;
        struct path path = {outermost ? PROFILE_NO_PARENT : paths->moved[tree->parent[i]],
                            functions[tree->function[i]]};
        uint32_t *node = &paths->moved[i];
        *node = LEFT_OUT;
        if (!outermost && path.parent == LEFT_OUT)
            continue;
        if (find_or_add(paths, adding, &path, node) < 0)
            return error_set_memory(error);
        if (*node != LEFT_OUT && add_values(adding, *node, i, error) < 0)
            return -1;
    }
    return 0;
}

int path_sum_add(struct path_sum *paths, const struct path_tree *tree, const uint32_t *functions, struct error *error)
{
    struct adding adding = {.tree = tree};
    if (find_tree(paths, &adding) < 0 || allocator_reserve(paths->sum->allocator, &paths->moved, &paths->moved_capacity,
                                                           tree->count, sizeof *paths->moved) < 0)
        return error_set_memory(error);
    if (find_columns(paths, &adding, error) < 0)
        return -1;
    return add_nodes(paths, &adding, functions, error);
}

/* Takes a tree of the sum for the one of its thread. */
static int adopt_tree(struct path_sum *paths, uint32_t number)
{
    const struct path_tree *tree = &paths->sum->trees[number];
    if (allocator_reserve(paths->sum->allocator, &paths->trees, &paths->tree_capacity, number + 1,
                          sizeof *paths->trees) < 0 ||
        index_map_add(&paths->by_thread, thread_hash(tree->thread), number) < 0)
        return -1;
    struct summed_tree *summed = &paths->trees[number];
    index_map_init(&summed->by_path, paths->sum->allocator);
    summed->capacity = tree->count ? tree->count : 1;
    paths->count += tree->count;
    for (uint32_t i = 0; i < tree->count; i++) {
        struct path path = {tree->parent[i], tree->function[i]};
        if (index_map_add(&summed->by_path, path_hash(&path), i) < 0)
            return -1;
    }
    return 0;
}

static bool has_tree(const struct path_sum *paths, const struct string *thread)
{
    return index_map_find(&paths->by_thread, thread_hash(thread), thread_matches, paths->sum->trees, thread) !=
           INDEX_MAP_NONE;
}

/* The first tree of a thread changes places with one that has been added to another, if there is such a one. */
static int fold_tree(struct path_sum *paths, size_t number, const uint32_t *functions, struct error *error)
{
    struct path_tree *trees = paths->sum->trees, tree = trees[number];
    uint32_t place = paths->by_thread.count;
    if (has_tree(paths, tree.thread))
        return path_sum_add(paths, &trees[number], functions, error);
    trees[number] = trees[place];
    trees[place] = tree;
    return adopt_tree(paths, place) < 0 ? error_set_memory(error) : 0;
}

int path_sum_fold(struct path_sum *paths, struct error *error)
{
    struct profile *sum = paths->sum;
    uint32_t *same = allocator_resize(sum->allocator, NULL, sum->function_count + 1, sizeof *same);
    if (!same)
        return error_set_memory(error);
    for (uint32_t i = 0; i < sum->function_count; i++)
        same[i] = i;
    int result = 0;
    for (size_t i = 0; i < sum->tree_count && result == 0; i++)
        result = fold_tree(paths, i, same, error);
    while (result == 0 && sum->tree_count > paths->by_thread.count)
        profile_remove_tree(sum, sum->tree_count - 1);
    allocator_free(sum->allocator, same);
    return result;
}
