/* One tracer that is switched between strands, against one for each strand whose clock stands still while others
 * run. */
#include "core/running.h"
#include "core/strands.h"
#include "core/totals.h"
#include "support.h"
#include "tracing.h"

enum { A, B, C, STRANDS = 5, MAX_DEPTH = 12, EVENTS = 4000 };

static char names[STRANDS];

struct walk {
    struct tracing all;
    struct tracing each[STRANDS];
    int stack[STRANDS][MAX_DEPTH];
    int depth[STRANDS];
    uint32_t random;
};

static uint32_t next_random(struct walk *walk)
{
    walk->random = walk->random * 1664525u + 1013904223u;
    return walk->random >> 8;
}

static void init(struct walk *walk, bool paths, size_t max_path_bytes)
{
    *walk = (struct walk){.random = 1};
    ck_assert_int_eq(tracing_init(&walk->all, &allocator_libc, paths, max_path_bytes), 0);
    for (int i = 0; i < STRANDS; i++)
        ck_assert_int_eq(tracing_init(&walk->each[i], &allocator_libc, true, SIZE_MAX), 0);
}

static void release(struct walk *walk)
{
    tracing_release(&walk->all);
    for (int i = 0; i < STRANDS; i++)
        tracing_release(&walk->each[i]);
}

static void step(struct walk *walk)
{
    int strand = (int)(next_random(walk) % STRANDS), function = (int)(next_random(walk) % 4);
    int64_t ticks = 1 + next_random(walk) % 9;
    bool enters = walk->depth[strand] == 0 || (walk->depth[strand] < MAX_DEPTH && next_random(walk) % 2);
    tracer_switch(&walk->all.tracer, &names[strand]);
    if (enters) {
        walk->stack[strand][walk->depth[strand]++] = function;
        tracing_enter(&walk->all, function, ticks);
        tracing_enter(&walk->each[strand], function, ticks);
    } else {
        function = walk->stack[strand][--walk->depth[strand]];
        tracing_leave(&walk->all, function, ticks);
        tracing_leave(&walk->each[strand], function, ticks);
    }
}

/* Of all strands together. */
static struct call_total expected_total(const struct walk *walk, int function)
{
    struct call_total sum = {0};
    for (int i = 0; i < STRANDS; i++) {
        struct totals totals;
        uint32_t number = tracing_number(&walk->each[i], function);
        ck_assert_int_eq(totals_init(&totals, &walk->each[i].tracer), 0);
        if (number != FUNCTION_NONE) {
            sum.calls += totals.functions[number].calls;
            sum.recursive += totals.functions[number].recursive;
            sum.self += totals.functions[number].self;
            sum.cumulative += totals.functions[number].cumulative;
        }
        totals_release(&totals);
    }
    return sum;
}

static void assert_as_expected(const struct walk *walk)
{
    struct totals totals;
    ck_assert_int_eq(totals_init(&totals, &walk->all.tracer), 0);
    for (int function = 0; function < 4; function++) {
        struct call_total expected = expected_total(walk, function);
        const struct call_total *found = &totals.functions[tracing_number(&walk->all, function)];
        ck_assert_int_eq(found->calls, expected.calls);
        ck_assert_int_eq(found->recursive, expected.recursive);
        ck_assert_int_eq(found->self, expected.self);
        ck_assert_int_eq(found->cumulative, expected.cumulative);
    }
    totals_release(&totals);
}

static void flush_all(struct walk *walk)
{
    tracer_flush(&walk->all.tracer);
    for (int i = 0; i < STRANDS; i++)
        tracer_flush(&walk->each[i].tracer);
}

