#include "sort.h"

#include "support.h"

enum { LARGEST = 300, VALUES = 7 };

static int compare_values(const void *context, uint32_t a, uint32_t b)
{
    const int *values = context;
    return values[a] - values[b];
}

static void fill(int *values, uint32_t *rows, uint32_t count)
{
    uint32_t random = count;
    for (uint32_t i = 0; i < count; i++) {
        random = random * 1664525u + 1013904223u;
        values[i] = (int)(random >> 8) % VALUES;
        rows[i] = i;
    }
}

START_TEST(sorts_and_keeps_the_order_of_equals)
{
    int values[LARGEST] = {0};
    uint32_t rows[LARGEST], count = (uint32_t)_i;
    fill(values, rows, count);
    ck_assert_int_eq(sort_rows(rows, count, compare_values, values, &allocator_libc), 0);
    for (uint32_t i = 1; i < count; i++) {
        ck_assert_int_le(values[rows[i - 1]], values[rows[i]]);
        if (values[rows[i - 1]] == values[rows[i]])
            ck_assert_uint_lt(rows[i - 1], rows[i]);
    }
}
END_TEST

static int sort_many(const struct allocator *allocator, void *context)
{
    int values[LARGEST] = {0};
    uint32_t rows[LARGEST];
    fill(values, rows, LARGEST);
    return sort_rows(rows, LARGEST, compare_values, values, allocator);
}

START_TEST(says_when_memory_is_short)
{
    test_fail_each_allocation(sort_many, NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sort");
    TCase *tcase = tcase_create("sort");
    tcase_add_loop_test(tcase, sorts_and_keeps_the_order_of_equals, 0, LARGEST);
    tcase_add_test(tcase, says_when_memory_is_short);
    suite_add_tcase(suite, tcase);
    return test_main(suite);
}
