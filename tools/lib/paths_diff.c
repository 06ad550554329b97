#include "paths_diff.h"

/* What is joined. */
struct side {
    struct paths paths;
    const uint32_t *positions; /* of its functions, in the changes */
    bool before;
};

static int64_t sum_within(int64_t a, int64_t b)
{
    int64_t sum;
    return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum;
}

static int side_init(struct side *side, const struct profile *profile, bool estimated, bool fold, double smallest_share,
                     struct error *error)
{
    if (paths_init_added(&side->paths, profile, estimated, smallest_share, error) < 0)
        return -1;
    if (!fold || side->paths.estimated || paths_fold(&side->paths, error) == 0)
        return 0;
    paths_release(&side->paths);
    return -1;
}

static void count(struct paths_diff *joined, const struct side *side, uint32_t node, const struct path *path)
{
    if (!side->before) {
        paths_count(&joined->paths.nodes[node], path->calls, path->self);
        return;
    }
    struct path_before *before = &joined->before[node];
    before->calls = sum_within(before->calls, path->calls);
    before->self = sum_within(before->self, path->self);
}

static int add_side(struct paths_diff *joined, const struct side *side)
{
    const struct path *nodes = side->paths.nodes;
    uint32_t *moved = allocator_resize(joined->paths.allocator, NULL, side->paths.count, sizeof *moved);
    bool added = moved != NULL;
    for (uint32_t i = 0; added && i < side->paths.count; i++) {
        uint32_t parent = i == 0 ? PATHS_NONE : moved[nodes[i].parent];
        uint32_t function = nodes[i].function == PATHS_NONE ? PATHS_NONE : side->positions[nodes[i].function];
        moved[i] = paths_step(&joined->paths, parent, function, NULL);
        added = moved[i] != PATHS_NONE;
        if (added)
            count(joined, side, moved[i], &nodes[i]);
    }
    allocator_free(joined->paths.allocator, moved);
    return added ? 0 : -1;
}

static void sum_before(struct paths_diff *joined)
{
    for (uint32_t i = joined->paths.count; i-- > 0;) {
        struct path_before *before = &joined->before[i];
        uint32_t parent = joined->paths.nodes[i].parent;
        before->total = sum_within(before->total, before->self);
        if (parent != PATHS_NONE)
            joined->before[parent].total = sum_within(joined->before[parent].total, before->total);
    }
}

static int join(struct paths_diff *joined, const struct profile *changes, const struct side sides[2],
                struct error *error)
{
    paths_begin(&joined->paths, changes);
    joined->paths.estimated = sides[0].paths.estimated;
    joined->paths.recorded = sides[0].paths.recorded && sides[1].paths.recorded;
    joined->before = allocator_zeroed(changes->allocator, (size_t)sides[0].paths.count + sides[1].paths.count,
                                      sizeof *joined->before);
    if (!joined->before || add_side(joined, &sides[0]) < 0 || add_side(joined, &sides[1]) < 0) {
        paths_diff_release(joined);
        return error_set_memory(error);
    }
    paths_finish(&joined->paths);
    sum_before(joined);
    return 0;
}

int paths_diff_init(struct paths_diff *paths, const struct diff *diff, const struct profile *now,
                    const struct profile *before, bool fold, double smallest_share, struct error *error)
{
    struct side sides[2] = {{.positions = diff->of_now}, {.positions = diff->of_before, .before = true}};
    bool estimated = !paths_are_recorded(now) || !paths_are_recorded(before);
    if (side_init(&sides[0], now, estimated, fold, smallest_share, error) < 0)
        return -1;
    int result = side_init(&sides[1], before, estimated, fold, smallest_share, error);
    if (result == 0) {
        result = join(paths, &diff->changes, sides, error);
        paths_release(&sides[1].paths);
    }
    paths_release(&sides[0].paths);
    return result;
}

void paths_diff_release(struct paths_diff *paths)
{
    allocator_free(paths->paths.allocator, paths->before);
    paths->before = NULL;
    paths_release(&paths->paths);
}

bool paths_diff_is_new(const struct paths_diff *paths, uint32_t node)
{
    return paths->before[node].calls == 0 && paths->before[node].total == 0;
}

bool paths_diff_is_gone(const struct paths_diff *paths, uint32_t node)
{
    return paths->paths.nodes[node].calls == 0 && paths->paths.nodes[node].total == 0;
}
