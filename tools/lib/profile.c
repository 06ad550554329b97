#include "profile.h"

#include <string.h>

void profile_init(struct profile *profile, const struct allocator *allocator)
{
    *profile = (struct profile){.allocator = allocator};
    string_pool_init(&profile->strings, allocator);
    arena_init(&profile->edges, allocator);
    index_map_init(&profile->by_label, allocator);
}

static void path_tree_release(struct path_tree *tree, const struct allocator *allocator)
{
    for (size_t i = 0; tree->columns && i < tree->column_count; i++)
        allocator_free(allocator, tree->columns[i].values);
    allocator_free(allocator, tree->columns);
    allocator_free(allocator, tree->function);
    allocator_free(allocator, tree->parent);
}

void profile_release(struct profile *profile)
{
    const struct allocator *allocator = profile->allocator;

    for (size_t i = 0; i < profile->tree_count; i++)
        path_tree_release(&profile->trees[i], allocator);
    allocator_free(allocator, profile->functions);
    allocator_free(allocator, profile->trees);
    allocator_free(allocator, profile->facts);
    index_map_release(&profile->by_label);
    string_pool_release(&profile->strings);
    arena_release(&profile->edges);
    profile_init(profile, allocator);
}

bool label_marks_entry_points(const struct label *label)
{
    return label->line == 0 && strcmp(label->file->bytes, "jprofile") == 0 &&
           strcmp(label->name->bytes, "profiler") == 0;
}

uint32_t label_hash_parts(uint32_t file_hash, int64_t line, uint32_t name_hash)
{
    return hash_mix(((uint64_t)file_hash << 32 | name_hash) ^ hash_mix((uint64_t)line));
}

uint32_t label_hash(const struct label *label)
{
    return label_hash_parts(label->file->hash, label->line, label->name->hash);
}

static bool label_matches(const void *functions, uint32_t position, const void *label)
{
    return label_equal(&((const struct function *)functions)[position].label, label);
}

int profile_reserve_functions(struct profile *profile, size_t count)
{
    if (count >= PROFILE_NO_FUNCTION || index_map_reserve(&profile->by_label, (uint32_t)count) ||
        string_pool_reserve(&profile->strings, count))
        return -1;
    return allocator_reserve(profile->allocator, &profile->functions, &profile->function_capacity, count,
                             sizeof *profile->functions);
}

uint32_t profile_append_function(struct profile *profile, const struct label *label)
{
    size_t position = profile->function_count;

    if (position >= PROFILE_NO_FUNCTION ||
        allocator_reserve(profile->allocator, &profile->functions, &profile->function_capacity, position + 1,
                          sizeof *profile->functions))
        return PROFILE_NO_FUNCTION;
    profile->functions[position] = (struct function){.label = *label};
    profile->function_count++;
    return (uint32_t)position;
}

static int profile_index(struct profile *profile)
{
    while (profile->by_label.count < profile->function_count) {
        uint32_t position = profile->by_label.count;

        if (index_map_add(&profile->by_label, label_hash(&profile->functions[position].label), position))
            return -1;
    }
    return 0;
}

uint32_t profile_function(struct profile *profile, const struct string *file, int64_t line, const struct string *name)
{
    struct label label = {.file = file, .line = line, .name = name};
    uint32_t hash = label_hash(&label), position;

    if (profile_index(profile))
        return PROFILE_NO_FUNCTION;
    position = index_map_find(&profile->by_label, hash, label_matches, profile->functions, &label);
    if (position != INDEX_MAP_NONE)
        return position;
    position = profile_append_function(profile, &label);
    if (position != PROFILE_NO_FUNCTION && index_map_add(&profile->by_label, hash, position)) {
        profile->function_count--;
        return PROFILE_NO_FUNCTION;
    }
    return position;
}

void profile_forget_labels(struct profile *profile)
{
    index_map_release(&profile->by_label);
}

static void profile_renumber_trees(struct profile *profile, const uint32_t *moved)
{
    for (size_t i = 0; i < profile->tree_count; i++) {
        for (uint32_t node = 0; node < profile->trees[i].count; node++)
            profile->trees[i].function[node] = moved[profile->trees[i].function[node]];
    }
}

void profile_swap_functions(struct profile *profile, struct profile *other, const uint32_t *moved)
{
    struct profile kept = *profile;

    profile_forget_labels(profile);
    profile_forget_labels(other);
    profile_renumber_trees(profile, moved);
    profile->functions = other->functions;
    profile->function_count = other->function_count;
    profile->function_capacity = other->function_capacity;
    profile->edges = other->edges;
    other->functions = kept.functions;
    other->function_count = kept.function_count;
    other->function_capacity = kept.function_capacity;
    other->edges = kept.edges;
}

static void profile_renumber(struct profile *profile, const uint32_t *moved)
{
    for (size_t i = 0; i < profile->function_count; i++) {
        const struct function *function = &profile->functions[i];

        for (size_t j = 0; j < function->caller_count; j++)
            function->callers[j].function = moved[function->callers[j].function];
    }
    profile_renumber_trees(profile, moved);
    profile_forget_labels(profile);
}

