#include "pattern_syntax.h"

#include "support.h"

static const struct {
    const char *python;
    const char *pcre2;
} translations[] = {
    {"get_db_user", "get_db_user"},
    {"(?P<n>a|b)[c-e]{2,3}", "(?P<n>a|b)[c-e]{2,3}"},
    {"end\\Z", "end\\z"},
    {"\\u00e9", "\\x{e9}"},
};

static const char *const refused[] = {"a**", "(?i-s)", "(?-:a)", "\\q"};

static int translate(const struct allocator *allocator, const char *text, struct buffer *out)
{
    buffer_init(out, allocator);
    return pattern_translate(text, out, NULL);
}

START_TEST(says_in_pcre2_what_python_means)
{
    struct buffer out;
    ck_assert_int_eq(translate(&allocator_libc, translations[_i].python, &out), 0);
    buffer_append_byte(&out, 0);
    ck_assert_str_eq((const char *)out.data, translations[_i].pcre2);
    buffer_release(&out);
}
END_TEST

START_TEST(refuses_what_python_does_not_take)
{
    struct buffer out;
    ck_assert_int_eq(translate(&allocator_libc, refused[_i], &out), -1);
    buffer_release(&out);
}
END_TEST

static int translate_group(const struct allocator *allocator, void *context)
{
    struct buffer out;
    int result = translate(allocator, "(?P<name>[a-z]+)\\Z(?x: b c )", &out);
    if (out.failed)
        result = -1;
    buffer_release(&out);
    return result;
}

START_TEST(says_when_memory_is_short)
{
    test_fail_each_allocation(translate_group, NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pattern_syntax");
    TCase *tcase = tcase_create("pattern_syntax");
    tcase_add_loop_test(tcase, says_in_pcre2_what_python_means, 0, sizeof translations / sizeof *translations);
    tcase_add_loop_test(tcase, refuses_what_python_does_not_take, 0, sizeof refused / sizeof *refused);
    tcase_add_test(tcase, says_when_memory_is_short);
    suite_add_tcase(suite, tcase);
    return test_main(suite);
}
