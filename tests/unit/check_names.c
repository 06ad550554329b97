#include "names.h"

#include <string.h>

#include "profiles.h"
#include "support.h"

static const struct {
    const char *file;
    int64_t line;
    const char *name;
    const char *shown;
    uint32_t width;
    bool plain;
} labels[] = {
    {"a.py", 3, "f", "a.py:3(f)", 9, true},
    {"", -7, "", ":-7()", 5, true},
    {"~", 0, "<built-in method len>", "{built-in method len}", 21, true},
    {"~", 0, "<>", "{}", 2, true},
    {"~", 0, "<", "<", 1, true},
    {"~", 0, "plain", "plain", 5, true},
    {"~", 0, "", "", 0, true},
    {"~", 1, "<x>", "~:1(<x>)", 8, true},
    {"\xE5\x90\x8D.py", 1, "\xC3\xA9", "\xE5\x90\x8D.py:1(\xC3\xA9)", 9, true},
    {"a", 1, "\xED\xA0\x80", "a:1(\xED\xA0\x80)", 6, false},
    {"a", 1, "\n", "a:1(\n)", 6, false},
};

START_TEST(functions_have_names)
{
    struct profile profile;
    struct names names;
    profile_init(&profile, &allocator_libc);
    ck_assert_uint_eq(profiles_function(&profile, labels[_i].file, labels[_i].line, labels[_i].name), 0);
    ck_assert_int_eq(names_init(&names, &profile, NULL), 0);
    ck_assert_str_eq(names.list[0].bytes, labels[_i].shown);
    ck_assert_uint_eq(names.list[0].size, strlen(labels[_i].shown));
    ck_assert_uint_eq(names.list[0].width, labels[_i].width);
    ck_assert_int_eq(names.list[0].plain, labels[_i].plain);
    names_release(&names);
    profile_release(&profile);
}
END_TEST

static int name_two(const struct allocator *allocator, void *context)
{
    struct profile profile;
    struct names names;
    profile_init(&profile, allocator);
    int result = profiles_function(&profile, "a.py", 1, "f") != PROFILE_NO_FUNCTION &&
                         profiles_function(&profile, "~", 0, "<built-in x>") != PROFILE_NO_FUNCTION
                     ? names_init(&names, &profile, NULL)
                     : -1;
    if (result == 0)
        names_release(&names);
    profile_release(&profile);
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
    tcase_add_test(tcase, says_when_memory_is_short);
    suite_add_tcase(suite, tcase);
    return test_main(suite);
}
