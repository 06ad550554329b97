#include "strip.h"

#include "profiles.h"
#include "support.h"

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
    profiles_assert_label(&stripped, 0, "m.py", "f");
    profiles_assert_label(&stripped, 1, "", "f");
    profiles_assert_label(&stripped, 2, "c.py", "c");
    ck_assert_uint_eq(moved[one], 0);
    ck_assert_uint_eq(moved[two], 0);
    ck_assert_uint_eq(moved[plain], 1);
    ck_assert_uint_eq(moved[caller], 2);
    ck_assert_uint_eq(moved[other], 2);
    profiles_assert_numbers(&stripped, 0, 3, 0.75, 1.5);
    profiles_assert_edge(&stripped, 0, 2, 111, 0.875);
    ck_assert_uint_eq(stripped.functions[0].caller_count, 1);
    ck_assert(!stripped.functions[0].callers[0].plain);
    ck_assert(!stripped.functions[2].listed);
    profile_release(&stripped);
    profile_release(&profile);
}
END_TEST

static int strip_two(const struct allocator *allocator, void *context)
{
    struct profile profile, stripped;
    uint32_t moved[2];
    profile_init(&profile, allocator);
    profile_init(&stripped, allocator);
    uint32_t f = profiles_list(&profile, "/x/m.py", 1, "f", 1, 0.5, 1.0);
    uint32_t g = profiles_list(&profile, "/y/m.py", 1, "f", 1, 0.5, 1.0);
    int result = f != PROFILE_NO_FUNCTION && g != PROFILE_NO_FUNCTION && profiles_call(&profile, f, g, 1, 0, 0)
                     ? strip_directories(&stripped, &profile, moved, NULL)
                     : -1;
    profile_release(&stripped);
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
    tcase_add_test(tcase, says_when_memory_is_short);
    suite_add_tcase(suite, tcase);
    return test_main(suite);
}
