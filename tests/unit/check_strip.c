#include "strip.h"

#include <string.h>

#include "profiles.h"
#include "support.h"

START_TEST(without_directories_equals_add_up)
{
    struct profile profile;
    uint32_t moved[8];
    profile_init(&profile, &allocator_libc);
    uint32_t one = profiles_list(&profile, "/x/m.py", 1, "f", 1, 0.5, 1.0);
    uint32_t two = profiles_list(&profile, "/y/m.py", 1, "f", 2, 0.25, 0.5);
    uint32_t plain = profiles_list(&profile, "m.py/", 1, "f", 4, 0.125, 0.25);
    uint32_t caller = profiles_function(&profile, "/x/c.py", 1, "c");
    uint32_t other = profiles_function(&profile, "c.py", 1, "c");
    profiles_call(&profile, one, caller, 1, 0.5, 1.0);
    profiles_call(&profile, one, other, 10, 0.25, 1.0);
    profiles_call(&profile, two, other, 100, 0.125, 1.0)->plain = true;
    struct path_tree *tree = profile_append_tree(&profile, 2, 0);
    memcpy(tree->function, (uint32_t[]){other, plain}, 2 * sizeof *tree->function);
    ck_assert_int_eq(strip_directories(&profile, moved, NULL), 0);

    ck_assert_uint_eq(profile.function_count, 3);
    profiles_assert_label(&profile, 0, "m.py", "f");
    profiles_assert_label(&profile, 1, "", "f");
    profiles_assert_label(&profile, 2, "c.py", "c");
    const uint32_t expected[] = {0, 0, 1, 2, 2};
    ck_assert_mem_eq(moved, expected, sizeof expected);
    profiles_assert_numbers(&profile, 0, 3, 0.75, 1.5);
    profiles_assert_edge(&profile, 0, 2, 111, 0.875);
    ck_assert_uint_eq(profile.functions[0].caller_count, 1);
    ck_assert(!profile.functions[0].callers[0].plain);
    ck_assert(!profile.functions[2].listed);
    ck_assert_uint_eq(tree->function[0], 2);
    ck_assert_uint_eq(tree->function[1], 1);
    profile_release(&profile);
}
END_TEST

START_TEST(functions_that_stay_different_stay_where_they_are)
{
    struct profile profile;
    uint32_t moved[3];
    profile_init(&profile, &allocator_libc);
    uint32_t f = profiles_list(&profile, "/x/m.py", 1, "f", 1, 0.5, 1.0);
    uint32_t g = profiles_list(&profile, "/x/m.py", 2, "g", 2, 0.25, 0.5);
    profiles_call(&profile, g, f, 2, 0.25, 0.5);
    ck_assert_int_eq(strip_directories(&profile, moved, NULL), 0);
    ck_assert_uint_eq(profile.function_count, 2);
    profiles_assert_label(&profile, f, "m.py", "f");
    profiles_assert_label(&profile, g, "m.py", "g");
    profiles_assert_edge(&profile, g, f, 2, 0.25);
    ck_assert_uint_eq(moved[f], f);
    ck_assert_uint_eq(moved[g], g);
    ck_assert_uint_eq(profiles_function(&profile, "m.py", 2, "g"), g);
    ck_assert_uint_eq(profiles_function(&profile, "/x/m.py", 2, "g"), 2);
    profile_release(&profile);
}
END_TEST

static int strip_two(const struct allocator *allocator, void *context)
{
    struct profile profile;
    uint32_t moved[2];
    profile_init(&profile, allocator);
    uint32_t f = profiles_list(&profile, "/x/m.py", 1, "f", 1, 0.5, 1.0);
    uint32_t g = profiles_list(&profile, "/y/m.py", 1, "f", 1, 0.5, 1.0);
    int result = f != PROFILE_NO_FUNCTION && g != PROFILE_NO_FUNCTION && profiles_call(&profile, f, g, 1, 0, 0)
                     ? strip_directories(&profile, moved, NULL)
                     : -1;
    profile_release(&profile);
    return result;
}

START_TEST(says_when_memory_is_short)
{
    test_fail_each_allocation(strip_two, NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("strip");
    TCase *tcase = tcase_create("strip");
    tcase_add_test(tcase, without_directories_equals_add_up);
    tcase_add_test(tcase, functions_that_stay_different_stay_where_they_are);
    tcase_add_test(tcase, says_when_memory_is_short);
    suite_add_tcase(suite, tcase);
    return test_main(suite);
}
