#include "rule.h"

#include "profiles.h"
#include "support.h"

static const struct grand_total total = {.ncalls = 200, .primitive = 100, .tottime = 8.0};
static const struct function function = {.ncalls = 7, .primitive = 3, .tottime = 0.5, .cumtime = 2.0};
static const struct function base = {.ncalls = 4, .primitive = 2, .tottime = 0.25, .cumtime = 1.0};

static const struct {
    const char *text;
    const char *pattern; /* NULL: none */
    double value;
    double limit; /* with this base */
    bool holds;
} rules[] = {
    {"get_db_user ncalls <= 2", "get_db_user", 7, 2, false},
    {"ncalls<=7", NULL, 7, 7, true},
    {"  json.* x  cumtime\t<  25% ", "json.* x", 2, 2, false},
    {"pcalls >= 3%", NULL, 3, 3, true},
    {"<lambda> tottime == 500ms", "<lambda>", 0.5, 0.5, true},
    {"a >= 3 tottime != 5e5 us", "a >= 3", 0.5, 0.5, false},
    {"tottime > 1 ns", NULL, 0.5, 1e-9, true},
    {"cumtime < 2.5s", NULL, 2, 2.5, true},
    {"ncalls <= base", NULL, 7, 4, false},
    {"ncalls <= base * 2", NULL, 7, 8, true},
    {"ncalls <= base+3", NULL, 7, 7, true},
    {"ncalls < base + 50%", NULL, 7, 6, false},
    {"cumtime > base - 10%", NULL, 2, 0.9, true},
    {"tottime <= base + 250 ms", NULL, 0.5, 0.5, true},
};

START_TEST(rules_are_read)
{
    struct rule rule;
    struct error error = {0};
    ck_assert_msg(rule_init(&rule, rules[_i].text, &allocator_libc, &error) == 0, "%s", error.reason);
    if (rules[_i].pattern)
        ck_assert_str_eq(pattern_text(rule.pattern), rules[_i].pattern);
    else
        ck_assert_ptr_null(rule.pattern);
    double limit = rule_limit(&rule, &total, &base);
    ck_assert_double_eq(rule_value(&rule, &function), rules[_i].value);
    ck_assert_double_eq_tol(limit, rules[_i].limit, 1e-12);
    ck_assert_int_eq(rule_holds(&rule, rule_value(&rule, &function), limit), rules[_i].holds);
    rule_release(&rule);
}
END_TEST

START_TEST(what_is_not_there_is_nothing)
{
    struct rule rule;
    ck_assert_int_eq(rule_init(&rule, "f ncalls >= base + 1", &allocator_libc, NULL), 0);
    ck_assert_double_eq(rule_value(&rule, NULL), 0);
    ck_assert_double_eq(rule_limit(&rule, &total, NULL), 1);
    ck_assert(rule.about_base);
    ck_assert(!rule_is_about_time(&rule));
    ck_assert_str_eq(rule_field_name(&rule), "ncalls");
    rule_release(&rule);
}
END_TEST

static const char *const bad[] = {
    "",           " ",          "f",           "ncalls",        "ncalls <=",       "<= 3",          "f <= 3",
    "fncalls < 3", "ncalls < -1", "ncalls < x",  "ncalls < 3 4",  "ncalls < 3s",     "cumtime < 3m",  "ncalls << 3",
    "ncalls < ",  "ncalls = 3", "ncalls < inf", "ncalls < base*", "ncalls < base x", "ncalls < base / 2", "( ncalls < 3",
    "ncalls < base + ", "ncalls < base * 2%",
};

START_TEST(what_is_no_rule_is_refused)
{
    struct rule rule;
    struct error error = {0};
    ck_assert_int_eq(rule_init(&rule, bad[_i], &allocator_libc, &error), -1);
    ck_assert_int_eq(error.code, ERROR_ARGUMENT);
}
END_TEST

static int read_with(const struct allocator *allocator, void *context)
{
    struct rule rule;
    if (rule_init(&rule, "json.* cumtime < 10%", allocator, NULL) < 0)
        return -1;
    rule_release(&rule);
    return 0;
}

START_TEST(survives_each_failed_allocation)
{
    test_fail_each_allocation(read_with, NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("rule");
    TCase *tests = tcase_create("rule");
    tcase_add_loop_test(tests, rules_are_read, 0, sizeof rules / sizeof *rules);
    tcase_add_test(tests, what_is_not_there_is_nothing);
    tcase_add_loop_test(tests, what_is_no_rule_is_refused, 0, sizeof bad / sizeof *bad);
    tcase_add_test(tests, survives_each_failed_allocation);
    suite_add_tcase(suite, tests);
    return test_main(suite);
}
