#include "ingest.h"

#include <stdio.h>
#include <string.h>

#include "support.h"

static const struct {
    int (*check)(const char *text, struct error *error);
    const char *text;
    const char *rule; /* NULL: it is fine */
} texts[] = {
    {ingest_check_app, "card-table.web_1/login", NULL},
    {ingest_check_app, "", "letters, digits, '_', '.', '-' and '/'"},
    {ingest_check_app, "card table", "letters, digits, '_', '.', '-' and '/'"},
    {ingest_check_app, "app{a=b}", "letters, digits, '_', '.', '-' and '/'"},
    {ingest_check_app, "\xc3\xa9", "letters, digits, '_', '.', '-' and '/'"},
    {ingest_check_label, "env=test", NULL},
    {ingest_check_label, "_e1=a=b {\"\xc3\xa9", NULL},
    {ingest_check_label, "pid=", NULL},
    {ingest_check_label, "env", "there is no '='"},
    {ingest_check_label, "=x", "a name has letters, digits and '_', and begins with neither a digit nor '__'"},
    {ingest_check_label, "1st=x", "a name has letters, digits and '_', and begins with neither a digit nor '__'"},
    {ingest_check_label, "a.b=x", "a name has letters, digits and '_', and begins with neither a digit nor '__'"},
    {ingest_check_label, "__name__=x", "a name has letters, digits and '_', and begins with neither a digit nor '__'"},
    {ingest_check_label, "env=a,b", "a value has no ',', no '}' and no control characters"},
    {ingest_check_label, "env=a}", "a value has no ',', no '}' and no control characters"},
    {ingest_check_label, "env=a\nb", "a value has no ',', no '}' and no control characters"},
    {ingest_check_label, "env=\xff", "a value is UTF-8 of 2048 bytes at most"},
    {ingest_check_tenant, "team-1!_.*'()", NULL},
    {ingest_check_tenant, "", "up to 150 letters, digits and any of !-_.*'()"},
    {ingest_check_tenant, "a|b", "up to 150 letters, digits and any of !-_.*'()"},
    {ingest_check_tenant, "a\r\nX: y", "up to 150 letters, digits and any of !-_.*'()"},
};

START_TEST(what_the_server_would_refuse_is_refused_with_the_rule)
{
    struct error error = {0};
    ck_assert_int_eq(texts[_i].check(texts[_i].text, &error), texts[_i].rule ? -1 : 0);
    if (texts[_i].rule)
        ck_assert_ptr_nonnull(strstr(error.reason, texts[_i].rule));
}
END_TEST

START_TEST(lengths_are_bounded)
{
    char label[2 + 2048 + 2] = "a=", tenant[152];
    memset(label + 2, 'x', 2048);
    ck_assert_int_eq(ingest_check_label(label, NULL), 0);
    label[2 + 2048] = 'x';
    ck_assert_int_eq(ingest_check_label(label, NULL), -1);
    memset(tenant, 'x', sizeof tenant);
    tenant[150] = '\0';
    ck_assert_int_eq(ingest_check_tenant(tenant, NULL), 0);
    tenant[150] = 'x';
    tenant[151] = '\0';
    ck_assert_int_eq(ingest_check_tenant(tenant, NULL), -1);
}
END_TEST

static void set_facts(struct profile *profile, const char *host, const char *clock)
{
    profile_init(profile, &allocator_libc);
    ck_assert_int_eq(profile_set_text(profile, "host", host, strlen(host)), 0);
    ck_assert_int_eq(profile_set_text(profile, "clock", clock, strlen(clock)), 0);
    ck_assert_int_eq(profile_set_integer(profile, "pid", 42), 0);
}

static void assert_url(const struct profile *profile, const char *const *labels, size_t count, int64_t now,
                       const char *expected)
{
    const struct ingest_name name = {"my/app", labels, count};
    struct buffer url;
    buffer_init(&url, &allocator_libc);
    ingest_url(&url, "http://h/x", &name, profile, now);
    buffer_append_byte(&url, '\0');
    ck_assert_str_eq((const char *)url.data, expected);
    buffer_release(&url);
}

START_TEST(a_profile_without_facts_has_the_labels_that_are_given)
{
    static const char *const labels[] = {"env=a b&c", "x=1", "env=last", "pid=7"};
    struct profile profile;
    profile_init(&profile, &allocator_libc);
    assert_url(&profile, NULL, 0, 0, "http://h/x/ingest?name=my%2Fapp%7B%7D&spyName=profstat");
    assert_url(&profile, labels, 2, 0,
               "http://h/x/ingest?name=my%2Fapp%7Benv%3Da%20b%26c%2Cx%3D1%7D&spyName=profstat");
    assert_url(&profile, labels, 4, 0,
               "http://h/x/ingest?name=my%2Fapp%7Bx%3D1%2Cenv%3Dlast%2Cpid%3D7%7D&spyName=profstat");
    profile_release(&profile);
}
END_TEST

