#include "paths.h"

#include <stdio.h>
#include <string.h>

#include "profiles.h"
#include "support.h"

#define OUTSIDE PROFILE_NO_PARENT

enum { MAIN, F, G, H, FUNCTIONS };
static const char *const names[] = {"main", "f", "g", "h"};

/* Nodes of a tree: what came before, the function, its own nanoseconds; each was called once. */
struct step {
    uint32_t parent;
    uint32_t function;
    int64_t self;
};

static int fill_functions(struct profile *profile)
{
    for (size_t i = 0; i < FUNCTIONS; i++)
        if (profiles_list(profile, "m.py", 1, names[i], 1, 0, 0) == PROFILE_NO_FUNCTION)
            return -1;
    return 0;
}

static int add_tree(struct profile *profile, const char *thread, const struct step *steps, uint32_t count)
{
    struct path_tree *tree = profile_append_tree(profile, count, 2);
    if (!tree)
        return -1;
    tree->thread = thread ? string_pool_intern_c(&profile->strings, thread) : NULL;
    tree->columns[0].name = string_pool_intern_c(&profile->strings, PATH_CALLS);
    tree->columns[1].name = string_pool_intern_c(&profile->strings, PATH_SELF);
    tree->columns[0].unit = tree->columns[1].unit = string_pool_intern_c(&profile->strings, "ns");
    if ((thread && !tree->thread) || !tree->columns[0].name || !tree->columns[1].name || !tree->columns[0].unit)
        return -1;
    for (uint32_t i = 0; i < count; i++) {
        tree->parent[i] = steps[i].parent;
        tree->function[i] = steps[i].function;
        tree->columns[0].values[i] = 1;
        tree->columns[1].values[i] = steps[i].self;
    }
    return 0;
}

/* "main 1/10 (f 2/9 ...)": name, own time, total. */
static void show(const struct paths *paths, uint32_t node, char *text, size_t size)
{
    const struct path *path = &paths->nodes[node];
    const char *name = path->thread ? path->thread->bytes : node == 0 ? "all" : names[path->function];
    size_t used = strlen(text);
    snprintf(text + used, size - used, "%s %d/%d", name, (int)path->self, (int)path->total);
    for (uint32_t child = path->first_child; child != PATHS_NONE; child = paths->nodes[child].next_sibling) {
        used = strlen(text);
        snprintf(text + used, size - used, child == path->first_child ? " (" : ", ");
        show(paths, child, text, size);
    }
    used = strlen(text);
    snprintf(text + used, size - used, path->first_child == PATHS_NONE ? "" : ")");
}

static void assert_paths(const struct paths *paths, const char *expected)
{
    char text[1000] = "";
    show(paths, 0, text, sizeof text);
    ck_assert_str_eq(text, expected);
}

static const struct step once[] = {{OUTSIDE, MAIN, 1}, {0, F, 2}, {1, G, 3}, {0, G, 40}};
static const struct step again[] = {{OUTSIDE, MAIN, 100}, {0, G, 200}, {0, H, 300}};

START_TEST(equal_paths_become_one)
{
    struct profile profile;
    struct paths paths;
    profile_init(&profile, &allocator_libc);
    ck_assert_int_eq(fill_functions(&profile), 0);
    ck_assert_int_eq(add_tree(&profile, NULL, once, 4), 0);
    ck_assert_int_eq(add_tree(&profile, NULL, again, 3), 0);
    ck_assert_int_eq(paths_init(&paths, &profile, 0, NULL), 0);
    ck_assert(!paths.estimated);
    assert_paths(&paths, "all 0/646 (main 101/646 (f 2/5 (g 3/3), g 240/240, h 300/300))");
    ck_assert_int_eq(paths.nodes[1].calls, 2);
    paths_sort(&paths);
    assert_paths(&paths, "all 0/646 (main 101/646 (h 300/300, g 240/240, f 2/5 (g 3/3)))");
    paths_release(&paths);
    profile_release(&profile);
}
END_TEST

START_TEST(several_threads_stand_apart)
{
    struct profile profile;
    struct paths paths;
    profile_init(&profile, &allocator_libc);
    ck_assert_int_eq(fill_functions(&profile), 0);
    ck_assert_int_eq(add_tree(&profile, "one", once, 2), 0);
    ck_assert_int_eq(add_tree(&profile, "two", again, 1), 0);
    ck_assert_int_eq(add_tree(&profile, "one", once, 1), 0);
    ck_assert_int_eq(paths_init(&paths, &profile, 0, NULL), 0);
    assert_paths(&paths, "all 0/104 (one 0/4 (main 2/4 (f 2/2)), two 0/100 (main 100/100))");
    paths_release(&paths);
    profile_release(&profile);
}
END_TEST

START_TEST(sorting_keeps_the_order_of_equals)
{
    struct profile profile;
    struct paths paths;
    profile_init(&profile, &allocator_libc);
    ck_assert_int_eq(fill_functions(&profile), 0);
    const struct step flat[] = {{OUTSIDE, H, 5}, {OUTSIDE, F, 7}, {OUTSIDE, MAIN, 5}, {OUTSIDE, G, 9}};
    ck_assert_int_eq(add_tree(&profile, NULL, flat, 4), 0);
    ck_assert_int_eq(paths_init(&paths, &profile, 0, NULL), 0);
    paths_sort(&paths);
    assert_paths(&paths, "all 0/26 (g 9/9, f 7/7, h 5/5, main 5/5)");
    paths_release(&paths);
    profile_release(&profile);
}
END_TEST

