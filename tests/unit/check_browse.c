#include "browse.h"

#include <string.h>

#include "profiles.h"
#include "support.h"

enum { MAIN, LOAD, PARSE, UNUSED };

/* main calls load and parse, load calls parse, parse itself. */
static int fill(struct profile *profile)
{
    static const struct {
        const char *name;
        int64_t ncalls;
        double tottime;
        double cumtime;
    } functions[] = {{"main", 1, 1, 10}, {"load", 2, 2, 6}, {"parse", 9, 7, 7}, {"\xc3\xa9t\xc3\xa9", 1, 0, 0}};
    for (size_t i = 0; i < 4; i++)
        if (profiles_list(profile, "m.py", 1, functions[i].name, functions[i].ncalls, functions[i].tottime,
                          functions[i].cumtime) == PROFILE_NO_FUNCTION)
            return -1;
    return profiles_call(profile, LOAD, MAIN, 2, 2, 6) && profiles_call(profile, PARSE, MAIN, 1, 3, 3) &&
                   profiles_call(profile, PARSE, LOAD, 2, 4, 4) && profiles_call(profile, PARSE, PARSE, 6, 2, 5)
               ? 0
               : -1;
}

static void begin(struct profile *profile, struct browse *browse)
{
    profile_init(profile, &allocator_libc);
    ck_assert_int_eq(fill(profile), 0);
    ck_assert_int_eq(browse_init(browse, profile, NULL), 0);
}

static void end(struct profile *profile, struct browse *browse)
{
    browse_release(browse);
    profile_release(profile);
}

/* A letter a row: the function's first; before callers <, before callees >. */
static void assert_rows(const struct browse *browse, const char *expected)
{
    char text[100] = "";
    for (size_t i = 0; i < browse->count; i++) {
        const struct browse_row *row = &browse->rows[i];
        strncat(text, !row->pair ? "" : row->is_caller ? "<" : ">", 2);
        strncat(text, browse->profile->functions[row->function].label.name->bytes, 1);
    }
    ck_assert_str_eq(text, expected);
}

START_TEST(the_list_is_sorted_and_turned_round)
{
    struct profile profile;
    struct browse browse;
    begin(&profile, &browse);
    assert_rows(&browse, "mpl\xc3");
    ck_assert_int_eq(browse_sort(&browse, -1, NULL), 0);
    assert_rows(&browse, "plm\xc3");
    ck_assert_int_eq(browse_reverse(&browse, NULL), 0);
    assert_rows(&browse, "\xc3mlp");
    ck_assert_int_eq(browse_reverse(&browse, NULL), 0);
    ck_assert_int_eq(browse_sort(&browse, -1, NULL), 0);
    ck_assert_str_eq(browse_keys[browse.key], "ncalls");
    ck_assert_int_eq(browse_sort(&browse, -1, NULL), 0);
    assert_rows(&browse, "lmp\xc3");
    end(&profile, &browse);
}
END_TEST

START_TEST(callers_are_sorted_as_the_list_is)
{
    struct profile profile;
    struct browse browse;
    begin(&profile, &browse);
    browse_move(&browse, 1);
    ck_assert_int_eq(browse_enter(&browse, NULL), 0);
    assert_rows(&browse, "<p<l<mp>p");
    ck_assert_int_eq(browse_sort(&browse, -1, NULL), 0);
    assert_rows(&browse, "<l<m<pp>p");
    ck_assert_int_eq(browse_sort(&browse, -1, NULL), 0);
    assert_rows(&browse, "<p<l<mp>p");
    ck_assert_int_eq(browse_reverse(&browse, NULL), 0);
    assert_rows(&browse, "<m<l<pp>p");
    ck_assert_int_eq(browse_reverse(&browse, NULL), 0);
    ck_assert_int_eq(browse_sort(&browse, -1, NULL), 0);
    assert_rows(&browse, "<l<m<pp>p");
    ck_assert_int_eq(browse_reverse(&browse, NULL), 0);
    assert_rows(&browse, "<p<m<lp>p");
    end(&profile, &browse);
}
END_TEST

