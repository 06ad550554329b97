#include "profile.h"

#include <string.h>

#include "profiles.h"
#include "support.h"

START_TEST(a_label_is_one_function)
{
    struct profile profile;
    const struct string *f, *g;

    profile_init(&profile, &allocator_libc);
    f = string_pool_intern_c(&profile.strings, "f");
    g = string_pool_intern_c(&profile.strings, "g");
    ck_assert_uint_eq(profile_function(&profile, f, 1, g), 0);
    ck_assert_uint_eq(profile_function(&profile, f, 2, g), 1);
    ck_assert_uint_eq(profile_function(&profile, g, 1, f), 2);
    ck_assert_uint_eq(profile_function(&profile, f, -1, g), 3);
    ck_assert_uint_eq(profile_function(&profile, f, 1, g), 0);
    ck_assert_uint_eq(profile_function(&profile, g, 1, f), 2);
    ck_assert_uint_eq(profile.function_count, 4);
    ck_assert(!profile.functions[3].listed);
    ck_assert_int_eq(profile.functions[3].ncalls, 0);
    profile_release(&profile);
    ck_assert_uint_eq(profile.function_count, 0);
}
END_TEST

START_TEST(holds_many_functions)
{
    struct profile profile;
    const struct string *file;

    profile_init(&profile, &allocator_libc);
    file = string_pool_intern_c(&profile.strings, "f");
    for (uint32_t i = 0; i < 5000; i++)
        ck_assert_uint_eq(profile_function(&profile, file, i / 2, file), i / 2);
    ck_assert_uint_eq(profile.function_count, 2500);
    profile_release(&profile);
}
END_TEST

START_TEST(callers_are_kept_in_order)
{
    struct profile profile;
    uint32_t a, b, c;

    profile_init(&profile, &allocator_libc);
    a = profiles_list(&profile, "f", 1, "a", 1, 0, 0);
    b = profiles_list(&profile, "f", 2, "b", 1, 0, 0);
    c = profiles_list(&profile, "f", 3, "c", 1, 0, 0);
    ck_assert_ptr_null(function_find_caller(&profile.functions[a], b));
    for (int64_t i = 0; i < 20; i++)
        ck_assert_ptr_nonnull(profiles_call(&profile, a, i % 2 ? b : c, i, 0, 0));
    ck_assert_uint_eq(profile.functions[a].caller_count, 20);
    for (int64_t i = 0; i < 20; i++) {
        ck_assert_int_eq(profile.functions[a].callers[i].ncalls, i);
        ck_assert_uint_eq(profile.functions[a].callers[i].function, i % 2 ? b : c);
    }
    ck_assert_ptr_eq(function_find_caller(&profile.functions[a], b), &profile.functions[a].callers[1]);
    ck_assert_uint_eq(profile.functions[b].caller_count, 0);
    profile_release(&profile);
}
END_TEST

START_TEST(moves_functions_to_the_front)
{
    static const uint32_t order[] = {3, 1};
    static const char *const expected[] = {"d", "b", "a", "c"};
    struct profile profile;
    struct path_tree *tree;

    profile_init(&profile, &allocator_libc);
    profiles_list(&profile, "f", 1, "a", 1, 0, 0);
    profiles_list(&profile, "f", 1, "b", 2, 0, 0);
    profiles_list(&profile, "f", 1, "c", 3, 0, 0);
    profiles_list(&profile, "f", 1, "d", 4, 0, 0);
    profiles_call(&profile, 3, 0, 30, 0, 0);
    tree = profile_append_tree(&profile, 1, 0);
    tree->parent[0] = PROFILE_NO_PARENT;
    tree->function[0] = 2;
    ck_assert_int_eq(profile_move_to_front(&profile, order, 2), 0);
    for (uint32_t i = 0; i < 4; i++) {
        ck_assert_str_eq(profile.functions[i].label.name->bytes, expected[i]);
        ck_assert_uint_eq(profiles_function(&profile, "f", 1, expected[i]), i);
    }
    ck_assert_int_eq(profile.functions[0].ncalls, 4);
    ck_assert_uint_eq(profile.functions[0].callers[0].function, 2);
    ck_assert_uint_eq(profile.trees[0].function[0], 3);
    ck_assert_uint_eq(profile.function_count, 4);
    profile_release(&profile);
}
END_TEST

START_TEST(a_fact_replaces_one_of_its_name)
{
    struct profile profile;

    profile_init(&profile, &allocator_libc);
    ck_assert_ptr_null(profile_fact(&profile, "clock"));
    ck_assert_int_eq(profile_set_integer(&profile, "clock", 5), 0);
    ck_assert_int_eq(profile_set_real(&profile, "wall", 0.5), 0);
    ck_assert_int_eq(profile_set_text(&profile, "clock", "c\0u", 3), 0);
    ck_assert_uint_eq(profile.fact_count, 2);
    ck_assert_int_eq(profile_fact(&profile, "clock")->kind, FACT_TEXT);
    ck_assert_uint_eq(profile_fact(&profile, "clock")->text->size, 3);
    ck_assert_int_eq(profile_fact(&profile, "clock")->integer, 0);
    ck_assert_double_eq(profile_fact(&profile, "wall")->real, 0.5);
    ck_assert_ptr_null(profile_fact(&profile, "wal"));
    profile_release(&profile);
}
END_TEST

static int fill(const struct allocator *allocator, void *context)
{
    static const uint32_t order[] = {2, 4};
    struct profile profile;
    int status;

    profile_init(&profile, allocator);
    status = profiles_fill(&profile);
    if (status == 0)
        status = profile_move_to_front(&profile, order, 2);
    profile_release(&profile);
    return status;
}

START_TEST(survives_each_failed_allocation)
{
    test_fail_each_allocation(fill, NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("profile");
    TCase *tests = tcase_create("profile");
    tcase_add_test(tests, a_label_is_one_function);
    tcase_add_test(tests, holds_many_functions);
    tcase_add_test(tests, callers_are_kept_in_order);
    tcase_add_test(tests, moves_functions_to_the_front);
    tcase_add_test(tests, a_fact_replaces_one_of_its_name);
    tcase_add_test(tests, survives_each_failed_allocation);
    suite_add_tcase(suite, tests);
    return test_main(suite);
}
