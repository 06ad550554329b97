#include "decimal.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "support.h"

static void assert_decimal(double value, uint64_t digits, int exponent)
{
    struct decimal decimal = decimal_shortest(value);
    ck_assert_uint_eq(decimal.digits, digits);
    ck_assert_int_eq(decimal.exponent, exponent);
}

START_TEST(some_are_known)
{
    assert_decimal(1.0, 1, 0);
    assert_decimal(0.1, 1, -1);
    assert_decimal(0.1 + 0.2, 30000000000000004, -17);
    assert_decimal(1.0 / 3, 3333333333333333, -16);
    assert_decimal(123e-9, 123, -9);
    assert_decimal(5e-324, 5, -324);
    assert_decimal(7e-310, 7, -310);
    assert_decimal(DBL_MAX, 17976931348623157, 292);
    assert_decimal(DBL_MIN, 22250738585072014, -324);
    assert_decimal(9007199254740993.0, 9007199254740992, 0);
    assert_decimal(1e23, 1, 23);
    assert_decimal(0x1p-20, 95367431640625, -20);
}
END_TEST

/* The first number of digits, from one on, that reads back. */
static struct decimal try_all(double value)
{
    char text[40] = "";
    for (int digits = 1; digits <= 17 && (digits == 1 || strtod(text, NULL) != value); digits++)
        snprintf(text, sizeof text, "%.*e", digits - 1, value);
    struct decimal decimal = {0, 0};
    int decimals = 0;
    char *at = text;
    for (; *at != 'e'; at++) {
        if (*at != '.')
            decimal.digits = 10 * decimal.digits + (uint64_t)(*at - '0');
        decimals += at > text + 1;
    }
    decimal.exponent = atoi(at + 1) - decimals;
    return decimal;
}

static double random_below(unsigned *state, double limit)
{
    *state = *state * 1103515245u + 12345u;
    unsigned high = *state;
    *state = *state * 1103515245u + 12345u;
    return ldexp((double)high * 0x1p32 + *state, -64) * limit;
}

/* Of all magnitudes, and times as sums and whole numbers of nanoseconds. */
START_TEST(all_are_the_shortest)
{
    unsigned state = 1;
    for (int i = 0; i < 20000; i++) {
        double value = ldexp(1 + random_below(&state, 1), (int)random_below(&state, 200) - 100);
        if (i % 4 == 1)
            value = floor(random_below(&state, 1e12)) * 1e-9;
        else if (i % 4 == 2)
            value = floor(random_below(&state, 1e6)) / 1e3;
        if (value == 0)
            continue;
        struct decimal expected = try_all(value);
        assert_decimal(value, expected.digits, expected.exponent);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("decimal");
    TCase *tests = tcase_create("decimal");
    tcase_add_test(tests, some_are_known);
    tcase_add_test(tests, all_are_the_shortest);
    suite_add_tcase(suite, tests);
    return test_main(suite);
}
