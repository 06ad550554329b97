#include "trend.h"

#include "profiles.h"
#include "support.h"

/* f takes `f` seconds, and there may be g; lines are moved down by so many. */
static int fill(struct profile *profile, double f, double g, int64_t moved)
{
    if (profiles_list(profile, "m.py", 1 + moved, "f", 1, f, f) == PROFILE_NO_FUNCTION)
        return -1;
    return g > 0 && profiles_list(profile, "m.py", 2 + moved, "g", 3, g, g + f) == PROFILE_NO_FUNCTION ? -1 : 0;
}

static int add(struct trend *trend, double f, double g, int64_t moved, double time)
{
    struct profile profile;
    profile_init(&profile, trend->allocator);
    int result = fill(&profile, f, g, moved);
    if (result == 0)
        result = trend_add(trend, &profile, time, NULL);
    profile_release(&profile);
    return result;
}

START_TEST(shares_are_in_the_order_of_time)
{
    struct trend trend;
    trend_init(&trend, TREND_TOTTIME, &allocator_libc);
    ck_assert_int_eq(add(&trend, 1.0, 3.0, 30, 300), 0);
    ck_assert_int_eq(add(&trend, 1.0, 0, 10, 100), 0);
    ck_assert_int_eq(add(&trend, 1.0, 1.0, 20, 200), 0);
    trend_finish(&trend);
    ck_assert_uint_eq(trend.functions.function_count, 2);
    ck_assert_uint_eq(trend.profiles[0].number, 1);
    static const double shares[2][3] = {{1, 0.5, 0.25}, {0, 0.5, 0.75}};
    for (uint32_t row = 0; row < 2; row++)
        for (size_t i = 0; i < 3; i++)
            ck_assert_double_eq(trend_share(&trend, row, i), shares[row][i]);
    ck_assert_double_eq(trend.functions.functions[0].cumtime, -0.75);
    ck_assert_double_eq(trend.functions.functions[1].cumtime, 0.75);
    ck_assert_double_eq(trend.functions.functions[1].tottime, 0.75);
    ck_assert_int_eq(trend.functions.functions[0].label.line, 31);
    trend_release(&trend);
}
END_TEST

START_TEST(measures_differ)
{
    static const double shares[] = {[TREND_CUMTIME] = 1.0, [TREND_TOTTIME] = 0.75, [TREND_NCALLS] = 0.75};
    for (int measure = TREND_CUMTIME; measure <= TREND_NCALLS; measure++) {
        struct trend trend;
        trend_init(&trend, (enum trend_measure)measure, &allocator_libc);
        ck_assert_int_eq(add(&trend, 1.0, 3.0, 0, 0), 0);
        trend_finish(&trend);
        ck_assert_double_eq(trend_share(&trend, 1, 0), shares[measure]);
        ck_assert_double_eq(trend.functions.functions[1].cumtime, 0);
        trend_release(&trend);
    }
}
END_TEST

/* Of two functions of one name the upper one stays the upper one. */
START_TEST(equal_names_are_told_apart_by_their_order)
{
    struct trend trend;
    trend_init(&trend, TREND_TOTTIME, &allocator_libc);
    for (int i = 0; i < 2; i++) {
        struct profile profile;
        profile_init(&profile, &allocator_libc);
        profiles_list(&profile, "m.py", i ? 90 : 20, "f", 1, i ? 3.0 : 1.0, 1);
        profiles_list(&profile, "m.py", i ? 15 : 80, "f", 1, i ? 1.0 : 3.0, 1);
        ck_assert_int_eq(trend_add(&trend, &profile, i, NULL), 0);
        profile_release(&profile);
    }
    trend_finish(&trend);
    ck_assert_uint_eq(trend.functions.function_count, 2);
    for (size_t i = 0; i < 2; i++) {
        ck_assert_double_eq(trend_share(&trend, 0, i), 0.25);
        ck_assert_double_eq(trend_share(&trend, 1, i), 0.75);
    }
    trend_release(&trend);
}
END_TEST

static int follow_with(const struct allocator *allocator, void *context)
{
    struct trend trend;
    trend_init(&trend, TREND_CUMTIME, allocator);
    int result = add(&trend, 1, 0, 0, 1) < 0 || add(&trend, 1, 2, 0, 2) < 0 ? -1 : 0;
    if (result == 0)
        trend_finish(&trend);
    trend_release(&trend);
    return result;
}

START_TEST(survives_each_failed_allocation)
{
    test_fail_each_allocation(follow_with, NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("trend");
    TCase *tests = tcase_create("trend");
    tcase_add_test(tests, shares_are_in_the_order_of_time);
    tcase_add_test(tests, measures_differ);
    tcase_add_test(tests, equal_names_are_told_apart_by_their_order);
    tcase_add_test(tests, survives_each_failed_allocation);
    suite_add_tcase(suite, tests);
    return test_main(suite);
}