START_TEST(typing_filters)
{
    struct profile profile;
    struct browse browse;
    bool done;
    begin(&profile, &browse);
    browse_move(&browse, 2);
    ck_assert_int_eq(browse_type(&browse, "[pl]", 4, NULL), 0);
    assert_rows(&browse, "mpl\xc3"); /* every name has m.py in it */
    ck_assert_uint_eq(browse_top(&browse)->cursor, 0);
    ck_assert(!browse.filter_is_text);
    ck_assert_int_eq(browse_type(&browse, "{7}", 3, NULL), 0);
    assert_rows(&browse, "");
    ck_assert_int_eq(browse_back(&browse, &done, NULL), 0);
    ck_assert(!done);
    assert_rows(&browse, "mpl\xc3");
    ck_assert_int_eq(browse_type(&browse, "(l", 2, NULL), 0); /* no pattern: the text itself */
    assert_rows(&browse, "l");
    ck_assert(browse.filter_is_text);
    ck_assert_int_eq(browse_erase(&browse, NULL), 0);
    ck_assert_int_eq(browse_erase(&browse, NULL), 0);
    ck_assert_int_eq(browse_type(&browse, "\xc3\xa9", 2, NULL), 0);
    assert_rows(&browse, "\xc3");
    ck_assert_int_eq(browse_erase(&browse, NULL), 0);
    ck_assert_uint_eq(browse.filter.size, 0);
    ck_assert_int_eq(browse_erase(&browse, NULL), 0);
    assert_rows(&browse, "mpl\xc3");
    ck_assert_int_eq(browse_back(&browse, &done, NULL), 0);
    ck_assert(done);
    end(&profile, &browse);
}
END_TEST

START_TEST(enter_walks_and_back_returns)
{
    struct profile profile;
    struct browse browse;
    bool done;
    begin(&profile, &browse);
    browse_move(&browse, 1);
    ck_assert_int_eq(browse_enter(&browse, NULL), 0);
    assert_rows(&browse, "<p<l<mp>p");
    ck_assert_uint_eq(browse_top(&browse)->cursor, 3);
    ck_assert_int_eq(browse_enter(&browse, NULL), 0); /* where it is */
    ck_assert_uint_eq(browse.view_count, 2);
    browse_move(&browse, -2);
    ck_assert_int_eq(browse_enter(&browse, NULL), 0);
    assert_rows(&browse, "<ml>p");
    ck_assert_int_eq(browse_back(&browse, &done, NULL), 0);
    assert_rows(&browse, "<p<l<mp>p");
    ck_assert_uint_eq(browse_top(&browse)->cursor, 1);
    ck_assert_int_eq(browse_back(&browse, &done, NULL), 0);
    ck_assert_uint_eq(browse_top(&browse)->cursor, 1);
    ck_assert_int_eq(browse_enter(&browse, NULL), 0);
    ck_assert_int_eq(browse_type(&browse, "load", 4, NULL), 0); /* leads back to the list */
    assert_rows(&browse, "l");
    end(&profile, &browse);
}
END_TEST

START_TEST(the_cursor_stays_on_rows)
{
    struct profile profile;
    struct browse browse;
    begin(&profile, &browse);
    browse_move(&browse, INT64_MAX);
    ck_assert_uint_eq(browse_top(&browse)->cursor, 3);
    browse_move(&browse, -INT64_MAX);
    ck_assert_uint_eq(browse_top(&browse)->cursor, 0);
    ck_assert_int_eq(browse_type(&browse, "nothing", 7, NULL), 0);
    browse_move(&browse, 1);
    ck_assert_uint_eq(browse_top(&browse)->cursor, 0);
    ck_assert_int_eq(browse_enter(&browse, NULL), 0);
    ck_assert_uint_eq(browse.view_count, 1);
    end(&profile, &browse);
}
END_TEST

static int walk(const struct allocator *allocator, void *context)
{
    struct profile profile;
    struct browse browse;
    profile_init(&profile, allocator);
    int result = fill(&profile);
    if (result == 0)
        result = browse_init(&browse, &profile, NULL);
    if (result == 0) {
        result = browse_type(&browse, "pa|l", 4, NULL) < 0 || browse_sort(&browse, 1, NULL) < 0 ||
                         browse_enter(&browse, NULL) < 0
                     ? -1
                     : 0;
        browse_release(&browse);
    }
    profile_release(&profile);
    return result;
}

START_TEST(says_when_memory_is_short)
{
    test_fail_each_allocation(walk, NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("browse");
    TCase *tcase = tcase_create("browse");
    tcase_add_test(tcase, the_list_is_sorted_and_turned_round);
    tcase_add_test(tcase, callers_are_sorted_as_the_list_is);
    tcase_add_test(tcase, typing_filters);
    tcase_add_test(tcase, enter_walks_and_back_returns);
    tcase_add_test(tcase, the_cursor_stays_on_rows);
    tcase_add_test(tcase, says_when_memory_is_short);
    suite_add_tcase(suite, tcase);
    return test_main(suite);
}