static void check_walk(bool paths, size_t max_path_bytes, enum tracer_mode mode_at_end)
{
    struct walk walk;
    init(&walk, paths, max_path_bytes);
    for (int i = 0; i < EVENTS; i++)
        step(&walk);
    ck_assert_int_eq(walk.all.tracer.mode, mode_at_end);
    flush_all(&walk);
    assert_as_expected(&walk);
    for (int i = 0; i < STRANDS; i++)
        walk.depth[i] = 0;
    for (int i = 0; i < EVENTS; i++)
        step(&walk);
    flush_all(&walk);
    assert_as_expected(&walk);
    release(&walk);
}

START_TEST(each_strand_has_its_own_stack)
{
    check_walk(true, SIZE_MAX, TRACER_PATHS);
}
END_TEST

START_TEST(pairs_of_functions_too)
{
    check_walk(false, 0, TRACER_EDGES);
}
END_TEST

START_TEST(stacks_that_are_parked_when_the_tree_is_full_go_on)
{
    check_walk(true, 20000, TRACER_EDGES);
}
END_TEST

START_TEST(calls_of_parked_strands_are_running_calls)
{
    struct walk walk;
    init(&walk, true, SIZE_MAX);
    for (int i = 0; i < EVENTS; i++)
        step(&walk);
    assert_as_expected(&walk);
    release(&walk);
}
END_TEST

/* The strand of A stands still for 100 ticks while B and C run in another. */
START_TEST(a_look_as_if_calls_ended_sees_all_strands)
{
    struct tracing tracing = {0};
    struct running_calls running;
    tracing_init(&tracing, &allocator_libc, true, SIZE_MAX);
    tracer_switch(&tracing.tracer, &names[0]);
    tracing_enter(&tracing, A, 1);
    tracing.now += 7;
    tracer_switch(&tracing.tracer, &names[1]);
    tracing_enter(&tracing, B, 0);
    tracing.now += 100;
    for (int look = 0; look < 2; look++) {
        ck_assert_int_eq(running_complete(&running, &tracing.tracer, tracing.now), 0);
        ck_assert_int_eq(call_tree_node(&tracing.tracer.tree, 0)->self, 7);
        ck_assert_int_eq(call_tree_node(&tracing.tracer.tree, 1)->self, 100);
        ck_assert_int_eq(call_tree_node(&tracing.tracer.tree, 1)->calls, 1);
        running_resume(&running);
        ck_assert_int_eq(call_tree_node(&tracing.tracer.tree, 0)->calls, 0);
        ck_assert_int_eq(call_tree_node(&tracing.tracer.tree, 0)->self, 0);
    }
    tracer_switch(&tracing.tracer, &names[0]);
    tracing_leave(&tracing, A, 5);
    ck_assert_int_eq(call_tree_node(&tracing.tracer.tree, 0)->self, 12);
    tracing_release(&tracing);
}
END_TEST

static int switch_about(const struct allocator *allocator, void *context)
{
    struct tracing tracing = {0};
    int result = tracing_init(&tracing, allocator, true, SIZE_MAX);
    for (int i = 0; i < 3 * STRANDS && result == 0; i++) {
        tracer_switch(&tracing.tracer, &names[i % STRANDS]);
        tracing_enter(&tracing, i % 3, 1);
    }
    if (result == 0)
        tracer_flush(&tracing.tracer);
    if (tracing.tracer.out_of_memory)
        result = -1;
    tracing_release(&tracing);
    return result;
}

START_TEST(survives_each_failed_allocation)
{
    test_fail_each_allocation(switch_about, NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("strands");
    TCase *tests = tcase_create("strands");
    tcase_add_test(tests, each_strand_has_its_own_stack);
    tcase_add_test(tests, pairs_of_functions_too);
    tcase_add_test(tests, stacks_that_are_parked_when_the_tree_is_full_go_on);
    tcase_add_test(tests, calls_of_parked_strands_are_running_calls);
    tcase_add_test(tests, a_look_as_if_calls_ended_sees_all_strands);
    tcase_add_test(tests, survives_each_failed_allocation);
    suite_add_tcase(suite, tests);
    return test_main(suite);
}
