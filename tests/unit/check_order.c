#include "order.h"

#include <string.h>

#include "profiles.h"
#include "support.h"

enum { LISTED = 4 };

/* In dictionary order; "hidden" is a caller without statistics. */
static int fill(struct profile *profile)
{
    bool filled = profiles_list(profile, "b.py", 2, "f", 5, 1.0, 4.0) != PROFILE_NO_FUNCTION &&
                  profiles_function(profile, "a.py", 1, "hidden") != PROFILE_NO_FUNCTION &&
                  profiles_list(profile, "a.py", 10, "g", 5, 2.0, 2.0) != PROFILE_NO_FUNCTION &&
                  profiles_list(profile, "~", 0, "<built-in x>", 9, 2.0, 2.0) != PROFILE_NO_FUNCTION &&
                  profiles_list(profile, "a.py", 9, "g", 1, 0.5, 8.0) != PROFILE_NO_FUNCTION;
    if (filled)
        profile->functions[2].primitive = 3;
    return filled ? 0 : -1;
}

static const struct {
    const char *keys[3];
    const char *rows; /* positions in order */
} orders[] = {
    {{"calls"}, "3024"},
    {{"ncalls"}, "3024"},
    {{"pcalls"}, "3024"},
    {{"time"}, "2304"},
    {{"tottime"}, "2304"},
    {{"cumulative"}, "4023"},
    {{"cumtime"}, "4023"},
    {{"filename"}, "2403"},
    {{"module"}, "2403"},
    {{"line"}, "3042"},
    {{"name"}, "3024"},
    {{"nfl"}, "3042"},
    {{"stdname"}, "2403"},
    {{"cumulative", "name"}, "4032"},
    {{"calls", "filename"}, "3204"},
    {{"-1"}, "2403"},
    {{"0"}, "3024"},
    {{"1"}, "2304"},
    {{"2"}, "4023"},
};

static void assert_order(const struct profile *profile, const struct order_key *const *keys, size_t key_count,
                         bool reverse, size_t wanted, const char *expected)
{
    struct order order;
    uint32_t rows[LISTED] = {4, 0, 3, 2};
    ck_assert_int_eq(order_init(&order, profile, keys, key_count, reverse, NULL), 0);
    ck_assert_int_eq(order_rows(&order, rows, LISTED, wanted, NULL), 0);
    for (size_t i = 0; i < wanted; i++) {
        uint32_t row = (uint32_t)(expected[reverse ? LISTED - 1 - i : i] - '0');
        ck_assert_msg(rows[i] == row, "%s: row %zu of %zu", keys[0]->name, i, wanted);
    }
    order_release(&order);
}

START_TEST(keys_order_functions)
{
    struct profile profile;
    const struct order_key *keys[3];
    size_t key_count = 0;
    profile_init(&profile, &allocator_libc);
    ck_assert_int_eq(fill(&profile), 0);
    for (; orders[_i].keys[key_count]; key_count++)
        keys[key_count] = order_key_find(orders[_i].keys[key_count], NULL);
    for (size_t wanted = 0; wanted <= LISTED; wanted++) {
        assert_order(&profile, keys, key_count, false, wanted, orders[_i].rows);
        assert_order(&profile, keys, key_count, true, wanted, orders[_i].rows);
    }
    profile_release(&profile);
}
END_TEST

START_TEST(equal_times_are_equal_whatever_their_sign)
{
    struct profile profile;
    const struct order_key *key = order_key_find("time", NULL);
    profile_init(&profile, &allocator_libc);
    const double times[] = {-0.0, 0.0, -1.5, 1e-300, -0.0};
    for (size_t i = 0; i < sizeof times / sizeof *times; i++)
        profiles_list(&profile, "a.py", (int64_t)i, "f", 1, times[i], 0);
    uint32_t rows[] = {4, 3, 2, 1, 0};
    struct order order;
    ck_assert_int_eq(order_init(&order, &profile, &key, 1, false, NULL), 0);
    ck_assert_int_eq(order_rows(&order, rows, 5, 5, NULL), 0);
    const uint32_t expected[] = {3, 0, 1, 4, 2};
    ck_assert_mem_eq(rows, expected, sizeof expected);
    order_release(&order);
    profile_release(&profile);
}
END_TEST

static const struct {
    const char *word;
    const char *title; /* NULL: refused */
} words[] = {
    {"ca", "call count"},
    {"nc", "call count"},
    {"cu", "cumulative time"},
    {"cum", "cumulative time"},
    {"f", "file name"},
    {"m", "file name"},
    {"l", "line number"},
    {"na", "function name"},
    {"nf", "name/file/line"},
    {"p", "primitive call count"},
    {"s", "standard name"},
    {"t", "internal time"},
    {"to", "internal time"},
    {"c", NULL},
    {"n", NULL},
    {"", NULL},
    {"timex", NULL},
    {"Time", NULL},
    {"3", NULL},
    {"-2", NULL},
};

START_TEST(keys_can_be_abbreviated)
{
    struct error error = {0};
    const struct order_key *key = order_key_find(words[_i].word, &error);
    if (words[_i].title) {
        ck_assert_str_eq(key->title, words[_i].title);
    } else {
        ck_assert_ptr_null(key);
        ck_assert_ptr_nonnull(strstr(error.reason, "calls, cumtime, cumulative, filename, line, module, name, ncalls, "
                                                   "nfl, pcalls, stdname, time, tottime, -1, 0, 1, 2"));
    }
}
END_TEST

static int order_by_names(const struct allocator *allocator, void *context)
{
    struct profile profile;
    struct order order;
    const struct order_key *keys[] = {order_key_find("nfl", NULL), order_key_find("stdname", NULL)};
    uint32_t rows[LISTED] = {0, 2, 3, 4};
    int result = -1;
    profile_init(&profile, allocator);
    if (fill(&profile) < 0 || order_init(&order, &profile, keys, 2, false, NULL) < 0)
        goto out;
    result = order_rows(&order, rows, LISTED, LISTED, NULL);
    order_release(&order);
out:
    profile_release(&profile);
    return result;
}

START_TEST(says_when_memory_is_short)
{
    test_fail_each_allocation(order_by_names, NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("order");
    TCase *tcase = tcase_create("order");
    tcase_add_loop_test(tcase, keys_order_functions, 0, sizeof orders / sizeof *orders);
    tcase_add_test(tcase, equal_times_are_equal_whatever_their_sign);
    tcase_add_loop_test(tcase, keys_can_be_abbreviated, 0, sizeof words / sizeof *words);
    tcase_add_test(tcase, says_when_memory_is_short);
    suite_add_tcase(suite, tcase);
    return test_main(suite);
}
