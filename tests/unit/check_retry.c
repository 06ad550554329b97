#include "retry.h"

#include "support.h"

/* A clock of milliseconds that passes while one waits, and a row of what happens. */
struct script {
    const enum trial *trials; /* the last one is repeated */
    size_t trial_count;
    int64_t took_ms; /* each try */
    int64_t asked_ms;
    uint32_t number; /* random */
    int64_t now_ms;
    int64_t waits[RETRY_MOST_TRIES];
    int64_t left[RETRY_MOST_TRIES];
    size_t wait_count;
    size_t tries;
};

static enum trial attempt(void *context, int64_t left_ms, int64_t *asked_ms)
{
    struct script *script = context;
    size_t place = script->tries < script->trial_count ? script->tries : script->trial_count - 1;
    script->left[script->tries++] = left_ms;
    script->now_ms += script->took_ms;
    *asked_ms = script->asked_ms;
    return script->trials[place];
}

static int64_t now_ms(void *context)
{
    return ((struct script *)context)->now_ms;
}

static void wait_ms(void *context, int64_t wait)
{
    struct script *script = context;
    script->waits[script->wait_count++] = wait;
    script->now_ms += wait;
}

static uint32_t number(void *context)
{
    return ((struct script *)context)->number;
}

static enum trial run(struct script *script, int64_t limit_ms)
{
    const struct retry retry = {script, attempt, now_ms, wait_ms, number};
    unsigned tries = 0;
    script->now_ms = 5000;
    enum trial trial = retry_run(&retry, limit_ms, &tries);
    ck_assert_uint_eq(tries, script->tries);
    return trial;
}

static const enum trial done[] = {TRIAL_DONE}, final[] = {TRIAL_FINAL}, never[] = {TRIAL_AGAIN},
                        third[] = {TRIAL_AGAIN, TRIAL_AGAIN, TRIAL_DONE},
                        refused[] = {TRIAL_AGAIN, TRIAL_FINAL};

START_TEST(what_is_done_or_final_is_not_repeated)
{
    struct script good = {.trials = done, .trial_count = 1}, bad = {.trials = final, .trial_count = 1};
    struct script later = {.trials = refused, .trial_count = 2};
    ck_assert_int_eq(run(&good, 1000), TRIAL_DONE);
    ck_assert_uint_eq(good.tries, 1);
    ck_assert_int_eq(good.left[0], 1000);
    ck_assert_int_eq(run(&bad, 1000), TRIAL_FINAL);
    ck_assert_uint_eq(bad.tries, 1);
    ck_assert_int_eq(run(&later, 1000), TRIAL_FINAL);
    ck_assert_uint_eq(later.tries, 2);
}
END_TEST

START_TEST(waits_double_and_are_counted_against_the_limit)
{
    struct script script = {.trials = third, .trial_count = 3, .took_ms = 10};
    ck_assert_int_eq(run(&script, 1000), TRIAL_DONE);
    ck_assert_uint_eq(script.tries, 3);
    ck_assert_int_eq(script.waits[0], 100);
    ck_assert_int_eq(script.waits[1], 200);
    ck_assert_int_eq(script.left[1], 1000 - 10 - 100);
    ck_assert_int_eq(script.left[2], 1000 - 2 * 10 - 300);
}
END_TEST

START_TEST(chance_takes_off_up_to_half)
{
    for (uint32_t n = 0; n < 300; n++) {
        struct script script = {.trials = third, .trial_count = 3, .number = n * 1234567};
        run(&script, 1000);
        ck_assert_int_ge(script.waits[0], 50);
        ck_assert_int_le(script.waits[0], 100);
        ck_assert_int_ge(script.waits[1], 100);
        ck_assert_int_le(script.waits[1], 200);
    }
    struct script least = {.trials = third, .trial_count = 3, .number = 50};
    run(&least, 1000);
    ck_assert_int_eq(least.waits[0], 50);
}
END_TEST

START_TEST(tries_are_bounded)
{
    struct script script = {.trials = never, .trial_count = 1};
    ck_assert_int_eq(run(&script, 1000000), TRIAL_AGAIN);
    ck_assert_uint_eq(script.tries, RETRY_MOST_TRIES);
    ck_assert_uint_eq(script.wait_count, RETRY_MOST_TRIES - 1);
    ck_assert_int_eq(script.now_ms - 5000, 100 * 127);
}
END_TEST

START_TEST(time_is_bounded)
{
    struct script script = {.trials = never, .trial_count = 1, .took_ms = 30};
    ck_assert_int_eq(run(&script, 790), TRIAL_AGAIN); /* 30 + 100 + 30 + 200 + 30 + 400 leave nothing */
    ck_assert_uint_eq(script.tries, 3);
    ck_assert_uint_eq(script.wait_count, 2);
    struct script longer = {.trials = never, .trial_count = 1, .took_ms = 30};
    ck_assert_int_eq(run(&longer, 791), TRIAL_AGAIN);
    ck_assert_uint_eq(longer.tries, 4);
    ck_assert_int_eq(longer.left[3], 1);
}
END_TEST

START_TEST(what_is_asked_for_is_waited)
{
    struct script script = {.trials = third, .trial_count = 3, .asked_ms = 150};
    ck_assert_int_eq(run(&script, 1000), TRIAL_DONE);
    ck_assert_int_eq(script.waits[0], 150);
    ck_assert_int_eq(script.waits[1], 200);
    struct script longer = {.trials = third, .trial_count = 3, .asked_ms = 1000};
    ck_assert_int_eq(run(&longer, 1000), TRIAL_AGAIN);
    ck_assert_uint_eq(longer.tries, 1);
    ck_assert_uint_eq(longer.wait_count, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("retry");
    TCase *tests = tcase_create("retry");
    tcase_add_test(tests, what_is_done_or_final_is_not_repeated);
    tcase_add_test(tests, waits_double_and_are_counted_against_the_limit);
    tcase_add_test(tests, chance_takes_off_up_to_half);
    tcase_add_test(tests, tries_are_bounded);
    tcase_add_test(tests, time_is_bounded);
    tcase_add_test(tests, what_is_asked_for_is_waited);
    suite_add_tcase(suite, tests);
    return test_main(suite);
}
