#include "core/waits.h"

#include "core/totals.h"
#include "support.h"
#include "tracing.h"

enum { HANDLER, QUERY };

static char coroutines[3];

static void begin(struct tracing *tracing, int function, int coroutine, bool resumes, int64_t ticks)
{
    tracing_enter(tracing, function, ticks);
    tracer_step_begun(&tracing->tracer, &coroutines[coroutine], resumes);
}

static void end(struct tracing *tracing, int function, int coroutine, bool suspends, int64_t ticks)
{
    tracing_leave(tracing, function, ticks);
    tracer_step_ended(&tracing->tracer, &coroutines[coroutine], suspends);
}

static void assert_wait(const struct tracing *tracing, uint32_t path, int64_t calls, int64_t resumes, int64_t awaited)
{
    struct totals totals;
    ck_assert_int_eq(totals_init(&totals, &tracing->tracer), 0);
    ck_assert_ptr_nonnull(totals.waits);
    ck_assert_int_eq(totals.paths[path].calls, calls);
    ck_assert_int_eq(totals.waits[path].resumes, resumes);
    ck_assert_int_eq(totals.waits[path].awaited, awaited);
    totals_release(&totals);
}

/* Two coroutines of one function, one inside the wait of the other. */
START_TEST(each_coroutine_waits_for_itself)
{
    struct tracing tracing = {0};
    tracing_init(&tracing, &allocator_libc, true, SIZE_MAX);
    begin(&tracing, QUERY, 0, false, 1);
    end(&tracing, QUERY, 0, true, 2);
    begin(&tracing, QUERY, 1, false, 10);
    end(&tracing, QUERY, 1, true, 2);
    begin(&tracing, QUERY, 0, true, 100);
    end(&tracing, QUERY, 0, false, 2);
    begin(&tracing, QUERY, 1, true, 1000);
    end(&tracing, QUERY, 1, false, 2);
    assert_wait(&tracing, 0, 4, 2, (10 + 2 + 100) + (100 + 2 + 1000));
    ck_assert_int_eq(call_tree_node(&tracing.tracer.tree, 0)->self, 8);
    ck_assert_int_eq(tracing.readings, 8);
    tracing_release(&tracing);
}
END_TEST

START_TEST(waits_are_told_by_call_path)
{
    struct tracing tracing = {0};
    tracing_init(&tracing, &allocator_libc, true, SIZE_MAX);
    begin(&tracing, HANDLER, 0, false, 1);
    begin(&tracing, QUERY, 1, false, 1);
    end(&tracing, QUERY, 1, true, 1);
    end(&tracing, HANDLER, 0, true, 1);
    begin(&tracing, HANDLER, 0, true, 50);
    begin(&tracing, QUERY, 1, true, 1);
    end(&tracing, QUERY, 1, false, 1);
    end(&tracing, HANDLER, 0, false, 1);
    begin(&tracing, QUERY, 1, false, 1); /* another, at the same address */
    end(&tracing, QUERY, 1, false, 1);
    assert_wait(&tracing, 0, 2, 1, 50);
    assert_wait(&tracing, 1, 2, 1, 52);
    assert_wait(&tracing, 2, 1, 0, 0);
    tracing_release(&tracing);
}
END_TEST

START_TEST(what_began_before_is_only_resumed)
{
    struct tracing tracing = {0};
    tracing_init(&tracing, &allocator_libc, true, SIZE_MAX);
    begin(&tracing, QUERY, 0, true, 1);
    end(&tracing, QUERY, 0, false, 1);
    assert_wait(&tracing, 0, 1, 1, 0);
    tracing_release(&tracing);
}
END_TEST

/* Coroutines are noticed at the first one's first step. */
START_TEST(a_wait_counts_whose_beginning_was_missed)
{
    struct tracing tracing = {0};
    tracing_init(&tracing, &allocator_libc, true, SIZE_MAX);
    tracing_enter(&tracing, QUERY, 1);
    end(&tracing, QUERY, 0, true, 1);
    begin(&tracing, QUERY, 0, true, 7);
    end(&tracing, QUERY, 0, false, 1);
    assert_wait(&tracing, 0, 2, 1, 7);
    end(&tracing, HANDLER, 1, true, 1); /* entered before the profile */
    tracing.now += 100;
    tracer_flush(&tracing.tracer);
    assert_wait(&tracing, 0, 2, 1, 7);
    tracing_release(&tracing);
}
END_TEST

START_TEST(a_flush_ends_steps_and_forgets_coroutines)
{
    struct tracing tracing = {0};
    tracing_init(&tracing, &allocator_libc, true, SIZE_MAX);
    begin(&tracing, QUERY, 0, false, 1);
    end(&tracing, QUERY, 0, true, 1);
    begin(&tracing, QUERY, 0, true, 20);
    tracing.now += 5;
    assert_wait(&tracing, 0, 1, 0, 20);
    tracer_flush(&tracing.tracer);
    assert_wait(&tracing, 0, 2, 1, 20);
    begin(&tracing, QUERY, 0, true, 3);
    end(&tracing, QUERY, 0, false, 1);
    assert_wait(&tracing, 0, 3, 2, 20);
    tracing_release(&tracing);
}
END_TEST

START_TEST(a_look_ahead_is_taken_back)
{
    struct waits waits;
    waits_init(&waits, &allocator_libc);
    ck_assert_int_eq(waits_begin_step(&waits, &coroutines[0], 3, false, 10), 0);
    ck_assert_int_eq(waits_end_step(&waits, &coroutines[0], 3, true, 20), 0);
    ck_assert_int_eq(waits_begin_step(&waits, &coroutines[1], 3, true, 20), 0);
    waits_look_ahead(&waits, 70, 1);
    ck_assert_int_eq(waits_of(&waits, 3).awaited, 50);
    ck_assert_int_eq(waits_of(&waits, 3).resumes, 1);
    waits_look_ahead(&waits, 70, -1);
    ck_assert_int_eq(waits_of(&waits, 3).awaited, 0);
    ck_assert_int_eq(waits_of(&waits, 3).resumes, 0);
    ck_assert_int_eq(waits_of(&waits, 4).awaited, 0);
    waits_finish(&waits, 15); /* a clock that went backwards takes nothing away */
    ck_assert_int_eq(waits_of(&waits, 3).awaited, 0);
    waits_release(&waits);
}
END_TEST

static int many(const struct allocator *allocator, void *context)
{
    static char addresses[100];
    struct waits waits;
    int result = 0;
    waits_init(&waits, allocator);
    for (uint32_t i = 0; i < sizeof addresses && result == 0; i++)
        result = waits_begin_step(&waits, &addresses[i], i % 7 * 100, false, 0);
    waits_release(&waits);
    return result;
}

START_TEST(survives_each_failed_allocation)
{
    test_fail_each_allocation(many, NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("waits");
    TCase *tests = tcase_create("waits");
    tcase_add_test(tests, each_coroutine_waits_for_itself);
    tcase_add_test(tests, waits_are_told_by_call_path);
    tcase_add_test(tests, what_began_before_is_only_resumed);
    tcase_add_test(tests, a_wait_counts_whose_beginning_was_missed);
    tcase_add_test(tests, a_flush_ends_steps_and_forgets_coroutines);
    tcase_add_test(tests, a_look_ahead_is_taken_back);
    tcase_add_test(tests, survives_each_failed_allocation);
    suite_add_tcase(suite, tests);
    return test_main(suite);
}
