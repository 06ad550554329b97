#include "merge.h"

#include <math.h>
#include <string.h>

#include "profiles.h"
#include "support.h"

/* a calls b; `late` is a caller only. */
static int fill_first(struct profile *profile)
{
    uint32_t a = profiles_list(profile, "/x/m.py", 1, "a", 1, 1.0, 3.0);
    uint32_t b = profiles_list(profile, "/x/m.py", 2, "b", 2, 2.0, 2.0);
    uint32_t late = profiles_function(profile, "/x/late.py", 3, "late");
    struct path_tree *tree;
    if (!profiles_call(profile, b, a, 2, 2.0, 2.0) || !profiles_call(profile, a, late, 1, 1.0, 3.0))
        return -1;
    tree = profile_append_tree(profile, 2, 1);
    if (!tree)
        return -1;
    memcpy(tree->parent, (uint32_t[]){PROFILE_NO_PARENT, 0}, 2 * sizeof *tree->parent);
    memcpy(tree->function, (uint32_t[]){a, b}, 2 * sizeof *tree->function);
    memcpy(tree->columns[0].values, (int64_t[]){10, 20}, 2 * sizeof *tree->columns[0].values);
    tree->columns[0].name = string_pool_intern_c(&profile->strings, "self");
    tree->columns[0].unit = string_pool_intern_c(&profile->strings, "ns");
    return tree->columns[0].name && tree->columns[0].unit ? 0 : -1;
}

/* `new` stands before what the first profile knows; `late` has statistics here. */
static int fill_second(struct profile *profile)
{
    uint32_t fresh = profiles_list(profile, "/y/m.py", 1, "new", 7, 0.5, 0.5);
    uint32_t b = profiles_list(profile, "/x/m.py", 2, "b", 10, 0.25, 0.25);
    uint32_t late = profiles_list(profile, "/x/late.py", 3, "late", 1, 0.125, 4.0);
    uint32_t a = profiles_function(profile, "/x/m.py", 1, "a");
    struct path_tree *tree = profile_append_tree(profile, 0, 0);
    return tree && profiles_call(profile, b, a, 3, 0.25, 0.25) && profiles_call(profile, fresh, late, 7, 0.5, 0.5) ? 0
                                                                                                                   : -1;
}

/* The sum of two profiles; the first of them becomes it. */
static int add_up(struct profile *sum, const struct profile *source, struct error *error)
{
    struct merge merge;
    int result = merge_init(&merge, sum, error);
    if (result == 0)
        result = merge_add(&merge, source, error);
    if (result == 0)
        result = merge_finish(&merge, error);
    merge_release(&merge);
    return result;
}

static int make_both(struct profile profiles[2], const struct allocator *allocator)
{
    profile_init(&profiles[0], allocator);
    profile_init(&profiles[1], allocator);
    return fill_first(&profiles[0]) == 0 ? fill_second(&profiles[1]) : -1;
}

static void release_both(struct profile profiles[2])
{
    profile_release(&profiles[0]);
    profile_release(&profiles[1]);
}

START_TEST(statistics_add_up_in_the_order_of_the_files)
{
    struct profile profiles[2], *sum = &profiles[0];
    ck_assert_int_eq(make_both(profiles, &allocator_libc), 0);
    ck_assert_int_eq(add_up(sum, &profiles[1], NULL), 0);

    ck_assert_uint_eq(sum->function_count, 4);
    profiles_assert_label(sum, 0, "/x/m.py", "a");
    profiles_assert_label(sum, 1, "/x/m.py", "b");
    profiles_assert_label(sum, 2, "/y/m.py", "new");
    profiles_assert_label(sum, 3, "/x/late.py", "late");
    profiles_assert_numbers(sum, 0, 1, 1.0, 3.0);
    profiles_assert_numbers(sum, 1, 12, 2.25, 2.25);
    profiles_assert_numbers(sum, 2, 7, 0.5, 0.5);
    profiles_assert_numbers(sum, 3, 1, 0.125, 4.0);
    profiles_assert_edge(sum, 1, 0, 5, 2.25);
    profiles_assert_edge(sum, 0, 3, 1, 1.0);
    profiles_assert_edge(sum, 2, 3, 7, 0.5);
    release_both(profiles);
}
END_TEST

