#include "names.h"

#include <string.h>

#include "profiles.h"
#include "support.h"

static const struct {
    const char *file;
    int64_t line;
    const char *name;
    const char *shown;
} labels[] = {
    {"a.py", 3, "f", "a.py:3(f)"},
    {"a.py", 1234567890, "f", "a.py:1234567890(f)"},
    {"a.py", INT64_MIN, "f", "a.py:-9223372036854775808(f)"},
    {"", -7, "", ":-7()"},
    {"~", 0, "<built-in method len>", "{built-in method len}"},
    {"~", 0, "<>", "{}"},
    {"~", 0, "<", "<"},
    {"~", 0, "plain", "plain"},
    {"~", 0, "", ""},
    {"~", 1, "<x>", "~:1(<x>)"},
    {"\xE5\x90\x8D.py", 1, "\xC3\xA9", "\xE5\x90\x8D.py:1(\xC3\xA9)"},
    {"a", 1, "\xED\xA0\x80", "a:1(\xED\xA0\x80)"},
    {"a", 1, "\n", "a:1(\n)"},
};

START_TEST(functions_have_names)
{
    struct profile profile;
    struct names names;
    struct name name;
    struct buffer text;
    buffer_init(&text, &allocator_libc);
    profile_init(&profile, &allocator_libc);
    ck_assert_uint_eq(profiles_function(&profile, labels[_i].file, labels[_i].line, labels[_i].name), 0);
    ck_assert_int_eq(names_init(&names, &profile, NULL), 0);
    ck_assert_str_eq(names.list[0].bytes, labels[_i].shown);
    ck_assert_uint_eq(names.list[0].size, strlen(labels[_i].shown));
    buffer_append_string(&text, "what was there");
    ck_assert_int_eq(name_make(&name, &profile.functions[0].label, &text), 0);
    ck_assert_str_eq(name.bytes, labels[_i].shown);
    ck_assert_uint_eq(name.size, strlen(labels[_i].shown));
    names_release(&names);
    profile_release(&profile);
    buffer_release(&text);
}
END_TEST

START_TEST(short_names_tell_functions_apart)
{
    static const struct {
        const char *file;
        int64_t line;
        const char *name;
        const char *shown;
    } functions[] = {
        {"/a/views.py", 1, "f", "/a/views.py:1(f)"}, {"/a/views.py", 2, "f", "views.py:2(f)"},
        {"/b/views.py", 1, "f", "/b/views.py:1(f)"}, {"/b/views.py", 1, "g", "views.py:1(g)"},
        {"views.py", 1, "f", "views.py:1(f)"},       {"~", 0, "<built-in f>", "{built-in f}"},
        {"/c/~", 0, "<h>", "~:0(<h>)"},              {"/d/", 3, "f", ":3(f)"},
    };
    enum { COUNT = sizeof functions / sizeof *functions };
    struct profile profile;
    struct names names;
    profile_init(&profile, &allocator_libc);
    for (uint32_t i = 0; i < COUNT; i++)
        ck_assert_uint_eq(profiles_function(&profile, functions[i].file, functions[i].line, functions[i].name), i);
    ck_assert_int_eq(names_init_short(&names, &profile, NULL), 0);
    for (uint32_t i = 0; i < COUNT; i++)
        ck_assert_str_eq(names.list[i].bytes, functions[i].shown);
    names_release(&names);
    profile_release(&profile);
}
END_TEST

static int name_two(const struct allocator *allocator, void *context)
{
    struct profile profile;
    struct names names;
    struct name name;
    struct buffer text;
    int result = -1;
    buffer_init(&text, allocator);
    profile_init(&profile, allocator);
    if (profiles_function(&profile, "a.py", 1, "f") == PROFILE_NO_FUNCTION ||
        profiles_function(&profile, "~", 0, "<built-in x>") == PROFILE_NO_FUNCTION ||
        name_make(&name, &profile.functions[1].label, &text) < 0)
        goto out;
    result = names_init(&names, &profile, NULL);
    if (result == 0) {
        names_release(&names);
        result = names_init_short(&names, &profile, NULL);
    }
    if (result == 0)
        names_release(&names);
out:
    profile_release(&profile);
    buffer_release(&text);
    return result;
}

START_TEST(says_when_memory_is_short)
{
    test_fail_each_allocation(name_two, NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("names");
    TCase *tcase = tcase_create("names");
    tcase_add_loop_test(tcase, functions_have_names, 0, sizeof labels / sizeof *labels);
    tcase_add_test(tcase, short_names_tell_functions_apart);
    tcase_add_test(tcase, says_when_memory_is_short);
    suite_add_tcase(suite, tcase);
    return test_main(suite);
}
