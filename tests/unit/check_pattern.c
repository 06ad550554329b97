/* What is expected here is what re.search of CPython 3.13 finds. */
#include "pattern.h"

#include <string.h>

#include "support.h"

static const struct {
    const char *pattern;
    const char *subject;
    int found;
} searches[] = {
    {"", "", 1},
    {"login", "views.py:12(login)", 1},
    {"^login", "views.py:12(login)", 0},
    {"\\(get_", "db.py:7(get_db_user)", 1},
    {"a.c", "a\nc", 0},
    {"(?s)a.c", "a\nc", 1},
    {"a$", "a\n", 1},
    {"a\\Z", "a\n", 0},
    {"a\\Z", "a", 1},
    {"(?m)^b$", "a\nb\nc", 1},
    {"(?m)\\n^\\Z", "a\n", 1},
    {"(?i)STRASSE", "strasse", 1},
    {"(?i)\xC3\x89", "\xC3\xA9", 1},
    {"(?u)(?i)A", "a", 1},
    {"\\w{2}", "\xE5\x90\x8D\xE5\x89\x8D", 1},
    {"\\d", "\xD9\xA3", 1},
    {"a\\sb",
     "a\x1c"
     "b",
     1},
    {"[\\s]b",
     "\x1f"
     "b",
     1},
    {"a\\Sb",
     "a\x1c"
     "b",
     0},
    {"\\v", "\x0b", 1},
    {"\\v", "\n", 0},
    {"\\x41\\u00e9\\U0001F600", "A\xC3\xA9\xF0\x9F\x98\x80", 1},
    {"\\101\\060", "A0", 1},
    {"\\0", "\x01", 0},
    {"(a)(b)\\2\\1", "abba", 1},
    {"(?P<x>.)(?P=x)", "abba", 1},
    {"(?P<x>a)?b(?(x)c|d)", "abd", 1},
    {"^(?P<x>a)?b(?(x)c|d)", "abd", 0},
    {"^(a)?b(?(1)c|d)$", "abc", 1},
    {"^a{,2}$", "aa", 1},
    {"^a{,2}$", "aaa", 0},
    {"^a{,}$", "aaaa", 1},
    {"a{}", "a{}", 1},
    {"a{x}", "a{x}", 1},
    {"[]a]]", "]]", 1},
    {"[^]a]", "]", 0},
    {"[[:alpha:]]", "p]", 1},
    {"[[:alpha:]]", "p", 0},
    {"[:alpha:]", ":", 1},
    {"[a\\]b-]+$", "]-", 1},
    {"(?#note)a", "a", 1},
    {"(?x) a b # c (", "ab", 1},
    {"^(?x: a b # c )\n ) b$", "ab b", 1},
    {"(?x)^(?-x:a b) c$", "a bc", 1},
    {"(?x)^(?:(?-x: a)b )$", " ab", 1},
    {"(?x:a)^ *", "a", 0},
    {"^(?x:a)+ +$", "aa  ", 1},
    {"(?i-x:A b)", "a b", 1},
    {"(?x)^(a)?(?(1) b | c)$", "ab", 1},
    {"(?x)^(?P<n>a)(?P=n) b$", "aab", 1},
    {"(?x)^a{ 1}$", "a{1}", 1},
    {"(?x)^a{1 }$", "a{1}", 1},
    {"(?x)^a {2}$", "aa", 1},
    {"(?x)^a{1}{ 2}$", "a{2}", 1},
    {"(?#a)(?x) ^a(?#c)+ $", "aa", 1},
    {"(?u:a)(?ux: b)", "ab", 1},
    {"(?i:A)b", "ab", 1},
    {"(?-i:A)b", "ab", 0},
    {"(?>a+)a", "aaa", 0},
    {"a++b", "aab", 1},
    {"(?<!x)y", "xy", 0},
    {"\\#\\-\\_", "#-_", 1},
    {".", "\xED\xA0\x80", 1},
    {"^..$", "\xED\xA0\x80x", 1},
    {"\\w", "\xED\xA0\x80", 0},
};

START_TEST(finds_what_python_finds)
{
    struct error error = {0};
    struct pattern *pattern = pattern_new(searches[_i].pattern, &allocator_libc, &error);
    ck_assert_msg(pattern != NULL, "%s: %s", searches[_i].pattern, error.reason);
    int found = pattern_search(pattern, searches[_i].subject, strlen(searches[_i].subject), &error);
    ck_assert_msg(found == searches[_i].found, "%s: %d", searches[_i].pattern, found);
    ck_assert_str_eq(pattern_text(pattern), searches[_i].pattern);
    pattern_free(pattern);
}
END_TEST

START_TEST(a_subject_may_hold_nul)
{
    struct pattern *pattern = pattern_new("a\\0b\\Z", &allocator_libc, NULL);
    ck_assert_int_eq(pattern_search(pattern, "a\0b", 3, NULL), 1);
    pattern_free(pattern);
}
END_TEST

