/* Sums: of files, and of functions whose directories are stripped; the call graph read downwards. */
#include "merge.h"

#include <math.h>
#include <string.h>

#include "grand_total.h"
#include "graph.h"
#include "profiles.h"
#include "strip.h"
#include "support.h"

/* The numbers of a function or an edge, with distinct values in every place. */
static void assert_numbers(const struct profile *profile, uint32_t position, int64_t ncalls, double tottime,
                           double cumtime)
{
    const struct function *function = &profile->functions[position];
    ck_assert(function->listed);
    ck_assert_int_eq(function->ncalls, ncalls);
    ck_assert_double_eq(function->tottime, tottime);
    ck_assert_double_eq(function->cumtime, cumtime);
}

static void assert_edge(const struct profile *profile, uint32_t function, uint32_t caller, int64_t ncalls,
                        double tottime)
{
    const struct caller *edge = function_find_caller(&profile->functions[function], caller);
    ck_assert_ptr_nonnull(edge);
    ck_assert_int_eq(edge->ncalls, ncalls);
    ck_assert_double_eq(edge->tottime, tottime);
}

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

static void assert_label(const struct profile *profile, uint32_t position, const char *file, const char *name)
{
    ck_assert_str_eq(profile->functions[position].label.file->bytes, file);
    ck_assert_str_eq(profile->functions[position].label.name->bytes, name);
}

START_TEST(statistics_add_up_in_the_order_of_the_files)
{
    struct profile profiles[2], sum;
    ck_assert_int_eq(make_both(profiles, &allocator_libc), 0);
    profile_init(&sum, &allocator_libc);
    const struct profile *sources[] = {&profiles[0], &profiles[1]};
    ck_assert_int_eq(merge_profiles(&sum, sources, 2, NULL), 0);

    ck_assert_uint_eq(sum.function_count, 4);
    assert_label(&sum, 0, "/x/m.py", "a");
    assert_label(&sum, 1, "/x/m.py", "b");
    assert_label(&sum, 2, "/y/m.py", "new");
    assert_label(&sum, 3, "/x/late.py", "late");
    assert_numbers(&sum, 0, 1, 1.0, 3.0);
    assert_numbers(&sum, 1, 12, 2.25, 2.25);
    assert_numbers(&sum, 2, 7, 0.5, 0.5);
    assert_numbers(&sum, 3, 1, 0.125, 4.0);
    assert_edge(&sum, 1, 0, 5, 2.25);
    assert_edge(&sum, 0, 3, 1, 1.0);
    assert_edge(&sum, 2, 3, 7, 0.5);
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
    assert_label(&sum, tree->function[0], "/x/m.py", "a");
    assert_label(&sum, tree->function[1], "/x/m.py", "b");
    ck_assert_int_eq(tree->columns[0].values[1], 20);
    ck_assert_str_eq(tree->columns[0].unit->bytes, "ns");
    profile_release(&sum);
    release_both(profiles);
}
END_TEST

static void set_text(struct profile *profile, const char *name, const char *text)
{
    ck_assert_int_eq(profile_set_text(profile, name, text, strlen(text)), 0);
}

START_TEST(facts_hold_for_the_sum)
{
    struct profile profiles[3], sum;
    const struct profile *sources[] = {&profiles[0], &profiles[1], &profiles[2]};
    static const char *const pythons[] = {"3.9.18", "3.13.0", "3.9.18"};
    for (int i = 0; i < 3; i++) {
        profile_init(&profiles[i], &allocator_libc);
        set_text(&profiles[i], "python", pythons[i]);
        set_text(&profiles[i], "clock", "tsc");
        profile_set_integer(&profiles[i], "pid", 100 + i);
        profile_set_integer(&profiles[i], "thread", 1);
        profile_set_integer(&profiles[i], "dropped", i);
        profile_set_real(&profiles[i], "started", 50.5 - i);
        profile_set_real(&profiles[i], "enabled", 0.25);
        if (i < 2)
            set_text(&profiles[i], "paths", "all");
    }
    profile_init(&sum, &allocator_libc);
    ck_assert_int_eq(merge_profiles(&sum, sources, 3, NULL), 0);
    ck_assert_str_eq(profile_fact(&sum, "python")->text->bytes, "3.9.18; 3.13.0");
    ck_assert_str_eq(profile_fact(&sum, "clock")->text->bytes, "tsc");
    ck_assert_str_eq(profile_fact(&sum, "paths")->text->bytes, "cut");
    ck_assert_ptr_null(profile_fact(&sum, "pid"));
    ck_assert_int_eq(profile_fact(&sum, "thread")->integer, 1);
    ck_assert_int_eq(profile_fact(&sum, "dropped")->integer, 3);
    ck_assert_double_eq(profile_fact(&sum, "started")->real, 48.5);
    ck_assert_double_eq(profile_fact(&sum, "enabled")->real, 0.75);
    profile_release(&sum);
    for (int i = 0; i < 3; i++)
        profile_release(&profiles[i]);
}
END_TEST

