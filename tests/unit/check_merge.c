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
    struct profile profiles[2], sum;
    ck_assert_int_eq(make_both(profiles, &allocator_libc), 0);
    profile_init(&sum, &allocator_libc);
    const struct profile *sources[] = {&profiles[0], &profiles[1]};
    ck_assert_int_eq(merge_profiles(&sum, sources, 2, NULL), 0);

    ck_assert_uint_eq(sum.function_count, 4);
    profiles_assert_label(&sum, 0, "/x/m.py", "a");
    profiles_assert_label(&sum, 1, "/x/m.py", "b");
    profiles_assert_label(&sum, 2, "/y/m.py", "new");
    profiles_assert_label(&sum, 3, "/x/late.py", "late");
    profiles_assert_numbers(&sum, 0, 1, 1.0, 3.0);
    profiles_assert_numbers(&sum, 1, 12, 2.25, 2.25);
    profiles_assert_numbers(&sum, 2, 7, 0.5, 0.5);
    profiles_assert_numbers(&sum, 3, 1, 0.125, 4.0);
    profiles_assert_edge(&sum, 1, 0, 5, 2.25);
    profiles_assert_edge(&sum, 0, 3, 1, 1.0);
    profiles_assert_edge(&sum, 2, 3, 7, 0.5);
    profile_release(&sum);
    release_both(profiles);
}
END_TEST

START_TEST(call_trees_stand_side_by_side)
{
    struct profile profiles[2], sum;
    ck_assert_int_eq(make_both(profiles, &allocator_libc), 0);
    profile_init(&sum, &allocator_libc);
    const struct profile *sources[] = {&profiles[1], &profiles[0]};
    ck_assert_int_eq(merge_profiles(&sum, sources, 2, NULL), 0);

    ck_assert_uint_eq(sum.tree_count, 2);
    ck_assert_uint_eq(sum.trees[0].count, 0);
    const struct path_tree *tree = &sum.trees[1];
    ck_assert_uint_eq(tree->count, 2);
    ck_assert_uint_eq(tree->parent[0], PROFILE_NO_PARENT);
    ck_assert_uint_eq(tree->parent[1], 0);
    profiles_assert_label(&sum, tree->function[0], "/x/m.py", "a");
    profiles_assert_label(&sum, tree->function[1], "/x/m.py", "b");
    ck_assert_int_eq(tree->columns[0].values[1], 20);
    ck_assert_str_eq(tree->columns[0].unit->bytes, "ns");
    profile_release(&sum);
    release_both(profiles);
}
END_TEST

START_TEST(counts_do_not_overflow)
{
    struct profile profile, sum;
    struct error error = {0};
    const struct profile *sources[] = {&profile, &profile};
    profile_init(&profile, &allocator_libc);
    profile_init(&sum, &allocator_libc);
    profiles_list(&profile, "m.py", 1, "f", INT64_MAX / 2 + 1, 0, 0);
    ck_assert_int_eq(merge_profiles(&sum, sources, 2, &error), -1);
    ck_assert_str_eq(error.reason, "more calls than 64 bits can count");
    profile_release(&sum);
    profile_release(&profile);
}
END_TEST

/* What the reader of the sum would refuse. */
START_TEST(counts_and_times_fit_together)
{
    struct profile profiles[2], sum;
    struct error error = {0};
    const struct profile *sources[] = {&profiles[0], &profiles[1]};
    for (size_t i = 0; i < 2; i++)
        profile_init(&profiles[i], &allocator_libc);
    profile_init(&sum, &allocator_libc);
    profiles_list(&profiles[0], "m.py", 1, "f", INT64_MAX / 4 + 1, 1.5e308, 0);
    profiles_list(&profiles[1], "m.py", 2, "g", INT64_MAX / 4 + 1, 1.5e308, 0);
    ck_assert_int_eq(merge_profiles(&sum, sources, 2, &error), -1);
    ck_assert_str_eq(error.reason, "more calls than 64 bits can count");
    profile_release(&sum);
    profiles[1].functions[0].ncalls = profiles[1].functions[0].primitive = 1;
    ck_assert_int_eq(merge_profiles(&sum, sources, 2, &error), 0);
    profile_release(&sum);
    sources[1] = &profiles[0];
    profiles[0].functions[0].ncalls = profiles[0].functions[0].primitive = 1;
    ck_assert_int_eq(merge_profiles(&sum, sources, 2, &error), -1);
    ck_assert_str_eq(error.reason, "times that add up to infinity");
    profile_release(&sum);
    profile_release(&profiles[0]);
    profile_release(&profiles[1]);
}
END_TEST

/* pstats takes the first file as it is and adds the others to 0. */
START_TEST(negative_zero_stays_in_the_first_file)
{
    struct profile profiles[2], sum;
    const struct profile *sources[] = {&profiles[0], &profiles[1]};
    for (int i = 0; i < 2; i++) {
        profile_init(&profiles[i], &allocator_libc);
        profiles_list(&profiles[i], "m.py", i, "f", 1, -0.0, -0.0);
    }
    profile_init(&sum, &allocator_libc);
    ck_assert_int_eq(merge_profiles(&sum, sources, 2, NULL), 0);
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(signbit(sum.functions[i].tottime) != 0, i == 0);
        ck_assert_int_eq(signbit(sum.functions[i].cumtime) != 0, i == 0);
        profile_release(&profiles[i]);
    }
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
    struct profile profiles[2], sum;
    const struct profile *sources[] = {&profiles[0], &profiles[1]};
    int result = make_both(profiles, allocator);
    profile_init(&sum, allocator);
    if (result == 0)
        result = set_facts(&profiles[1]);
    if (result == 0)
        result = merge_profiles(&sum, sources, 2, NULL);
    profile_release(&sum);
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
    tcase_add_test(tcase, call_trees_stand_side_by_side);
    tcase_add_test(tcase, counts_do_not_overflow);
    tcase_add_test(tcase, counts_and_times_fit_together);
    tcase_add_test(tcase, negative_zero_stays_in_the_first_file);
    tcase_add_test(tcase, says_when_memory_is_short);
    suite_add_tcase(suite, tcase);
    return test_main(suite);
}
