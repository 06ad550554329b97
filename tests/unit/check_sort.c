#include "sort.h"

#include <stdbool.h>

#include "support.h"

enum { LARGEST = 100, VALUES = 7 };

/* Ranks that tell some values apart and leave the others to the comparison. */
static uint64_t rank_of(int value)
{
    return (uint64_t)value / 3;
}

struct comparison {
    const int *values;
    bool *needless; /* asked for what the ranks say */
};

static int compare_values(const void *context, uint32_t a, uint32_t b)
{
    const struct comparison *comparison = context;
    const int *values = comparison->values;
    if (a == b || rank_of(values[a]) != rank_of(values[b]))
        *comparison->needless = true;
    if (values[a] != values[b])
        return values[a] - values[b];
    return a < b ? -1 : 1;
}

static void fill(int *values, struct sort_row *rows, uint32_t count)
{
    uint32_t random = count;
    for (uint32_t i = 0; i < count; i++) {
        random = random * 1664525u + 1013904223u;
        values[i] = (int)(random >> 8) % VALUES;
        rows[i] = (struct sort_row){rank_of(values[i]), i};
    }
}

/* The first rows are those that stand before all others: counting them says where each one belongs. */
static void assert_sorted(const int *values, uint32_t count, const uint32_t *sorted, uint32_t wanted)
{
    for (uint32_t i = 0; i < wanted; i++) {
        uint32_t before = 0;
        for (uint32_t other = 0; other < count; other++)
            before += values[other] < values[sorted[i]] || (values[other] == values[sorted[i]] && other < sorted[i]);
        ck_assert_uint_eq(before, i);
    }
}

START_TEST(sorts_as_many_as_are_wanted)
{
    int values[LARGEST] = {0};
    struct sort_row rows[LARGEST];
    uint32_t sorted[LARGEST], count = (uint32_t)_i;
    bool needless = false;
    const struct comparison comparison = {values, &needless};
    const uint32_t wanted[] = {0, count < 1 ? count : 1, count / 2, count};
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        fill(values, rows, count);
        sort_first(rows, count, wanted[i], sorted, compare_values, &comparison);
        ck_assert_int_eq(needless, false);
        assert_sorted(values, count, sorted, wanted[i]);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sort");
    TCase *tcase = tcase_create("sort");
    tcase_add_loop_test(tcase, sorts_as_many_as_are_wanted, 0, LARGEST);
    suite_add_tcase(suite, tcase);
    return test_main(suite);
}