START_TEST(call_trees_are_one)
{
    struct profile profiles[2], other[2], *sum = &profiles[1];
    ck_assert_int_eq(make_both(profiles, &allocator_libc), 0);
    ck_assert_int_eq(make_both(other, &allocator_libc), 0);
    ck_assert_int_eq(add_up(&profiles[0], &other[0], NULL), 0);
    ck_assert_int_eq(add_up(sum, &profiles[0], NULL), 0);
    release_both(other);

    ck_assert_uint_eq(sum->tree_count, 1);
    const struct path_tree *tree = &sum->trees[0];
    ck_assert_uint_eq(tree->count, 2);
    ck_assert_uint_eq(tree->parent[0], PROFILE_NO_PARENT);
    ck_assert_uint_eq(tree->parent[1], 0);
    profiles_assert_label(sum, tree->function[0], "/x/m.py", "a");
    profiles_assert_label(sum, tree->function[1], "/x/m.py", "b");
    ck_assert_int_eq(tree->columns[0].values[1], 40);
    ck_assert_str_eq(tree->columns[0].unit->bytes, "ns");
    release_both(profiles);
}
END_TEST

/* f in the first, `name` in the second. */
static void assert_sum(int64_t ncalls, double tottime, const char *name, int64_t other_ncalls, double other_tottime,
                       const char *reason)
{
    struct profile profiles[2];
    struct error error = {0};
    for (size_t i = 0; i < 2; i++)
        profile_init(&profiles[i], &allocator_libc);
    profiles_list(&profiles[0], "m.py", 1, "f", ncalls, tottime, 0);
    profiles_list(&profiles[1], "m.py", 1, name, other_ncalls, other_tottime, 0);
    ck_assert_int_eq(add_up(&profiles[0], &profiles[1], &error), *reason ? -1 : 0);
    ck_assert_str_eq(error.reason, reason);
    release_both(profiles);
}

/* What the reader of the sum would refuse. */
START_TEST(counts_and_times_fit_together)
{
    assert_sum(INT64_MAX / 2 + 1, 0, "f", INT64_MAX / 2 + 1, 0, "more calls than 64 bits can count");
    assert_sum(INT64_MAX / 4 + 1, 0, "g", INT64_MAX / 4 + 1, 0, "more calls than 64 bits can count");
    assert_sum(INT64_MAX / 4, 0, "g", INT64_MAX / 4, 0, "");
    assert_sum(1, 1.5e308, "g", 1, 1.5e308, "");
    assert_sum(1, 1.5e308, "f", 1, 1.5e308, "times that add up to infinity");
}
END_TEST

START_TEST(edges_count_among_the_calls)
{
    struct profile profiles[2];
    struct error error = {0};
    for (size_t i = 0; i < 2; i++) {
        profile_init(&profiles[i], &allocator_libc);
        uint32_t f = profiles_list(&profiles[i], "m.py", 1, "f", 1, 0, 0);
        profiles_call(&profiles[i], f, f, INT64_MAX / 4, 0, 0);
    }
    ck_assert_int_eq(add_up(&profiles[0], &profiles[1], &error), -1);
    ck_assert_str_eq(error.reason, "more calls than 64 bits can count");
    release_both(profiles);
}
END_TEST

/* pstats takes the first file as it is and adds the others to 0. */
START_TEST(negative_zero_stays_in_the_first_file)
{
    struct profile profiles[2];
    for (int i = 0; i < 2; i++) {
        profile_init(&profiles[i], &allocator_libc);
        profiles_list(&profiles[i], "m.py", i, "f", 1, -0.0, -0.0);
    }
    ck_assert_int_eq(add_up(&profiles[0], &profiles[1], NULL), 0);
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(signbit(profiles[0].functions[i].tottime) != 0, i == 0);
        ck_assert_int_eq(signbit(profiles[0].functions[i].cumtime) != 0, i == 0);
    }
    release_both(profiles);
}
END_TEST

