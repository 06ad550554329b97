/* Trees of several threads and processes become one: equal paths are one node, found by a map from (parent,
 * function). */
#include "paths.h"

#include <string.h>

struct step {
    uint32_t parent;
    uint32_t function;
    const struct string *thread;
};

static bool is_step(const void *array, uint32_t position, const void *key)
{
    const struct path *node = (const struct path *)array + position;
    const struct step *step = key;
    return node->parent == step->parent && node->function == step->function && node->thread == step->thread;
}

static uint32_t append(struct paths *paths, const struct step *step)
{
    if (paths->count >= PATHS_NONE - 1 || allocator_reserve(paths->allocator, &paths->nodes, &paths->capacity,
                                                            (size_t)paths->count + 1, sizeof *paths->nodes) < 0)
        return PATHS_NONE;
    paths->nodes[paths->count] = (struct path){.parent = step->parent,
                                               .function = step->function,
                                               .thread = step->thread,
                                               .first_child = PATHS_NONE,
                                               .next_sibling = PATHS_NONE};
    return paths->count++;
}

void paths_begin(struct paths *paths, const struct profile *profile)
{
    *paths = (struct paths){.allocator = profile->allocator, .function_count = profile->function_count};
    index_map_init(&paths->by_step, paths->allocator);
}

void paths_release(struct paths *paths)
{
    index_map_release(&paths->by_step);
    allocator_free(paths->allocator, paths->nodes);
    paths->nodes = NULL;
    paths->count = 0;
}

static uint32_t hash_of(const struct step *step)
{
    return hash_mix(((uint64_t)step->parent << 32 | step->function) ^ (step->thread ? step->thread->hash : 0));
}

int paths_reopen(struct paths *paths)
{
    for (uint32_t i = 0; i < paths->count; i++) {
        struct path *node = &paths->nodes[i];
        const struct step step = {node->parent, node->function, node->thread};
        if (index_map_add(&paths->by_step, hash_of(&step), i) < 0)
            return -1;
        node->total = 0;
        node->first_child = node->next_sibling = PATHS_NONE;
    }
    return 0;
}

uint32_t paths_step(struct paths *paths, uint32_t parent, uint32_t function, const struct string *thread)
{
    struct step step = {parent, function, thread};
    uint32_t hash = hash_of(&step);
    uint32_t found = index_map_find(&paths->by_step, hash, is_step, paths->nodes, &step);
    if (found != INDEX_MAP_NONE)
        return found;
    found = append(paths, &step);
    return found == PATHS_NONE || index_map_add(&paths->by_step, hash, found) < 0 ? PATHS_NONE : found;
}

static int64_t sum_within(int64_t a, int64_t b)
{
    int64_t sum;
    return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum;
}

void paths_count(struct path *node, int64_t calls, int64_t self)
{
    node->calls = sum_within(node->calls, calls > 0 ? calls : 0);
    node->self = sum_within(node->self, self > 0 ? self : 0);
}

void paths_finish(struct paths *paths)
{
    for (uint32_t i = paths->count; i-- > 0;) {
        struct path *node = &paths->nodes[i];
        node->total = sum_within(node->total, node->self);
        if (node->parent == PATHS_NONE)
            continue;
        struct path *parent = &paths->nodes[node->parent];
        node->next_sibling = parent->first_child;
        parent->first_child = i;
        parent->total = sum_within(parent->total, node->total);
    }
    index_map_release(&paths->by_step);
}

bool paths_are_recorded(const struct profile *profile)
{
    static const char cut[] = "cut";
    const struct fact *fact = profile_fact(profile, "paths");
    if (fact && fact->kind == FACT_TEXT && strcmp(fact->text->bytes, cut) == 0)
        return false;
    for (size_t i = 0; i < profile->tree_count; i++)
        if (!path_tree_column(&profile->trees[i], PATH_CALLS) || !path_tree_column(&profile->trees[i], PATH_SELF))
            return false;
    return profile->tree_count > 0;
}

static bool has_several_threads(const struct profile *profile)
{
    for (size_t i = 1; i < profile->tree_count; i++)
        if (profile->trees[i].thread != profile->trees[0].thread)
            return true;
    return false;
}

