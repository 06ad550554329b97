#include "grand_total.h"

#include "profiles.h"
#include "support.h"

/* Files are summed one by one, then added, as pstats does: 0.1 + 0.2 and 0.3 give another last digit than one sum. */
START_TEST(adds_the_sums_of_files)
{
    struct profile profiles[2];
    struct grand_total total = {0};
    for (int i = 0; i < 2; i++)
        profile_init(&profiles[i], &allocator_libc);
    profiles_list(&profiles[0], "m.py", 1, "f", 3, 0.3, 0.3);
    profiles_list(&profiles[1], "m.py", 1, "f", 4, 0.1, 0.1);
    profiles_list(&profiles[1], "m.py", 2, "g", 5, 0.2, 0.2);
    profiles[1].functions[0].primitive = 1;
    profiles_function(&profiles[1], "m.py", 3, "a caller only");
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(grand_total_add(&total, &profiles[i], NULL), 0);
    ck_assert_int_eq(total.ncalls, 12);
    ck_assert_int_eq(total.primitive, 9);
    ck_assert_double_eq(total.tottime, 0.3 + (0.1 + 0.2));
    for (int i = 0; i < 2; i++)
        profile_release(&profiles[i]);
}
END_TEST

START_TEST(counts_do_not_overflow)
{
    struct profile profile;
    struct error error = {0};
    struct grand_total total = {0};
    profile_init(&profile, &allocator_libc);
    profiles_list(&profile, "m.py", 1, "f", INT64_MAX / 2 + 1, 0, 0);
    ck_assert_int_eq(grand_total_add(&total, &profile, NULL), 0);
    ck_assert_int_eq(grand_total_add(&total, &profile, &error), -1);
    ck_assert_str_eq(error.reason, "more calls than 64 bits can count");
    profile_release(&profile);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("grand_total");
    TCase *tcase = tcase_create("grand_total");
    tcase_add_test(tcase, adds_the_sums_of_files);
    tcase_add_test(tcase, counts_do_not_overflow);
    suite_add_tcase(suite, tcase);
    return test_main(suite);
}
