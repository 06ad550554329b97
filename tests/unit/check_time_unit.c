#include "time_unit.h"

#include <string.h>

#include "support.h"

START_TEST(units_are_found_by_name)
{
    static const struct {
        const char *name, *title;
        double per_second;
    } expected[] = {
        {"s", "seconds", 1}, {"ms", "milliseconds", 1e3}, {"us", "microseconds", 1e6}, {"ns", "nanoseconds", 1e9}};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        const struct time_unit *unit = time_unit_find(expected[i].name, NULL);
        ck_assert_ptr_eq(unit, &time_units[i]);
        ck_assert_str_eq(unit->title, expected[i].title);
        ck_assert_double_eq(unit->per_second, expected[i].per_second);
    }
}
END_TEST

START_TEST(others_are_refused)
{
    static const char *const bad[] = {"", "m", "sec", "MS"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct error error = {0};
        ck_assert_ptr_null(time_unit_find(bad[i], &error));
        ck_assert_int_eq(error.code, ERROR_ARGUMENT);
        ck_assert_ptr_nonnull(strstr(error.reason, "(s, ms, us, ns)"));
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("time_unit");
    TCase *tcase = tcase_create("time_unit");
    tcase_add_test(tcase, units_are_found_by_name);
    tcase_add_test(tcase, others_are_refused);
    suite_add_tcase(suite, tcase);
    return test_main(suite);
}