static const struct {
    const char *pattern;
    const char *reason;
} refused[] = {
    {"(", "missing closing parenthesis"},
    {")", "unmatched closing parenthesis"},
    {"[a", "unterminated character set at position 0"},
    {"a\\", "bad escape (end of pattern) at position 1"},
    {"\\h", "bad escape at position 0"},
    {"\\K", "bad escape at position 0"},
    {"\\Qx\\E", "bad escape at position 0"},
    {"\\p{L}", "bad escape at position 0"},
    {"[\\A]", "bad escape at position 1"},
    {"[\\8]", "bad escape at position 1"},
    {"\\x4", "incomplete escape at position 0"},
    {"\\u00g0", "incomplete escape at position 0"},
    {"\\U00110000", "no such character at position 0"},
    {"\\ud800", "surrogates cannot be matched at position 0"},
    {"\\777", "octal escape outside of range 0-0o377 at position 0"},
    {"\\1", "reference to non-existent subpattern"},
    {"(?R)", "unknown extension at position 0"},
    {"(?|a)", "unknown extension at position 0"},
    {"(?<n>a)", "unknown extension at position 0"},
    {"(?P>n)", "unknown extension at position 0"},
    {"(*ACCEPT)", "nothing to repeat at position 0"},
    {"(?(?=a)b)", "bad group name at position 0"},
    {"a(?i)", "global flags not at the start of the expression at position 1"},
    {"(?x)a+ +", "multiple repeat at position 7"},
    {"(?x)a* # c\n+", "multiple repeat at position 11"},
    {"(?x)a{1} ?", "multiple repeat at position 9"},
    {"a+(?#c)+", "multiple repeat at position 7"},
    {"(?x)( ?:a)", "nothing to repeat at position 6"},
    {"(?x)( *ACCEPT)", "nothing to repeat at position 6"},
    {"a|*", "nothing to repeat at position 2"},
    {"(?i-s)", "missing : at position 0"},
    {"(?-i)", "missing : at position 0"},
    {"(?-:a)", "missing flag at position 0"},
    {"(?i-:a)", "missing flag at position 0"},
    {"(?i--s:a)", "missing flag at position 0"},
    {"(?i-i:a)", "flag turned on and off at position 0"},
    {"(?-u:a)", "the flags a, u and L cannot be turned off at position 0"},
    {"(?a)", "the flags a and L are not supported at position 0"},
    {"(?#", "missing ), unterminated comment at position 0"},
    {"\xFF", "not valid UTF-8"},
    {"\xED\xA0\x80", "not valid UTF-8"},
};

START_TEST(refuses_what_python_refuses)
{
    struct error error = {0};
    ck_assert_ptr_null(pattern_new(refused[_i].pattern, &allocator_libc, &error));
    ck_assert_int_eq(error.code, ERROR_ARGUMENT);
    ck_assert_str_eq(error.reason, refused[_i].reason);
}
END_TEST

START_TEST(gives_up_what_takes_for_ever)
{
    char subject[200];
    struct error error = {0};
    struct pattern *pattern = pattern_new("(a|a?)+$", &allocator_libc, NULL);
    memset(subject, 'a', sizeof subject);
    subject[sizeof subject - 1] = 'b';
    ck_assert_int_eq(pattern_search(pattern, subject, sizeof subject, &error), -1);
    ck_assert_str_eq(error.reason, "the pattern '(a|a?)+$' takes too many steps");
    pattern_free(pattern);
}
END_TEST

static int compile_and_search(const struct allocator *allocator, void *context)
{
    struct error error = {0};
    struct pattern *pattern = pattern_new("(?P<x>\\s|[^\\u00e9])+(?P=x)\\Z", allocator, &error);
    int found = pattern ? pattern_search(pattern, "\xED\xA0\x80 ab cc", 9, &error) : -1;
    pattern_free(pattern);
    if (found < 0)
        ck_assert_int_eq(error.code, ERROR_MEMORY);
    return found < 0 ? -1 : 0;
}

START_TEST(says_when_memory_is_short)
{
    test_fail_each_allocation(compile_and_search, NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pattern");
    TCase *tcase = tcase_create("pattern");
    tcase_add_loop_test(tcase, finds_what_python_finds, 0, sizeof searches / sizeof *searches);
    tcase_add_test(tcase, a_subject_may_hold_nul);
    tcase_add_loop_test(tcase, refuses_what_python_refuses, 0, sizeof refused / sizeof *refused);
    tcase_add_test(tcase, gives_up_what_takes_for_ever);
    tcase_add_test(tcase, says_when_memory_is_short);
    suite_add_tcase(suite, tcase);
    return test_main(suite);
}
