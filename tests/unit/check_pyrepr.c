/* The expected texts are those of repr() in CPython 3.13. */
#include "pyrepr.h"

#include <math.h>
#include <string.h>

#include "support.h"

static const struct {
    double value;
    const char *text;
} doubles[] = {
    {0.0, "0.0"},
    {-0.0, "-0.0"},
    {1.0, "1.0"},
    {0.1, "0.1"},
    {0.5, "0.5"},
    {-2.5, "-2.5"},
    {1.0 / 3, "0.3333333333333333"},
    {0.1 + 0.2, "0.30000000000000004"},
    {0.0001, "0.0001"},
    {0.00012345, "0.00012345"},
    {0.00001, "1e-05"},
    {1.5e-7, "1.5e-07"},
    {123456789.0, "123456789.0"},
    {1e15, "1000000000000000.0"},
    {9999999999999998.0, "9999999999999998.0"},
    {1e16, "1e+16"},
    {1.2345678901234567e+20, "1.2345678901234567e+20"},
    {1e22, "1e+22"},
    {1e23, "1e+23"},
    {1.7976931348623157e308, "1.7976931348623157e+308"},
    {5e-324, "5e-324"},
    {2.2250738585072014e-308, "2.2250738585072014e-308"},
    {INFINITY, "inf"},
    {-INFINITY, "-inf"},
    {NAN, "nan"},
};

START_TEST(doubles_are_as_short_as_possible)
{
    char text[PYREPR_DOUBLE_SIZE];
    ck_assert_str_eq(pyrepr_double(doubles[_i].value, text), doubles[_i].text);
}
END_TEST

static const struct {
    const char *bytes;
    const char *text;
} strings[] = {
    {"", "''"},
    {"login", "'login'"},
    {"it's", "\"it's\""},
    {"\"", "'\"'"},
    {"'\"", "'\\'\"'"},
    {"\\(", "'\\\\('"},
    {"a\tb\nc\rd", "'a\\tb\\nc\\rd'"},
    {"\x01\x1f\x7f", "'\\x01\\x1f\\x7f'"},
    {"\xC2\x85\xC2\xA0\xC2\xAD", "'\\x85\\xa0\\xad'"},
    {"\xC3\xA9 \xE5\x90\x8D \xF0\x9F\x98\x80", "'\xC3\xA9 \xE5\x90\x8D \xF0\x9F\x98\x80'"},
    {"\xE2\x80\x8B\xE2\x80\xA8\xE3\x80\x80", "'\\u200b\\u2028\\u3000'"},
    {"\xED\xA0\x80", "'\\ud800'"},
    {"\xEE\x80\x80\xF4\x8F\xBF\xBF", "'\\ue000\\U0010ffff'"},
    {"e\xCC\x81", "'e\xCC\x81'"},
};

START_TEST(strings_have_quotes_and_escapes)
{
    struct buffer out;
    buffer_init(&out, &allocator_libc);
    pyrepr_string(strings[_i].bytes, strlen(strings[_i].bytes), &out);
    buffer_append_byte(&out, '\0');
    ck_assert_str_eq((const char *)out.data, strings[_i].text);
    buffer_release(&out);
}
END_TEST

START_TEST(a_string_may_hold_nul)
{
    struct buffer out;
    buffer_init(&out, &allocator_libc);
    pyrepr_string("a\0b", 3, &out);
    ck_assert_mem_eq(out.data, "'a\\x00b'", 8);
    ck_assert_uint_eq(out.size, 8);
    buffer_release(&out);
}
END_TEST

static int quote(const struct allocator *allocator, void *context)
{
    struct buffer out;
    buffer_init(&out, allocator);
    pyrepr_string("\xC3\xA9'", 3, &out);
    bool failed = out.failed;
    buffer_release(&out);
    return failed ? -1 : 0;
}

START_TEST(says_when_memory_is_short)
{
    test_fail_each_allocation(quote, NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pyrepr");
    TCase *tcase = tcase_create("pyrepr");
    tcase_add_loop_test(tcase, doubles_are_as_short_as_possible, 0, sizeof doubles / sizeof *doubles);
    tcase_add_loop_test(tcase, strings_have_quotes_and_escapes, 0, sizeof strings / sizeof *strings);
    tcase_add_test(tcase, a_string_may_hold_nul);
    tcase_add_test(tcase, says_when_memory_is_short);
    suite_add_tcase(suite, tcase);
    return test_main(suite);
}