START_TEST(counts_do_not_overflow)
{
    struct profile profile, sum;
    struct error error = {0};
    const struct profile *sources[] = {&profile, &profile};
    struct grand_total total = {0};
    profile_init(&profile, &allocator_libc);
    profile_init(&sum, &allocator_libc);
    profiles_list(&profile, "m.py", 1, "f", INT64_MAX / 2 + 1, 0, 0);
    ck_assert_int_eq(merge_profiles(&sum, sources, 2, &error), -1);
    ck_assert_str_eq(error.reason, "more calls than 64 bits can count");
    ck_assert_int_eq(grand_total_add(&total, &profile, NULL), 0);
    ck_assert_int_eq(grand_total_add(&total, &profile, &error), -1);
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

START_TEST(without_directories_equals_add_up)
{
    struct profile profile, stripped;
    uint32_t moved[8];
    profile_init(&profile, &allocator_libc);
    profile_init(&stripped, &allocator_libc);
    uint32_t one = profiles_list(&profile, "/x/m.py", 1, "f", 1, 0.5, 1.0);
    uint32_t caller = profiles_function(&profile, "/x/c.py", 1, "c");
    uint32_t two = profiles_list(&profile, "/y/m.py", 1, "f", 2, 0.25, 0.5);
    uint32_t plain = profiles_list(&profile, "m.py/", 1, "f", 4, 0.125, 0.25);
    uint32_t other = profiles_function(&profile, "c.py", 1, "c");
    profiles_call(&profile, one, caller, 1, 0.5, 1.0);
    profiles_call(&profile, one, other, 10, 0.25, 1.0);
    profiles_call(&profile, two, other, 100, 0.125, 1.0)->plain = true;
    ck_assert_int_eq(strip_directories(&stripped, &profile, moved, NULL), 0);

    ck_assert_uint_eq(stripped.function_count, 3);
    assert_label(&stripped, 0, "m.py", "f");
    assert_label(&stripped, 1, "", "f");
    assert_label(&stripped, 2, "c.py", "c");
    ck_assert_uint_eq(moved[one], 0);
    ck_assert_uint_eq(moved[two], 0);
    ck_assert_uint_eq(moved[plain], 1);
    ck_assert_uint_eq(moved[caller], 2);
    ck_assert_uint_eq(moved[other], 2);
    assert_numbers(&stripped, 0, 3, 0.75, 1.5);
    assert_edge(&stripped, 0, 2, 111, 0.875);
    ck_assert_uint_eq(stripped.functions[0].caller_count, 1);
    ck_assert(!stripped.functions[0].callers[0].plain);
    ck_assert(!stripped.functions[2].listed);
    profile_release(&stripped);
    profile_release(&profile);
}
END_TEST

START_TEST(callees_are_callers_turned_round)
{
    struct profile profile;
    struct graph graph;
    profile_init(&profile, &allocator_libc);
    uint32_t a = profiles_list(&profile, "m.py", 1, "a", 1, 0, 0);
    uint32_t b = profiles_list(&profile, "m.py", 2, "b", 1, 0, 0);
    uint32_t c = profiles_list(&profile, "m.py", 3, "c", 1, 0, 0);
    profiles_call(&profile, b, a, 1, 0, 0);
    profiles_call(&profile, b, b, 2, 0, 0);
    profiles_call(&profile, c, a, 3, 0, 0);
    ck_assert_int_eq(graph_init(&graph, &profile, NULL), 0);
    ck_assert_uint_eq(graph.first[a], 0);
    ck_assert_uint_eq(graph.first[b], 2);
    ck_assert_uint_eq(graph.first[c], 3);
    ck_assert_uint_eq(graph.first[c + 1], 3);
    ck_assert_uint_eq(graph.list[0].function, b);
    ck_assert_uint_eq(graph.list[1].function, c);
    ck_assert_int_eq(graph.list[1].edge->ncalls, 3);
    ck_assert_uint_eq(graph.list[2].function, b);
    ck_assert_int_eq(graph.list[2].edge->ncalls, 2);
    graph_release(&graph);
    profile_release(&profile);
}
END_TEST

static int set_facts(struct profile *profile)
{
    if (profile_set_text(profile, "python", "3.13", 4) < 0 || profile_set_integer(profile, "dropped", 0) < 0)
        return -1;
    return profile_set_real(profile, "enabled", 0.5);
}

static int merge_and_strip(const struct allocator *allocator, void *context)
{
    struct profile profiles[2], sum, stripped;
    struct graph graph;
    uint32_t moved[8];
    const struct profile *sources[] = {&profiles[0], &profiles[1]};
    int result = make_both(profiles, allocator);
    profile_init(&sum, allocator);
    profile_init(&stripped, allocator);
    if (result == 0)
        result = set_facts(&profiles[1]);
    if (result == 0)
        result = merge_profiles(&sum, sources, 2, NULL);
    if (result == 0)
        result = strip_directories(&stripped, &sum, moved, NULL);
    if (result == 0)
        result = graph_init(&graph, &stripped, NULL);
    if (result == 0)
        graph_release(&graph);
    profile_release(&stripped);
    profile_release(&sum);
    release_both(profiles);
    return result;
}

START_TEST(says_when_memory_is_short)
{
    test_fail_each_allocation(merge_and_strip, NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("merge");
    TCase *tcase = tcase_create("merge");
    tcase_add_test(tcase, statistics_add_up_in_the_order_of_the_files);
    tcase_add_test(tcase, call_trees_stand_side_by_side);
    tcase_add_test(tcase, facts_hold_for_the_sum);
    tcase_add_test(tcase, counts_do_not_overflow);
    tcase_add_test(tcase, counts_and_times_fit_together);
    tcase_add_test(tcase, negative_zero_stays_in_the_first_file);
    tcase_add_test(tcase, without_directories_equals_add_up);
    tcase_add_test(tcase, callees_are_callers_turned_round);
    tcase_add_test(tcase, says_when_memory_is_short);
    suite_add_tcase(suite, tcase);
    return test_main(suite);
}
