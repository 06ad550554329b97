#include "order.h"

#include <string.h>

#include "profiles.h"
#include "support.h"

enum { ROOM = 8 };

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

START_TEST(keys_order_functions)
{
    struct profile profile;
    struct names names;
    const struct order_key *keys[3];
    size_t key_count = 0, count;
    uint32_t rows[ROOM];
    profile_init(&profile, &allocator_libc);
    ck_assert_int_eq(fill(&profile), 0);
    ck_assert_int_eq(names_init(&names, &profile, NULL), 0);
    for (; orders[_i].keys[key_count]; key_count++)
        keys[key_count] = order_key_find(orders[_i].keys[key_count], NULL);
    ck_assert_int_eq(order_functions(&profile, &names, keys, key_count, rows, &count, NULL), 0);
    ck_assert_uint_eq(count, 4);
    for (size_t i = 0; i < count; i++)
        ck_assert_msg(rows[i] == (uint32_t)(orders[_i].rows[i] - '0'), "%s: row %zu", orders[_i].keys[0], i);
    names_release(&names);
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

static int order_rows(const struct allocator *allocator, void *context)
{
    struct profile profile;
    struct names names;
    const struct order_key *key = order_key_find("nfl", NULL);
    uint32_t rows[ROOM];
    size_t count;
    int result = -1;
    profile_init(&profile, allocator);
    if (fill(&profile) < 0 || names_init(&names, &profile, NULL) < 0)
        goto out;
    result = order_functions(&profile, &names, &key, 1, rows, &count, NULL);
    names_release(&names);
out:
    profile_release(&profile);
    return result;
}

START_TEST(says_when_memory_is_short)
{
    test_fail_each_allocation(order_rows, NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("order");
    TCase *tcase = tcase_create("order");
    tcase_add_loop_test(tcase, keys_order_functions, 0, sizeof orders / sizeof *orders);
    tcase_add_loop_test(tcase, keys_can_be_abbreviated, 0, sizeof words / sizeof *words);
    tcase_add_test(tcase, says_when_memory_is_short);
    suite_add_tcase(suite, tcase);
    return test_main(suite);
}
