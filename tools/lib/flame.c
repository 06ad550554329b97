#include "flame.h"

/* Of all paths, wherever they lie. */
struct places {
    uint32_t *levels;
    int64_t *lefts;
};

static uint32_t count_from(const struct paths *paths, int64_t smallest)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < paths->count; i++)
        count += paths->nodes[i].total >= smallest;
    return count;
}

/* The width from which on paths are shown.  A path without any time is not. */
static int64_t smallest_width(const struct paths *paths, double share, uint32_t most)
{
    int64_t all = paths->nodes[0].total, smallest = (int64_t)((double)all * share);
    smallest = smallest > 0 ? smallest : 1;
    while (count_from(paths, smallest) > most && smallest < all / 4)
        smallest += smallest / 2 + 1;
    return smallest;
}

/* Children begin at the left edge of their parent, which has its place before them. */
static void place_all(const struct paths *paths, struct places *places)
{
    const struct path *nodes = paths->nodes;
    places->levels[0] = 0;
    places->lefts[0] = 0;
    for (uint32_t i = 0; i < paths->count; i++) {
        int64_t left = places->lefts[i];
        for (uint32_t child = nodes[i].first_child; child != PATHS_NONE; child = nodes[child].next_sibling) {
            places->levels[child] = places->levels[i] + 1;
            places->lefts[child] = left;
            left = __builtin_add_overflow(left, nodes[child].total, &left) ? INT64_MAX : left;
        }
    }
}

static void show(struct flame *flame, const struct places *places, uint32_t path)
{
    flame->frames[flame->count++] = (struct frame){path, places->levels[path], places->lefts[path]};
    if (places->levels[path] >= flame->levels)
        flame->levels = places->levels[path] + 1;
}

static int choose(struct flame *flame, const struct paths *paths, struct places *places, int64_t smallest,
                  uint32_t most_levels)
{
    flame->frames = allocator_resize(flame->allocator, NULL, (size_t)count_from(paths, smallest) + 1,
                                     sizeof *flame->frames);
    if (!places->levels || !places->lefts || !flame->frames)
        return -1;
    place_all(paths, places);
    show(flame, places, 0);
    for (uint32_t i = 1; i < paths->count; i++)
        if (paths->nodes[i].total >= smallest && places->levels[i] < most_levels)
            show(flame, places, i);
    flame->left_out = paths->count - flame->count;
    return 0;
}

int flame_init(struct flame *flame, const struct paths *paths, double share, uint32_t most, uint32_t most_levels,
               struct error *error)
{
    *flame = (struct flame){.allocator = paths->allocator};
    struct places places = {allocator_resize(flame->allocator, NULL, paths->count, sizeof *places.levels),
                            allocator_resize(flame->allocator, NULL, paths->count, sizeof *places.lefts)};
    int result = choose(flame, paths, &places, smallest_width(paths, share, most), most_levels);
    allocator_free(flame->allocator, places.levels);
    allocator_free(flame->allocator, places.lefts);
    if (result == 0)
        return 0;
    flame_release(flame);
    return error_set_memory(error);
}

void flame_release(struct flame *flame)
{
    allocator_free(flame->allocator, flame->frames);
    *flame = (struct flame){.allocator = flame->allocator};
}
