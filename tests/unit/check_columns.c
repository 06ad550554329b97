#include "columns.h"

#include <string.h>

#include "support.h"

static void assert_columns(const struct columns *columns, const char *expected)
{
    char text[200] = "";
    for (size_t i = 0; i < columns->count; i++) {
        strcat(text, i ? "," : "");
        strcat(text, column_names[columns->list[i]]);
    }
    ck_assert_str_eq(text, expected);
}

START_TEST(there_are_those_of_pstats)
{
    struct columns columns;
    columns_default(&columns, false);
    assert_columns(&columns, "ncalls,tottime,totper,cumtime,cumper,name");
    columns_default(&columns, true);
    assert_columns(&columns, "ncalls,tottime,tot%,totper,cumtime,cum%,cumper,name");
}
END_TEST

START_TEST(names_are_read_in_their_order)
{
    static const char *const bad[] = {"", "ncalls,", ",", "calls", "ncalls,ncalls", "name cum%"};
    struct columns columns;
    ck_assert_int_eq(columns_parse(&columns, "name,cum%,pcalls", NULL), 0);
    assert_columns(&columns, "cum%,pcalls,name");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct error error = {0};
        ck_assert_int_eq(columns_parse(&columns, bad[i], &error), -1);
        ck_assert_int_eq(error.code, ERROR_ARGUMENT);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("columns");
    TCase *tcase = tcase_create("columns");
    tcase_add_test(tcase, there_are_those_of_pstats);
    tcase_add_test(tcase, names_are_read_in_their_order);
    suite_add_tcase(suite, tcase);
    return test_main(suite);
}