int profile_move_to_front(struct profile *profile, const uint32_t *positions, size_t count)
{
    size_t total = profile->function_count, next = 0;
    uint32_t *new_positions = allocator_resize(profile->allocator, NULL, total + 1, sizeof *new_positions);
    struct function *functions = allocator_resize(profile->allocator, NULL, total + 1, sizeof *functions);

    if (!new_positions || !functions) {
        allocator_free(profile->allocator, new_positions);
        allocator_free(profile->allocator, functions);
        return -1;
    }
    for (size_t i = 0; i < total; i++)
        new_positions[i] = PROFILE_NO_FUNCTION;
    for (; next < count; next++)
        new_positions[positions[next]] = (uint32_t)next;
    for (size_t i = 0; i < total; i++) {
        if (new_positions[i] == PROFILE_NO_FUNCTION)
            new_positions[i] = (uint32_t)next++;
        functions[new_positions[i]] = profile->functions[i];
    }
    allocator_free(profile->allocator, profile->functions);
    profile->functions = functions;
    profile->function_capacity = total + 1;
    profile_renumber(profile, new_positions);
    allocator_free(profile->allocator, new_positions);
    return 0;
}

struct caller *function_find_caller(const struct function *function, uint32_t caller)
{
    for (size_t i = 0; i < function->caller_count; i++) {
        if (function->callers[i].function == caller)
            return &function->callers[i];
    }
    return NULL;
}

struct caller *profile_append_caller(struct profile *profile, uint32_t function, uint32_t caller)
{
    struct function *owner = &profile->functions[function];
    struct caller *edge;

    if (arena_reserve(&profile->edges, &owner->callers, &owner->caller_capacity, owner->caller_count + 1,
                      sizeof *owner->callers))
        return NULL;
    edge = &owner->callers[owner->caller_count++];
    *edge = (struct caller){.function = caller};
    return edge;
}

static int path_tree_allocate(struct path_tree *tree, const struct allocator *allocator)
{
    /* One element at least, so that an empty tree is no allocation failure. */
    size_t count = tree->count ? tree->count : 1;

    tree->parent = allocator_resize(allocator, NULL, count, sizeof *tree->parent);
    tree->function = allocator_resize(allocator, NULL, count, sizeof *tree->function);
    tree->columns = allocator_zeroed(allocator, tree->column_count ? tree->column_count : 1, sizeof *tree->columns);
    if (!tree->parent || !tree->function || !tree->columns)
        return -1;
    for (size_t i = 0; i < tree->column_count; i++) {
        tree->columns[i].values = allocator_resize(allocator, NULL, count, sizeof *tree->columns[i].values);
        if (!tree->columns[i].values)
            return -1;
    }
    return 0;
}

struct path_tree *profile_append_tree(struct profile *profile, uint32_t count, size_t column_count)
{
    struct path_tree tree = {.count = count, .column_count = column_count};

    if (path_tree_allocate(&tree, profile->allocator) ||
        allocator_reserve(profile->allocator, &profile->trees, &profile->tree_capacity, profile->tree_count + 1,
                          sizeof *profile->trees)) {
        path_tree_release(&tree, profile->allocator);
        return NULL;
    }
    profile->trees[profile->tree_count] = tree;
    return &profile->trees[profile->tree_count++];
}

const int64_t *path_tree_column(const struct path_tree *tree, const char *name)
{
    size_t size = strlen(name);

    for (size_t i = 0; i < tree->column_count; i++) {
        const struct string *own = tree->columns[i].name;

        if (own && own->size == size && memcmp(own->bytes, name, size) == 0)
            return tree->columns[i].values;
    }
    return NULL;
}

void profile_remove_tree(struct profile *profile, size_t tree)
{
    path_tree_release(&profile->trees[tree], profile->allocator);
    profile->tree_count--;
    memmove(&profile->trees[tree], &profile->trees[tree + 1], (profile->tree_count - tree) * sizeof *profile->trees);
}

const struct fact *profile_fact(const struct profile *profile, const char *name)
{
    size_t size = strlen(name);

    for (size_t i = 0; i < profile->fact_count; i++) {
        const struct string *own = profile->facts[i].name;

        if (own->size == size && memcmp(own->bytes, name, size) == 0)
            return &profile->facts[i];
    }
    return NULL;
}

bool profile_paths_are_cut(const struct profile *profile)
{
    const struct fact *paths = profile_fact(profile, "paths");

    return paths && paths->kind == FACT_TEXT && strcmp(paths->text->bytes, "cut") == 0;
}

/* The fact of that name, empty; NULL when memory is short. */
static struct fact *profile_place_fact(struct profile *profile, const char *name)
{
    const struct string *interned = string_pool_intern_c(&profile->strings, name);
    size_t place = 0;

    if (!interned)
        return NULL;
    while (place < profile->fact_count && profile->facts[place].name != interned)
        place++;
    if (place == profile->fact_count) {
        if (allocator_reserve(profile->allocator, &profile->facts, &profile->fact_capacity, place + 1,
                              sizeof *profile->facts))
            return NULL;
        profile->fact_count++;
    }
    profile->facts[place] = (struct fact){.name = interned};
    return &profile->facts[place];
}

int profile_set_integer(struct profile *profile, const char *name, int64_t value)
{
    struct fact *fact = profile_place_fact(profile, name);

    if (!fact)
        return -1;
    fact->kind = FACT_INTEGER;
    fact->integer = value;
    return 0;
}

int profile_set_real(struct profile *profile, const char *name, double value)
{
    struct fact *fact = profile_place_fact(profile, name);

    if (!fact)
        return -1;
    fact->kind = FACT_REAL;
    fact->real = value;
    return 0;
}

int profile_set_text(struct profile *profile, const char *name, const char *bytes, size_t size)
{
    const struct string *text = string_pool_intern(&profile->strings, bytes, size);
    struct fact *fact = text ? profile_place_fact(profile, name) : NULL;

    if (!fact)
        return -1;
    fact->kind = FACT_TEXT;
    fact->text = text;
    return 0;
}
