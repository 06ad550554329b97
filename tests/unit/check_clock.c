#include <math.h>
#include <stdlib.h>
#include <time.h>

#include "core/clock.h"
#include "support.h"

static int64_t read_context(void *context)
{
    return *(int64_t *)context;
}

START_TEST(custom_clock_reads_its_context)
{
    int64_t ticks = 42;
    struct clock clock = clock_custom(read_context, &ticks, "test", 0.5);
    ck_assert_int_eq(clock_now(&clock), 42);
    ticks = -7;
    ck_assert_int_eq(clock_now(&clock), -7);
    ck_assert_double_eq(clock_seconds_per_tick(&clock), 0.5);
    ck_assert_str_eq(clock.name, "test");
}
END_TEST

/* The scale is right if a span of the wall clock, in seconds, is what CLOCK_MONOTONIC says of a span around it. */
START_TEST(wall_clock_measures_seconds)
{
    struct clock clock = clock_wall();
    int64_t outer = clock_monotonic_ns();
    int64_t begin = clock_now(&clock);
    int64_t inner = clock_monotonic_ns();
    while (clock_monotonic_ns() - inner < 20000000)
        ;
    int64_t inner_end = clock_monotonic_ns();
    int64_t end = clock_now(&clock);
    int64_t outer_end = clock_monotonic_ns();
    double seconds = (double)(end - begin) * clock_seconds_per_tick(&clock);
    double error = 1e-4 * seconds; /* of the calibration */
    ck_assert_double_ge(seconds, (double)(inner_end - inner) * 1e-9 - error);
    ck_assert_double_le(seconds, (double)(outer_end - outer) * 1e-9 + error);
}
END_TEST

START_TEST(cpu_clock_stands_still_while_waiting)
{
    struct clock clock = clock_cpu();
    struct timespec pause = {0, 50000000};
    int64_t begin = clock_now(&clock);
    int64_t wall = clock_monotonic_ns();
    nanosleep(&pause, NULL);
    wall = clock_monotonic_ns() - wall;
    int64_t cpu = clock_now(&clock) - begin;
    ck_assert_int_ge(wall, 50000000);
    ck_assert_int_lt(cpu, wall / 2);
    ck_assert_double_eq(clock_seconds_per_tick(&clock), 1e-9);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("clock");
    TCase *tests = tcase_create("clock");
    tcase_add_test(tests, custom_clock_reads_its_context);
    tcase_add_test(tests, wall_clock_measures_seconds);
    tcase_add_test(tests, cpu_clock_stands_still_while_waiting);
    suite_add_tcase(suite, tests);
    return test_main(suite);
}
