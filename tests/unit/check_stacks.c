#include "stacks.h"

#include "profiles.h"
#include "support.h"

enum { MAIN, F, G, SMALL };

/* main calls f and g, f calls g and itself; `small` takes too little to be followed, and was called by g. */
static int fill(struct profile *profile)
{
    profiles_list(profile, "m.py", 1, "main", 1, 1.0, 10.0);
    profiles_list(profile, "m.py", 2, "f", 5, 4.0, 6.0);
    profiles_list(profile, "m.py", 3, "g", 7, 4.999999999, 5.0);
    if (profiles_list(profile, "m.py", 4, "small", 3, 1e-9, 1e-9) != SMALL)
        return -1;
    return profiles_call(profile, F, MAIN, 2, 1.5, 6.0) && profiles_call(profile, F, F, 3, 2.5, 4.0) &&
                   profiles_call(profile, G, MAIN, 3, 3.0, 3.0) && profiles_call(profile, G, F, 4, 2.0, 2.0) &&
                   profiles_call(profile, SMALL, G, 3, 1e-9, 1e-9)
               ? 0
               : -1;
}

static void assert_function(const struct paths *paths, uint32_t function, int64_t calls, int64_t self)
{
    int64_t calls_of_all = 0, self_of_all = 0;
    for (uint32_t i = 0; i < paths->count; i++) {
        if (paths->nodes[i].function != function)
            continue;
        calls_of_all += paths->nodes[i].calls;
        self_of_all += paths->nodes[i].self;
    }
    ck_assert_int_eq(calls_of_all, calls);
    ck_assert_int_eq(self_of_all, self);
}

START_TEST(an_estimate_is_true_for_each_function)
{
    struct profile profile;
    struct paths paths;
    profile_init(&profile, &allocator_libc);
    ck_assert_int_eq(fill(&profile), 0);
    ck_assert_int_eq(stacks_init(&paths, &profile, NULL), 0);
    ck_assert(paths.estimated);
    assert_function(&paths, MAIN, 1, 1000000000);
    assert_function(&paths, F, 5, 4000000000);
    assert_function(&paths, G, 7, 4999999999);
    assert_function(&paths, SMALL, 3, 1);
    ck_assert_int_eq(paths.nodes[0].self, 0);
    ck_assert_int_eq(paths.nodes[0].total, 10000000000);
    for (uint32_t i = 1; i < paths.count; i++)
        ck_assert_uint_lt(paths.nodes[i].parent, i);
    paths_release(&paths);
    profile_release(&profile);
}
END_TEST

static int64_t cumulative(const struct paths *paths, uint32_t function)
{
    int64_t sum = 0;
    for (uint32_t i = 1; i < paths->count; i++) {
        bool runs = false;
        for (uint32_t j = i; j != 0; j = paths->nodes[j].parent)
            runs |= paths->nodes[j].function == function;
        sum += runs ? paths->nodes[i].self : 0;
    }
    return sum;
}

/* main calls even calls odd calls even ..., and odd also leaf; both lead to more of the other. */
static int fill_mutual(struct profile *profile)
{
    enum { EVEN = 1, ODD, LEAF };
    profiles_list(profile, "m.py", 1, "main", 1, 1e-6, 21e-6);
    profiles_list(profile, "m.py", 2, "even", 4, 8e-6, 20e-6);
    profiles_list(profile, "m.py", 3, "odd", 4, 7e-6, 18e-6);
    if (profiles_list(profile, "m.py", 4, "leaf", 4, 5e-6, 5e-6) != LEAF)
        return -1;
    return profiles_call(profile, EVEN, MAIN, 1, 2e-6, 20e-6) && profiles_call(profile, EVEN, ODD, 3, 6e-6, 14e-6) &&
                   profiles_call(profile, ODD, EVEN, 4, 7e-6, 18e-6) && profiles_call(profile, LEAF, ODD, 4, 5e-6, 5e-6)
               ? 0
               : -1;
}

START_TEST(cumulative_times_of_recursive_functions_are_true)
{
    static const int64_t own[] = {1000, 8000, 7000, 5000}, whole[] = {21000, 20000, 18000, 5000};
    static const int64_t calls[] = {1, 4, 4, 4};
    struct profile profile;
    struct paths paths;
    profile_init(&profile, &allocator_libc);
    ck_assert_int_eq(fill_mutual(&profile), 0);
    ck_assert_int_eq(stacks_init(&paths, &profile, NULL), 0);
    for (uint32_t i = 0; i < 4; i++) {
        assert_function(&paths, i, calls[i], own[i]);
        ck_assert_int_eq(cumulative(&paths, i), whole[i]);
    }
    paths_release(&paths);
    profile_release(&profile);
}
END_TEST

/* f calls f calls f calls g. */
static int fill_recursive(struct profile *profile)
{
    profiles_list(profile, "m.py", 1, "f", 3, 3e-9, 4e-9);
    profiles_list(profile, "m.py", 2, "g", 1, 1e-9, 1e-9);
    struct path_tree *tree = profile_append_tree(profile, 4, 2);
    if (!tree || !(tree->columns[0].name = string_pool_intern_c(&profile->strings, PATH_CALLS)) ||
        !(tree->columns[1].name = string_pool_intern_c(&profile->strings, PATH_SELF)))
        return -1;
    tree->columns[0].unit = tree->columns[1].unit = tree->columns[0].name;
    for (uint32_t i = 0; i < 4; i++) {
        tree->parent[i] = i ? i - 1 : PROFILE_NO_PARENT;
        tree->function[i] = i / 3;
        tree->columns[0].values[i] = tree->columns[1].values[i] = 1;
    }
    return 0;
}

START_TEST(recursion_is_folded_where_it_makes_too_much)
{
    struct profile profile;
    struct paths paths;
    profile_init(&profile, &allocator_libc);
    ck_assert_int_eq(fill_recursive(&profile), 0);
    ck_assert_int_eq(stacks_init(&paths, &profile, NULL), 0);
    ck_assert(!paths.estimated);
    ck_assert_int_eq(stacks_limit(&paths, 10, NULL), 0);
    ck_assert_uint_eq(paths.count, 5);
    ck_assert_int_eq(stacks_limit(&paths, 9, NULL), 0);
    ck_assert_uint_eq(paths.count, 3);
    assert_function(&paths, 0, 3, 3);
    assert_function(&paths, 1, 1, 1);
    paths_release(&paths);
    profile_release(&profile);
}
END_TEST

static int make_with(const struct allocator *allocator, void *context)
{
    struct profile profile;
    struct paths paths;
    profile_init(&profile, allocator);
    int (*const fill_it)(struct profile *) = context ? fill_mutual : fill;
    int result = fill_it(&profile) < 0 || stacks_init(&paths, &profile, NULL) < 0 ? -1 : 0;
    if (result == 0) {
        result = stacks_limit(&paths, 1, NULL);
        paths_release(&paths);
    }
    profile_release(&profile);
    return result;
}

START_TEST(survives_each_failed_allocation)
{
    bool mutual = true;
    test_fail_each_allocation(make_with, NULL);
    test_fail_each_allocation(make_with, &mutual);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("stacks");
    TCase *tests = tcase_create("stacks");
    tcase_add_test(tests, an_estimate_is_true_for_each_function);
    tcase_add_test(tests, cumulative_times_of_recursive_functions_are_true);
    tcase_add_test(tests, recursion_is_folded_where_it_makes_too_much);
    tcase_add_test(tests, survives_each_failed_allocation);
    suite_add_tcase(suite, tests);
    return test_main(suite);
}