START_TEST(facts_are_labels_unless_they_are_given)
{
    static const char *const labels[] = {"clock=sun", "pid="};
    struct profile profile;
    set_facts(&profile, "web1", "wall");
    assert_url(&profile, NULL, 0, 0,
               "http://h/x/ingest?name=my%2Fapp%7Bhost%3Dweb1%2Cpid%3D42%2Cclock%3Dwall%7D&spyName=profstat");
    assert_url(&profile, labels, 2, 0,
               "http://h/x/ingest?name=my%2Fapp%7Bhost%3Dweb1%2Cclock%3Dsun%7D&spyName=profstat");
    profile_release(&profile);
}
END_TEST

START_TEST(facts_cannot_break_out_of_the_name)
{
    struct profile profile;
    set_facts(&profile, "a,b}c\n\xc3\xa9\xed\xa0\x80", "");
    assert_url(&profile, NULL, 0, 0,
               "http://h/x/ingest?name=my%2Fapp%7Bhost%3Da_b_c_%C3%A9_%2Cpid%3D42%7D&spyName=profstat");
    profile_release(&profile);
}
END_TEST

static const struct {
    double started;
    double enabled;
    int64_t now;
    const char *times;
} runs[] = {
    {1700000000.75, 2.5, 1800000000, "&from=1700000000&until=1700000004"},
    {1700000000.75, 0.0, 1800000000, "&from=1700000000&until=1700000001"},
    {1700000000.0, 0.0, 1800000000, "&from=1700000000&until=1700000001"},
    {1700000000.0, 500.0, 1700000100, "&from=1700000000&until=1700000100"},
    {1700000000.0, 1.0, 1600000000, "&from=1700000000&until=1700000001"},
    {1700000000.0, 1e300, 1700000009, "&from=1700000000&until=1700000001"},
    {-1.0, 1.0, 1700000009, ""},
    {1e300, 1.0, 1700000009, ""},
};

START_TEST(times_are_said_where_they_are_known)
{
    char expected[200] = "http://h/x/ingest?name=my%2Fapp%7B%7D";
    struct profile profile;
    profile_init(&profile, &allocator_libc);
    ck_assert_int_eq(profile_set_real(&profile, "started", runs[_i].started), 0);
    ck_assert_int_eq(profile_set_real(&profile, "enabled", runs[_i].enabled), 0);
    assert_url(&profile, NULL, 0, runs[_i].now, strcat(strcat(expected, runs[_i].times), "&spyName=profstat"));
    profile_release(&profile);
}
END_TEST

START_TEST(the_endpoint_may_be_named)
{
    const struct ingest_name name = {"a", NULL, 0};
    struct profile profile;
    struct buffer url;
    profile_init(&profile, &allocator_libc);
    buffer_init(&url, &allocator_libc);
    ingest_url(&url, "http://h/ingest", &name, &profile, 0);
    buffer_append_byte(&url, '\0');
    ck_assert_str_eq((const char *)url.data, "http://h/ingest?name=a%7B%7D&spyName=profstat");
    buffer_release(&url);
    profile_release(&profile);
}
END_TEST

START_TEST(the_clock_gives_the_time_its_name)
{
    static const char *const names[][2] = {{"wall", "wall"}, {"cpu", "cpu"}, {"timer", "time"}, {"wall; cpu", "time"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct profile profile;
        struct buffer json;
        char expected[60];
        set_facts(&profile, "h", names[i][0]);
        buffer_init(&json, &allocator_libc);
        ingest_sample_types(&json, &profile);
        buffer_append_byte(&json, '\0');
        snprintf(expected, sizeof expected, "\"display-name\":\"%s\",\"sampled\":true}}", names[i][1]);
        ck_assert_ptr_nonnull(strstr((const char *)json.data, expected));
        buffer_release(&json);
        profile_release(&profile);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ingest");
    TCase *tests = tcase_create("ingest");
    tcase_add_loop_test(tests, what_the_server_would_refuse_is_refused_with_the_rule, 0, sizeof texts / sizeof *texts);
    tcase_add_test(tests, lengths_are_bounded);
    tcase_add_test(tests, a_profile_without_facts_has_the_labels_that_are_given);
    tcase_add_test(tests, facts_are_labels_unless_they_are_given);
    tcase_add_test(tests, facts_cannot_break_out_of_the_name);
    tcase_add_loop_test(tests, times_are_said_where_they_are_known, 0, sizeof runs / sizeof *runs);
    tcase_add_test(tests, the_endpoint_may_be_named);
    tcase_add_test(tests, the_clock_gives_the_time_its_name);
    suite_add_tcase(suite, tests);
    return test_main(suite);
}
