#include "base/error.h"

#include <errno.h>
#include <string.h>

#include "support.h"

START_TEST(says_what_and_where)
{
    struct error error = {.system_errno = 5};

    ck_assert_int_eq(error_set(&error, ERROR_FORMAT, 17, "a %s where %s should be", "list", "text"), -1);
    ck_assert_int_eq(error.code, ERROR_FORMAT);
    ck_assert_int_eq(error.offset, 17);
    ck_assert_int_eq(error.system_errno, 0);
    ck_assert_str_eq(error.reason, "a list where text should be");
    ck_assert_int_eq(error_set_memory(&error), -1);
    ck_assert_int_eq(error.code, ERROR_MEMORY);
    ck_assert_int_eq(error.offset, ERROR_NO_OFFSET);
}
END_TEST

START_TEST(keeps_errno)
{
    struct error error;

    errno = ENOENT;
    ck_assert_int_eq(error_set_system(&error), -1);
    ck_assert_int_eq(errno, ENOENT);
    ck_assert_int_eq(error.system_errno, ENOENT);
    ck_assert_int_eq(error.code, ERROR_SYSTEM);
    ck_assert_int_eq(error.offset, ERROR_NO_OFFSET);
    ck_assert_str_eq(error.reason, "No such file or directory");
}
END_TEST

START_TEST(cuts_a_long_reason)
{
    struct error error;

    error_set(&error, ERROR_FORMAT, 0, "%0*d", 2 * ERROR_REASON_SIZE, 0);
    ck_assert_uint_eq(strlen(error.reason), ERROR_REASON_SIZE - 1);
}
END_TEST

START_TEST(nobody_need_listen)
{
    ck_assert_int_eq(error_set(NULL, ERROR_FORMAT, 0, "x"), -1);
    ck_assert_int_eq(error_set_memory(NULL), -1);
    ck_assert_int_eq(error_set_system(NULL), -1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("error");
    TCase *tests = tcase_create("error");
    tcase_add_test(tests, says_what_and_where);
    tcase_add_test(tests, keeps_errno);
    tcase_add_test(tests, cuts_a_long_reason);
    tcase_add_test(tests, nobody_need_listen);
    suite_add_tcase(suite, tests);
    return test_main(suite);
}
