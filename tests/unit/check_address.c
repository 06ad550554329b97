#include "address.h"

#include <string.h>

#include "support.h"

static const struct {
    const char *url;
    const char *server;
    const char *user;
    const char *password;
} addresses[] = {
    {"http://localhost:4040", "http://localhost:4040", NULL, NULL},
    {"HTTPS://profiles.example.org/", "HTTPS://profiles.example.org", NULL, NULL},
    {"https://h/a/b//", "https://h/a/b", NULL, NULL},
    {"http://[::1]:1/x", "http://[::1]:1/x", NULL, NULL},
    {"http://10.0.0.1:65535/a@b:c", "http://10.0.0.1:65535/a@b:c", NULL, NULL},
    {"https://123456@h", "https://h", "123456", NULL},
    {"https://me:@h:80", "https://h:80", "me", ""},
    {"https://me%40x:a%3A%2f%C3%a9:%25@h/p", "https://h/p", "me@x", "a:/\xc3\xa9:%"},
};

static void assert_text(const char *text, const char *expected)
{
    if (expected)
        ck_assert_str_eq(text, expected);
    else
        ck_assert_ptr_null(text);
}

START_TEST(urls_are_taken_apart)
{
    struct address address;
    ck_assert_int_eq(address_init(&address, addresses[_i].url, &allocator_libc, NULL), 0);
    ck_assert_str_eq(address.server, addresses[_i].server);
    assert_text(address.user, addresses[_i].user);
    assert_text(address.password, addresses[_i].password);
    address_release(&address);
    address_release(&address);
}
END_TEST

static const struct {
    const char *url;
    const char *why;
} bad[] = {
    {"", "it begins otherwise"},
    {"localhost:4040", "it begins otherwise"},
    {"ftp://h", "it begins otherwise"},
    {"file:///etc/passwd", "it begins otherwise"},
    {"http://", "there is no host"},
    {"http:///ingest", "there is no host"},
    {"http://me:s3cret@/", "there is no host"},
    {"http://:80", "there is no host"},
    {"http://h:", "a port is a number from 1 to 65535"},
    {"http://h:0", "a port is a number from 1 to 65535"},
    {"http://h:65536", "a port is a number from 1 to 65535"},
    {"http://h:4294967376", "a port is a number from 1 to 65535"},
    {"http://h:80x/", "a port is a number from 1 to 65535"},
    {"http://[::1", "in brackets stands an IPv6 address"},
    {"http://[]", "in brackets stands an IPv6 address"},
    {"http://[::1]x", "a host has letters, digits, '.', '-' and '_'"},
    {"http://me:s3cret@h@g/", "a host has letters, digits, '.', '-' and '_'"},
    {"http://a\\b", "a host has letters, digits, '.', '-' and '_'"},
    {"http://h /", "it has a space, a control character or one beyond ASCII"},
    {"http://h/\r\nX-Header: s3cret", "it has a space, a control character or one beyond ASCII"},
    {"http://h\xc3\xa9", "it has a space, a control character or one beyond ASCII"},
    {"http://h/?name=s3cret", "there is a '?' or a '#'"},
    {"http://h/#s3cret", "there is a '?' or a '#'"},
    {"http://me:s3cret%@h/", "'%' begins no character in the user or the password"},
    {"http://me:s3cret%4@h/", "'%' begins no character in the user or the password"},
    {"http://me:s3cret%0a@h/", "'%' begins no character in the user or the password"},
    {"http://m%00e@h/", "'%' begins no character in the user or the password"},
};

START_TEST(what_is_no_url_is_refused_with_the_rule)
{
    struct address address;
    struct error error = {0};
    ck_assert_int_eq(address_init(&address, bad[_i].url, &allocator_libc, &error), -1);
    ck_assert_int_eq(error.code, ERROR_ARGUMENT);
    ck_assert_ptr_nonnull(strstr(error.reason, "http[s]://HOST[:PORT][/PATH]: "));
    ck_assert_str_eq(strstr(error.reason, "]: ") + 3, bad[_i].why);
    ck_assert_ptr_null(strstr(error.reason, "s3cret"));
}
END_TEST

static const struct {
    const char *url;
    const char *token;
    const char *value;
} authorizations[] = {
    {"http://h", NULL, ""},
    {"http://h", "", ""},
    {"http://h", "abc", "Bearer abc"},
    {"http://u@h", NULL, "Basic dTo="},
    {"http://u@h", "abc", "Basic dTphYmM="},
    {"http://u:p@h", "abc", "Basic dTpw"},
    {"http://u:%ff%fe%3f@h", NULL, "Basic dTr//j8="},
    {"http://Aladdin:open%20sesame@h", NULL, "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="},
};

START_TEST(who_asks_is_said)
{
    struct address address;
    struct buffer value;
    buffer_init(&value, &allocator_libc);
    ck_assert_int_eq(address_init(&address, authorizations[_i].url, &allocator_libc, NULL), 0);
    ck_assert_int_eq(address_authorize(&address, authorizations[_i].token, &value, NULL), 0);
    buffer_append_byte(&value, '\0');
    ck_assert_str_eq((const char *)value.data, authorizations[_i].value);
    buffer_release(&value);
    address_release(&address);
}
END_TEST

START_TEST(a_token_that_would_break_the_header_is_refused)
{
    static const char *const tokens[] = {"abc\n", "a c", "a\r\nX-Header: y", "\x7f", "\xc3\xa9"};
    for (size_t i = 0; i < sizeof tokens / sizeof *tokens; i++) {
        struct address address = {0};
        struct error error = {0};
        struct buffer value;
        buffer_init(&value, &allocator_libc);
        ck_assert_int_eq(address_authorize(&address, tokens[i], &value, &error), -1);
        ck_assert_str_eq(error.reason, "the token has a space, a control character or one beyond ASCII");
        ck_assert_uint_eq(value.size, 0);
        buffer_release(&value);
    }
}
END_TEST

static int take_apart_and_authorize(const struct allocator *allocator, void *context)
{
    struct address address;
    struct buffer value;
    if (address_init(&address, "https://me:secret@h/x", allocator, NULL) < 0)
        return -1;
    buffer_init(&value, allocator);
    int result = address_authorize(&address, NULL, &value, NULL);
    buffer_release(&value);
    address_release(&address);
    return result;
}

START_TEST(survives_each_failed_allocation)
{
    test_fail_each_allocation(take_apart_and_authorize, NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("address");
    TCase *tests = tcase_create("address");
    tcase_add_loop_test(tests, urls_are_taken_apart, 0, sizeof addresses / sizeof *addresses);
    tcase_add_loop_test(tests, what_is_no_url_is_refused_with_the_rule, 0, sizeof bad / sizeof *bad);
    tcase_add_loop_test(tests, who_asks_is_said, 0, sizeof authorizations / sizeof *authorizations);
    tcase_add_test(tests, a_token_that_would_break_the_header_is_refused);
    tcase_add_test(tests, survives_each_failed_allocation);
    suite_add_tcase(suite, tests);
    return test_main(suite);
}