/* What is needed beside the sum is as much for a hundred profiles as for one. */
START_TEST(memory_does_not_grow_with_what_is_added)
{
    struct test_allocator test;
    struct profile profiles[2];
    struct merge merge;
    size_t after_one = 0;
    test_allocator_init(&test, 0);
    for (size_t i = 0; i < 2; i++) {
        profile_init(&profiles[i], &test.allocator);
        uint32_t f = profiles_list(&profiles[i], "m.py", 1, "f", 1, 0.5, 0.5);
        profiles_call(&profiles[i], f, f, 1, 0.25, 0.25);
        ck_assert_int_eq(profile_set_text(&profiles[i], "python", "3.13", 4), 0);
    }
    ck_assert_int_eq(merge_init(&merge, &profiles[0], NULL), 0);
    for (int i = 0; i < 100; i++) {
        ck_assert_int_eq(merge_add(&merge, &profiles[1], NULL), 0);
        after_one = i ? after_one : test.bytes;
    }
    ck_assert_uint_eq(test.bytes, after_one);
    ck_assert_int_eq(merge_finish(&merge, NULL), 0);
    merge_release(&merge);
    profiles_assert_numbers(&profiles[0], 0, 101, 50.5, 50.5);
    release_both(profiles);
}
END_TEST

/* A sum that is looked at after each profile that is added. */
START_TEST(a_sum_can_begin_with_nothing)
{
    struct profile profiles[2], sum;
    struct merge merge;
    profile_init(&sum, &allocator_libc);
    merge_begin(&merge, &sum, 2);
    for (int i = 1; i <= 3; i++) {
        ck_assert_int_eq(make_both(profiles, &allocator_libc), 0);
        ck_assert_int_eq(profile_set_text(&profiles[0], "paths", "all", 3), 0);
        ck_assert_int_eq(profile_set_real(&profiles[0], "enabled", 0.5), 0);
        ck_assert_int_eq(merge_add(&merge, &profiles[0], NULL), 0);
        release_both(profiles);
        ck_assert_int_eq(merge_set_facts(&merge, NULL), 0);
        profiles_assert_numbers(&sum, 1, 2 * i, 2.0 * i, 2.0 * i);
        ck_assert_uint_eq(sum.tree_count, 1);
        ck_assert_uint_eq(sum.trees[0].count, 2);
        ck_assert_int_eq(sum.trees[0].columns[0].values[1], 20 * i);
        ck_assert_str_eq(profile_fact(&sum, "paths")->text->bytes, "all");
        ck_assert_double_eq(profile_fact(&sum, "enabled")->real, 0.5 * i);
    }
    merge.paths.cut = true;
    ck_assert_int_eq(merge_set_facts(&merge, NULL), 0);
    ck_assert_str_eq(profile_fact(&sum, "paths")->text->bytes, "cut");
    merge_release(&merge);
    profile_release(&sum);
}
END_TEST

static int set_facts(struct profile *profile)
{
    if (profile_set_text(profile, "python", "3.13", 4) < 0 || profile_set_integer(profile, "dropped", 0) < 0)
        return -1;
    return profile_set_real(profile, "enabled", 0.5);
}

static int merge_both(const struct allocator *allocator, void *context)
{
    struct profile profiles[2];
    int result = make_both(profiles, allocator);
    if (result == 0)
        result = set_facts(&profiles[1]);
    if (result == 0)
        result = add_up(&profiles[0], &profiles[1], NULL);
    release_both(profiles);
    return result;
}

START_TEST(says_when_memory_is_short)
{
    test_fail_each_allocation(merge_both, NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("merge");
    TCase *tcase = tcase_create("merge");
    tcase_add_test(tcase, statistics_add_up_in_the_order_of_the_files);
    tcase_add_test(tcase, call_trees_are_one);
    tcase_add_test(tcase, a_sum_can_begin_with_nothing);
    tcase_add_test(tcase, counts_and_times_fit_together);
    tcase_add_test(tcase, edges_count_among_the_calls);
    tcase_add_test(tcase, memory_does_not_grow_with_what_is_added);
    tcase_add_test(tcase, negative_zero_stays_in_the_first_file);
    tcase_add_test(tcase, says_when_memory_is_short);
    suite_add_tcase(suite, tcase);
    return test_main(suite);
}