/* moved[i] becomes where node i of the tree is found. */
static int add_nodes(struct paths *paths, const struct path_tree *tree, uint32_t top, uint32_t *moved)
{
    const int64_t *calls = path_tree_column(tree, PATH_CALLS), *self = path_tree_column(tree, PATH_SELF);
    for (uint32_t i = 0; i < tree->count; i++) {
        uint32_t parent = tree->parent[i] == PROFILE_NO_PARENT ? top : moved[tree->parent[i]];
        moved[i] = paths_step(paths, parent, tree->function[i], NULL);
        if (moved[i] == PATHS_NONE)
            return -1;
        paths_count(&paths->nodes[moved[i]], calls[i], self[i]);
    }
    return 0;
}

static int add_tree(struct paths *paths, const struct path_tree *tree, bool by_thread)
{
    uint32_t top = by_thread && tree->thread ? paths_step(paths, 0, PATHS_NONE, tree->thread) : 0;
    uint32_t *moved = allocator_resize(paths->allocator, NULL, (size_t)tree->count + 1, sizeof *moved);
    int result = moved && top != PATHS_NONE ? add_nodes(paths, tree, top, moved) : -1;
    allocator_free(paths->allocator, moved);
    return result;
}

static int add_trees(struct paths *paths, const struct profile *profile, bool by_thread, struct error *error)
{
    for (size_t i = 0; i < profile->tree_count; i++)
        if (add_tree(paths, &profile->trees[i], by_thread) < 0)
            return error_set_memory(error);
    return 0;
}

static int init(struct paths *paths, const struct profile *profile, bool estimated, bool by_thread,
                double smallest_share, struct error *error)
{
    paths_begin(paths, profile);
    paths->recorded = profile->tree_count > 0;
    paths->estimated = estimated;
    int result = paths_step(paths, PATHS_NONE, PATHS_NONE, NULL) == PATHS_NONE ? error_set_memory(error) : 0;
    if (result == 0)
        result = estimated ? paths_estimate(paths, profile, smallest_share, error)
                           : add_trees(paths, profile, by_thread, error);
    if (result == 0)
        paths_finish(paths);
    else
        paths_release(paths);
    return result;
}

int paths_init(struct paths *paths, const struct profile *profile, double smallest_share, struct error *error)
{
    return init(paths, profile, !paths_are_recorded(profile), has_several_threads(profile), smallest_share, error);
}

int paths_init_added(struct paths *paths, const struct profile *profile, bool estimated, double smallest_share,
                     struct error *error)
{
    return init(paths, profile, estimated || !paths_are_recorded(profile), false, smallest_share, error);
}

static uint32_t merge_siblings(struct path *nodes, uint32_t a, uint32_t b)
{
    uint32_t first = PATHS_NONE, *end = &first;
    while (a != PATHS_NONE && b != PATHS_NONE) {
        uint32_t *from = nodes[b].total > nodes[a].total ? &b : &a;
        *end = *from;
        end = &nodes[*from].next_sibling;
        *from = *end;
    }
    *end = a != PATHS_NONE ? a : b;
    return first;
}

/* Merge sort of a list; runs[i] is sorted and has 2^i nodes, or none. */
static uint32_t sort_siblings(struct path *nodes, uint32_t list)
{
    uint32_t runs[32];
    memset(runs, 0xFF, sizeof runs);
    while (list != PATHS_NONE) {
        uint32_t run = list;
        size_t i = 0;
        list = nodes[run].next_sibling;
        nodes[run].next_sibling = PATHS_NONE;
        for (; runs[i] != PATHS_NONE; i++) {
            run = merge_siblings(nodes, runs[i], run);
            runs[i] = PATHS_NONE;
        }
        runs[i] = run;
    }
    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++)
        list = merge_siblings(nodes, runs[i], list);
    return list;
}

void paths_sort(struct paths *paths)
{
    for (uint32_t i = 0; i < paths->count; i++)
        paths->nodes[i].first_child = sort_siblings(paths->nodes, paths->nodes[i].first_child);
}