static void assert_folded(const struct step *steps, uint32_t count, const char *expected)
{
    struct profile profile;
    struct paths paths;
    profile_init(&profile, &allocator_libc);
    ck_assert_int_eq(fill_functions(&profile), 0);
    ck_assert_int_eq(add_tree(&profile, NULL, steps, count), 0);
    ck_assert_int_eq(paths_init(&paths, &profile, 0, NULL), 0);
    ck_assert_int_eq(paths_fold(&paths, NULL), 0);
    assert_paths(&paths, expected);
    paths_release(&paths);
    profile_release(&profile);
}

START_TEST(recursion_is_folded_into_the_running_call)
{
    const struct step direct[] = {{OUTSIDE, F, 1}, {0, F, 2}, {1, F, 4}, {2, G, 8}};
    const struct step indirect[] = {{OUTSIDE, MAIN, 1}, {0, F, 2}, {1, G, 4}, {2, F, 8}, {3, H, 16}, {1, H, 32}};
    /* Within the second f, which is part of the first, g does not run any more. */
    const struct step beside[] = {{OUTSIDE, F, 1}, {0, G, 2}, {1, F, 4}, {2, H, 8}, {3, G, 16}, {4, H, 32}, {1, H, 64}};
    assert_folded(direct, 4, "all 0/15 (f 7/15 (g 8/8))");
    assert_folded(indirect, 6, "all 0/63 (main 1/63 (f 10/62 (g 4/4, h 48/48)))");
    assert_folded(beside, 7, "all 0/127 (f 5/127 (g 2/66 (h 64/64), h 40/56 (g 16/16)))");
}
END_TEST

/* A path with every function many times over, and calls up and down it. */
START_TEST(folding_deep_paths_keeps_all_time)
{
    enum { DEPTH = 5000 };
    static struct step steps[DEPTH];
    struct profile profile;
    struct paths paths;
    profile_init(&profile, &allocator_libc);
    for (uint32_t i = 0; i < DEPTH; i++) {
        char name[20];
        snprintf(name, sizeof name, "f%d", (int)(i % 1700));
        uint32_t function = profiles_list(&profile, "m.py", 1, name, 1, 0, 0);
        steps[i] = (struct step){i ? i - 1 : OUTSIDE, function, 1};
    }
    ck_assert_int_eq(add_tree(&profile, NULL, steps, DEPTH), 0);
    ck_assert_int_eq(paths_init(&paths, &profile, 0, NULL), 0);
    ck_assert_int_eq(paths_fold(&paths, NULL), 0);
    ck_assert_uint_eq(paths.count, 1701);
    ck_assert_int_eq(paths.nodes[0].total, DEPTH);
    ck_assert_int_eq(paths.nodes[1].total, DEPTH);
    ck_assert_int_eq(paths.nodes[1].self, 3);
    paths_release(&paths);
    profile_release(&profile);
}
END_TEST

static void list(struct profile *profile, int64_t ncalls, double tottime, double cumtime)
{
    uint32_t position = (uint32_t)profile->function_count;
    ck_assert_uint_eq(profiles_list(profile, "m.py", 1, names[position], ncalls, tottime, cumtime), position);
}

/* main calls f and g, g calls f: f's time is shared out as the pairs say. */
START_TEST(pairs_give_an_estimate)
{
    struct profile profile;
    struct paths paths;
    profile_init(&profile, &allocator_libc);
    list(&profile, 1, 1e-6, 10e-6);
    list(&profile, 4, 6e-6, 6e-6);
    list(&profile, 1, 3e-6, 7e-6);
    profiles_call(&profile, F, MAIN, 1, 2e-6, 2e-6);
    profiles_call(&profile, F, G, 3, 4e-6, 4e-6);
    profiles_call(&profile, G, MAIN, 1, 3e-6, 7e-6);
    ck_assert_int_eq(paths_init(&paths, &profile, 0, NULL), 0);
    ck_assert(paths.estimated);
    ck_assert(!paths.recorded);
    assert_paths(&paths, "all 0/10000 (main 1000/10000 (f 2000/2000, g 3000/7000 (f 4000/4000)))");
    paths_release(&paths);
    ck_assert_int_eq(paths_init(&paths, &profile, 0.3, NULL), 0);
    assert_paths(&paths, "all 0/10000 (main 3000/10000 (g 3000/7000 (f 4000/4000)))");
    paths_release(&paths);
    profile_release(&profile);
}
END_TEST

