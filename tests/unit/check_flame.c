#include "flame.h"

#include "profiles.h"
#include "support.h"

/* all 100: a 60 (b 10 of which c 4), d 35; the rest belongs to `all`. */
static int fill(struct paths *paths, struct profile *profile)
{
    static const struct {
        uint32_t parent;
        uint32_t function;
        int64_t self;
    } steps[] = {{PATHS_NONE, PATHS_NONE, 5}, {0, 0, 50}, {1, 1, 6}, {2, 2, 4}, {0, 3, 35}};
    paths_begin(paths, profile);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        uint32_t node = paths_step(paths, steps[i].parent, steps[i].function, NULL);
        if (node == PATHS_NONE) {
            paths_release(paths);
            return -1;
        }
        paths_count(&paths->nodes[node], 1, steps[i].self);
    }
    paths_finish(paths);
    return 0;
}

static void assert_frame(const struct flame *flame, uint32_t i, uint32_t path, uint32_t level, int64_t left)
{
    ck_assert_uint_lt(i, flame->count);
    ck_assert_uint_eq(flame->frames[i].path, path);
    ck_assert_uint_eq(flame->frames[i].level, level);
    ck_assert_int_eq(flame->frames[i].left, left);
}

struct shown {
    struct profile profile;
    struct paths paths;
    struct flame flame;
};

static void show(struct shown *shown, double share, uint32_t most, uint32_t most_levels)
{
    profile_init(&shown->profile, &allocator_libc);
    ck_assert_int_eq(fill(&shown->paths, &shown->profile), 0);
    ck_assert_int_eq(flame_init(&shown->flame, &shown->paths, share, most, most_levels, NULL), 0);
}

static void release(struct shown *shown)
{
    flame_release(&shown->flame);
    paths_release(&shown->paths);
    profile_release(&shown->profile);
}

START_TEST(children_stand_side_by_side_above_their_parent)
{
    struct shown shown;
    show(&shown, 0, 100, 100);
    ck_assert_uint_eq(shown.flame.count, 5);
    ck_assert_uint_eq(shown.flame.levels, 4);
    ck_assert_uint_eq(shown.flame.left_out, 0);
    assert_frame(&shown.flame, 0, 0, 0, 0);
    assert_frame(&shown.flame, 1, 1, 1, 0);
    assert_frame(&shown.flame, 2, 2, 2, 0);
    assert_frame(&shown.flame, 3, 3, 3, 0);
    assert_frame(&shown.flame, 4, 4, 1, 60);
    release(&shown);
}
END_TEST

START_TEST(what_is_narrow_or_deep_is_left_out)
{
    struct shown shown;
    show(&shown, 0.05, 100, 100);
    ck_assert_uint_eq(shown.flame.count, 4);
    ck_assert_uint_eq(shown.flame.left_out, 1);
    release(&shown);
    show(&shown, 0, 3, 100);
    ck_assert_uint_eq(shown.flame.count, 3);
    assert_frame(&shown.flame, 2, 4, 1, 60);
    release(&shown);
    show(&shown, 0, 100, 2);
    ck_assert_uint_eq(shown.flame.count, 3);
    ck_assert_uint_eq(shown.flame.levels, 2);
    release(&shown);
}
END_TEST

static int make(const struct allocator *allocator, void *context)
{
    struct profile profile;
    struct paths paths;
    struct flame flame;
    profile_init(&profile, allocator);
    int result = fill(&paths, &profile);
    if (result == 0) {
        result = flame_init(&flame, &paths, 0, 100, 100, NULL);
        if (result == 0)
            flame_release(&flame);
        paths_release(&paths);
    }
    profile_release(&profile);
    return result;
}

START_TEST(says_when_memory_is_short)
{
    test_fail_each_allocation(make, NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("flame");
    TCase *tcase = tcase_create("flame");
    tcase_add_test(tcase, children_stand_side_by_side_above_their_parent);
    tcase_add_test(tcase, what_is_narrow_or_deep_is_left_out);
    tcase_add_test(tcase, says_when_memory_is_short);
    suite_add_tcase(suite, tcase);
    return test_main(suite);
}
