#include "thread_part.h"

#include <stdio.h>
#include <string.h>

#include "profiles.h"
#include "support.h"

enum { MAIN, F, G, OTHER };

/* main calls f, which calls itself and then g; another thread calls main. */
static int fill(struct profile *profile, int64_t calls_of_g)
{
    static const char *const names[] = {"main", "f", "g", "other"};
    const int64_t calls[] = {1, 2, 3, calls_of_g}, self[] = {1000000000, 2000000000, 3000000000, 4000000000};
    for (size_t i = 0; i < 4; i++)
        if (profiles_list(profile, "m.py", 1, names[i], 100, 100.0, 100.0) == PROFILE_NO_FUNCTION)
            return -1;
    for (int t = 0; t < 2; t++) {
        struct path_tree *tree = profile_append_tree(profile, t == 0 ? 4 : 1, 2);
        if (!tree || !(tree->thread = string_pool_intern_c(&profile->strings, t == 0 ? "worker" : "idle")))
            return -1;
        if (!(tree->columns[0].name = string_pool_intern_c(&profile->strings, "calls")) ||
            !(tree->columns[1].name = string_pool_intern_c(&profile->strings, "self")))
            return -1;
        tree->columns[0].unit = tree->columns[1].unit = tree->columns[0].name;
        memcpy(tree->parent, (uint32_t[]){PROFILE_NO_PARENT, 0, 1, 2}, tree->count * sizeof *tree->parent);
        memcpy(tree->function, (uint32_t[]){MAIN, F, F, G}, tree->count * sizeof *tree->function);
        memcpy(tree->columns[0].values, calls, tree->count * sizeof *calls);
        memcpy(tree->columns[1].values, self, tree->count * sizeof *self);
    }
    return 0;
}

START_TEST(recursive_calls_are_not_primitive_and_their_time_counts_once)
{
    struct profile profile;
    profile_init(&profile, &allocator_libc);
    ck_assert_int_eq(fill(&profile, 6), 0);
    ck_assert_int_eq(thread_part_select(&profile, "worker", NULL), 0);
    profiles_assert_numbers(&profile, MAIN, 1, 1.0, 10.0);
    profiles_assert_numbers(&profile, F, 5, 5.0, 9.0);
    profiles_assert_numbers(&profile, G, 6, 4.0, 4.0);
    ck_assert_int_eq(profile.functions[F].primitive, 2);
    ck_assert(!profile.functions[OTHER].listed);
    profiles_assert_edge(&profile, F, MAIN, 2, 2.0);
    profiles_assert_edge(&profile, F, F, 3, 3.0);
    profiles_assert_edge(&profile, G, F, 6, 4.0);
    ck_assert_double_eq(function_find_caller(&profile.functions[F], MAIN)->cumtime, 9.0);
    ck_assert_double_eq(function_find_caller(&profile.functions[F], F)->cumtime, 7.0);
    ck_assert_uint_eq(profile.tree_count, 1);
    ck_assert_uint_eq(profile.trees[0].count, 4);
    profile_release(&profile);
}
END_TEST

START_TEST(of_another_thread_nothing_is_left)
{
    struct profile profile;
    profile_init(&profile, &allocator_libc);
    ck_assert_int_eq(fill(&profile, 6), 0);
    ck_assert_int_eq(thread_part_select(&profile, "idle", NULL), 0);
    profiles_assert_numbers(&profile, MAIN, 1, 1.0, 1.0);
    ck_assert(!profile.functions[F].listed);
    ck_assert_uint_eq(profile.functions[F].caller_count, 0);
    profile_release(&profile);
}
END_TEST

START_TEST(numbers_that_cannot_be_are_refused)
{
    const int64_t impossible[] = {-1, INT64_MAX};
    for (size_t i = 0; i < 2; i++) {
        struct profile profile;
        struct error error = {0};
        profile_init(&profile, &allocator_libc);
        ck_assert_int_eq(fill(&profile, impossible[i]), 0);
        ck_assert_int_eq(thread_part_select(&profile, "worker", &error), -1);
        ck_assert_int_eq(error.code, ERROR_ARGUMENT);
        ck_assert_str_eq(error.reason, "numbers of calls that cannot be");
        profile_release(&profile);
    }
}
END_TEST

/* Threads of these names, and what is said when another is wanted. */
static void refuse_among(size_t count, void (*name_thread)(size_t i, char text[80]), const char *reason)
{
    struct profile profile;
    struct error error = {0};
    profile_init(&profile, &allocator_libc);
    for (size_t i = 0; i < count; i++) {
        char text[80];
        struct path_tree *tree = profile_append_tree(&profile, 0, 0);
        name_thread(i, text);
        ck_assert_ptr_nonnull(tree);
        tree->thread = string_pool_intern_c(&profile.strings, text);
    }
    ck_assert_int_eq(thread_part_select(&profile, "nobody", &error), -1);
    ck_assert_str_eq(error.reason, reason);
    profile_release(&profile);
}

static void name_short(size_t i, char text[80])
{
    snprintf(text, 80, "t%zu", i);
}

static void name_twice(size_t i, char text[80])
{
    snprintf(text, 80, "t%zu", i / 2 % 11);
}

static void name_long(size_t i, char text[80])
{
    snprintf(text, 80, "%zu/----------------------------------------------", 10 + i);
}

START_TEST(threads_that_there_are_are_named)
{
    refuse_among(2, name_short, "no thread 'nobody' among 2: 't0', 't1'");
    refuse_among(10, name_short,
                 "no thread 'nobody' among 10: 't0', 't1', 't2', 't3', 't4', 't5', 't6', 't7', 't8', 't9'");
    refuse_among(44, name_twice,
                 "no thread 'nobody' among 44: 't0', 't1', 't2', 't3', 't4', 't5', 't6', 't7', 't8', 't9' and 4 more");
    refuse_among(5, name_long,
                 "no thread 'nobody' among 5: '10/-------------------------------------', "
                 "'11/-------------------------------------', '12/-------------------------------------', "
                 "'13/-------------------------------------' and 1 more");
}
END_TEST

static int select_with(const struct allocator *allocator, void *context)
{
    struct profile profile;
    struct error error = {0};
    profile_init(&profile, allocator);
    int result = fill(&profile, 6) < 0 || thread_part_select(&profile, "worker", &error) < 0 ? -1 : 0;
    ck_assert(error.code == 0 || error.code == ERROR_MEMORY);
    profile_release(&profile);
    return result;
}

START_TEST(survives_each_failed_allocation)
{
    test_fail_each_allocation(select_with, NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("thread_part");
    TCase *tests = tcase_create("thread_part");
    tcase_add_test(tests, recursive_calls_are_not_primitive_and_their_time_counts_once);
    tcase_add_test(tests, of_another_thread_nothing_is_left);
    tcase_add_test(tests, numbers_that_cannot_be_are_refused);
    tcase_add_test(tests, threads_that_there_are_are_named);
    tcase_add_test(tests, survives_each_failed_allocation);
    suite_add_tcase(suite, tests);
    return test_main(suite);
}