/* f is called from outside and calls itself through g. */
START_TEST(an_estimate_enters_no_function_twice)
{
    struct profile profile;
    struct paths paths;
    profile_init(&profile, &allocator_libc);
    list(&profile, 0, 0, 0);
    list(&profile, 5, 4e-6, 10e-6);
    list(&profile, 4, 6e-6, 9e-6);
    profile.functions[F].primitive = 1;
    profile.functions[G].primitive = 1;
    profiles_call(&profile, F, G, 4, 3e-6, 8e-6);
    profiles_call(&profile, G, F, 4, 6e-6, 9e-6);
    ck_assert_int_eq(paths_init(&paths, &profile, 0, NULL), 0);
    assert_paths(&paths, "all 0/10000 (f 1000/10000 (g 9000/9000))");
    paths_release(&paths);
    profile_release(&profile);
}
END_TEST

START_TEST(plain_pairs_share_by_calls)
{
    struct profile profile;
    struct paths paths;
    profile_init(&profile, &allocator_libc);
    list(&profile, 1, 4e-6, 8e-6);
    list(&profile, 4, 4e-6, 4e-6);
    list(&profile, 1, 0, 3e-6);
    profiles_call(&profile, F, MAIN, 1, 0, 0)->plain = true;
    profiles_call(&profile, F, G, 3, 0, 0)->plain = true;
    profiles_call(&profile, G, MAIN, 1, 0, 0)->plain = true;
    ck_assert_int_eq(paths_init(&paths, &profile, 0, NULL), 0);
    assert_paths(&paths, "all 0/8000 (main 4000/8000 (f 1000/1000, g 0/3000 (f 3000/3000)))");
    paths_release(&paths);
    profile_release(&profile);
}
END_TEST

START_TEST(hostile_numbers_stay_in_range)
{
    struct profile profile;
    struct paths paths;
    profile_init(&profile, &allocator_libc);
    list(&profile, 1, 1e300, 1e300);
    list(&profile, 1, -5, -5);
    list(&profile, 1, 0, 1e-300);
    profile.functions[G].cumtime = __builtin_nan("");
    profiles_call(&profile, F, MAIN, 1, -1, -1);
    profiles_call(&profile, G, MAIN, 1, 1e308, 1e308);
    ck_assert_int_eq(paths_init(&paths, &profile, 0, NULL), 0);
    ck_assert_int_eq(paths.nodes[0].total, INT64_MAX);
    paths_release(&paths);
    profile_release(&profile);
}
END_TEST

static const char cut_text[] = "cut";

START_TEST(paths_that_were_cut_are_estimated)
{
    struct profile profile;
    struct paths paths;
    profile_init(&profile, &allocator_libc);
    list(&profile, 1, 1e-6, 1e-6);
    ck_assert_int_eq(add_tree(&profile, NULL, once, 1), 0);
    ck_assert_int_eq(profile_set_text(&profile, "paths", cut_text, strlen(cut_text)), 0);
    ck_assert_int_eq(paths_init(&paths, &profile, 0, NULL), 0);
    ck_assert(paths.estimated);
    ck_assert(paths.recorded);
    assert_paths(&paths, "all 0/1000 (main 1000/1000)");
    paths_release(&paths);
    profile_release(&profile);
}
END_TEST

START_TEST(an_empty_profile_has_an_empty_tree)
{
    struct profile profile;
    struct paths paths;
    profile_init(&profile, &allocator_libc);
    ck_assert_int_eq(paths_init(&paths, &profile, 0, NULL), 0);
    assert_paths(&paths, "all 0/0");
    paths_release(&paths);
    profile_release(&profile);
}
END_TEST

static int make(const struct allocator *allocator, void *exact)
{
    struct profile profile;
    struct paths paths;
    profile_init(&profile, allocator);
    int result = fill_functions(&profile);
    if (result == 0 && exact)
        result = add_tree(&profile, "one", once, 4) == 0 ? add_tree(&profile, "two", again, 3) : -1;
    if (result == 0)
        profile.functions[F].cumtime = 1;
    if (result == 0)
        result = paths_init(&paths, &profile, 0, NULL);
    if (result == 0) {
        result = paths_fold(&paths, NULL);
        paths_release(&paths);
    }
    profile_release(&profile);
    return result;
}

START_TEST(says_when_memory_is_short)
{
    bool exact = true;
    test_fail_each_allocation(make, NULL);
    test_fail_each_allocation(make, &exact);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("paths");
    TCase *tcase = tcase_create("paths");
    tcase_add_test(tcase, equal_paths_become_one);
    tcase_add_test(tcase, several_threads_stand_apart);
    tcase_add_test(tcase, sorting_keeps_the_order_of_equals);
    tcase_add_test(tcase, recursion_is_folded_into_the_running_call);
    tcase_add_test(tcase, folding_deep_paths_keeps_all_time);
    tcase_add_test(tcase, pairs_give_an_estimate);
    tcase_add_test(tcase, an_estimate_enters_no_function_twice);
    tcase_add_test(tcase, plain_pairs_share_by_calls);
    tcase_add_test(tcase, hostile_numbers_stay_in_range);
    tcase_add_test(tcase, paths_that_were_cut_are_estimated);
    tcase_add_test(tcase, an_empty_profile_has_an_empty_tree);
    tcase_add_test(tcase, says_when_memory_is_short);
    suite_add_tcase(suite, tcase);
    return test_main(suite);
}
