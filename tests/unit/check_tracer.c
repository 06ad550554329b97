#include "support.h"
#include "tracing.h"

enum { A, B, C };

START_TEST(one_reading_an_event)
{
    struct tracing tracing = {0};
    tracing_init(&tracing, &allocator_libc, true, SIZE_MAX);
    tracing_enter(&tracing, A, 1);
    tracing_enter(&tracing, B, 1);
    tracing_leave(&tracing, B, 1);
    tracing_leave(&tracing, A, 1);
    ck_assert_int_eq(tracing.readings, 4);
    tracing_leave(&tracing, A, 1); /* entered before the profile: nothing to measure */
    ck_assert_int_eq(tracing.readings, 4);
    tracing_release(&tracing);
}
END_TEST

START_TEST(a_path_is_one_node_however_often_it_is_taken)
{
    struct tracing tracing = {0};
    tracing_init(&tracing, &allocator_libc, true, SIZE_MAX);
    for (int i = 0; i < 10; i++) {
        tracing_enter(&tracing, A, 1);
        tracing_enter(&tracing, i % 2 ? B : C, 2);
        tracing_leave(&tracing, i % 2 ? B : C, 3);
        tracing_leave(&tracing, A, 4);
    }
    ck_assert_uint_eq(tracing.tracer.tree.count, 3);
    const struct call_node *a = call_tree_node(&tracing.tracer.tree, 0);
    const struct call_node *c = call_tree_node(&tracing.tracer.tree, 1);
    ck_assert_int_eq(a->calls, 10);
    ck_assert_int_eq(a->self, 60);
    ck_assert_int_eq(c->calls, 5);
    ck_assert_int_eq(c->self, 15);
    ck_assert_uint_eq(c->parent, a->number);
    ck_assert_int_eq(tracing.described, 3);
    tracing_release(&tracing);
    ck_assert_int_eq(tracing.described, 0);
}
END_TEST

START_TEST(flush_completes_what_is_running)
{
    struct tracing tracing = {0};
    tracing_init(&tracing, &allocator_libc, true, SIZE_MAX);
    tracing_enter(&tracing, A, 1);
    tracing_enter(&tracing, B, 2);
    tracing.now += 5;
    tracer_flush(&tracing.tracer);
    ck_assert_ptr_eq(tracing.tracer.top, tracing.tracer.frames);
    ck_assert_int_eq(call_tree_node(&tracing.tracer.tree, 0)->self, 2);
    ck_assert_int_eq(call_tree_node(&tracing.tracer.tree, 1)->self, 5);
    tracing_release(&tracing);
}
END_TEST

START_TEST(leaving_a_caller_completes_its_callees)
{
    struct tracing tracing = {0};
    tracing_init(&tracing, &allocator_libc, true, SIZE_MAX);
    tracing_enter(&tracing, A, 1);
    tracing_enter(&tracing, B, 2);
    tracing_leave(&tracing, A, 3);
    ck_assert_ptr_eq(tracing.tracer.top, tracing.tracer.frames);
    ck_assert_int_eq(call_tree_node(&tracing.tracer.tree, 1)->calls, 1);
    tracing_release(&tracing);
}
END_TEST

START_TEST(paused_time_does_not_count)
{
    for (int paths = 0; paths < 2; paths++) {
        struct tracing tracing = {0};
        tracing_init(&tracing, &allocator_libc, paths, SIZE_MAX);
        tracing_enter(&tracing, A, 0);
        tracing_enter(&tracing, B, 1);
        tracing.now += 2;
        tracer_pause(&tracing.tracer);
        tracing.now += 100;
        tracer_resume(&tracing.tracer);
        tracing_leave(&tracing, B, 3);
        tracing_leave(&tracing, A, 4);
        int64_t a = paths ? call_tree_node(&tracing.tracer.tree, 0)->self : tracing.tracer.edges.table.edges[0].self;
        int64_t b = paths ? call_tree_node(&tracing.tracer.tree, 1)->self : tracing.tracer.edges.table.edges[1].self;
        ck_assert_int_eq(a, 5);
        ck_assert_int_eq(b, 5);
        tracing_release(&tracing);
    }
}
END_TEST

START_TEST(a_pause_ends_with_the_calls_it_was_for)
{
    struct tracing tracing = {0};
    tracing_init(&tracing, &allocator_libc, true, SIZE_MAX);
    tracing_enter(&tracing, A, 0);
    tracer_pause(&tracing.tracer);
    tracer_flush(&tracing.tracer);
    tracing_enter(&tracing, B, 0);
    tracer_pause(&tracing.tracer);
    tracing.now += 100;
    tracer_resume(&tracing.tracer);
    tracing_leave(&tracing, B, 1);
    ck_assert_int_eq(call_tree_node(&tracing.tracer.tree, 1)->self, 1);
    tracing_release(&tracing);
}
END_TEST

START_TEST(clear_forgets_running_calls)
{
    struct tracing tracing = {0};
    tracing_init(&tracing, &allocator_libc, true, SIZE_MAX);
    tracing_enter(&tracing, A, 1);
    tracer_clear(&tracing.tracer);
    ck_assert_int_eq(tracing.described, 0);
    tracing_leave(&tracing, A, 1);
    ck_assert_uint_eq(tracing.tracer.tree.count, 0);
    tracing_enter(&tracing, B, 1);
    tracing_leave(&tracing, B, 1);
    ck_assert_uint_eq(tracing.tracer.tree.count, 1);
    tracing_release(&tracing);
}
END_TEST

START_TEST(at_the_limit_edges_take_over)
{
    struct tracing tracing = {0};
    tracing_init(&tracing, &allocator_libc, true, 0);
    tracing_enter(&tracing, A, 1);
    tracing_enter(&tracing, B, 2);
    tracing_leave(&tracing, B, 3);
    tracing_leave(&tracing, A, 4);
    ck_assert_int_eq(tracing.tracer.mode, TRACER_EDGES);
    ck_assert(tracing.tracer.paths_cut);
    ck_assert(!tracing.tracer.out_of_memory);
    ck_assert_uint_eq(tracing.tracer.tree.count, 0);
    ck_assert_uint_eq(tracing.tracer.edges.table.count, 2);
    ck_assert_int_eq(tracing.tracer.edges.table.edges[0].self, 6);
    ck_assert_int_eq(tracing.tracer.edges.table.edges[1].self, 3);
    tracing_release(&tracing);
}
END_TEST

START_TEST(deep_recursion_grows_the_stack)
{
    struct tracing tracing = {0};
    tracing_init(&tracing, &allocator_libc, true, SIZE_MAX);
    for (int i = 0; i < 100000; i++)
        tracing_enter(&tracing, A, 1);
    for (int i = 0; i < 100000; i++)
        tracing_leave(&tracing, A, 0);
    ck_assert_ptr_eq(tracing.tracer.top, tracing.tracer.frames);
    ck_assert_uint_eq(tracing.tracer.tree.count, 100000);
    ck_assert_int_eq(call_tree_node(&tracing.tracer.tree, 99998)->self, 1);
    tracing_release(&tracing);
}
END_TEST

/* Paths in which every function calls every other, to a depth beyond the first stack. */
static void call_many(struct tracing *tracing, int depth)
{
    for (int i = 0; i < depth; i++)
        tracing_enter(tracing, (i * 7 + i / 5) % TRACING_FUNCTIONS, 1);
    for (int i = depth; i-- > 0;)
        tracing_leave(tracing, (i * 7 + i / 5) % TRACING_FUNCTIONS, 1);
}

/* Failing is no crash: events go on, the flag is set, and what is on the stack stays balanced. */
static int call_many_with(const struct allocator *allocator, void *context)
{
    struct tracing tracing = {0};
    int result = tracing_init(&tracing, allocator, *(bool *)context, 100000);
    if (result == 0) {
        call_many(&tracing, 700);
        call_many(&tracing, 300);
        tracer_flush(&tracing.tracer);
        ck_assert_ptr_eq(tracing.tracer.top, tracing.tracer.frames);
        ck_assert_uint_eq(tracing.tracer.edges.depth, 0);
        if (tracing.tracer.out_of_memory)
            result = -1;
        ck_assert(tracing.tracer.out_of_memory == (tracing.tracer.dropped > 0));
    }
    tracing_release(&tracing);
    ck_assert_int_eq(tracing.described, 0);
    return result;
}

START_TEST(survives_each_failed_allocation)
{
    bool paths = false;
    test_fail_each_allocation(call_many_with, &paths);
}
END_TEST

/* With paths the tree gives way to edges at the first failure, so a failure that passes is no loss: the run tells it by
 * paths_cut.  What must not happen is a crash or a leak. */
START_TEST(survives_each_failed_allocation_with_paths)
{
    for (size_t fail_at = 1; fail_at < 60; fail_at++) {
        struct test_allocator test;
        bool paths = true;
        test_allocator_init(&test, fail_at);
        call_many_with(&test.allocator, &paths);
        ck_assert_uint_eq(test.live, 0);
    }
}
END_TEST

/* A walk that goes deep, takes up old orders of callees and new ones, and now and then leaves a caller at once. */
static void wander(struct tracing *tracing, int steps)
{
    int stack[1000], depth = 0;
    uint32_t random = 1;
    for (int i = 0; i < steps; i++) {
        random = random * 1664525 + 1013904223;
        bool rising = (i / 300) % 2 == 0;
        unsigned die = random >> 24;
        if (depth == 0 || (depth < 1000 && die < (rising ? 200 : 80))) {
            stack[depth] = die % 3 == 0 ? (int)(random >> 16 & 7) : (depth * 5 + i) % 4;
            tracing_enter(tracing, stack[depth++], 1);
        } else {
            depth = die < 250 ? depth - 1 : depth / 2;
            tracing_leave(tracing, stack[depth], 1);
        }
    }
    tracer_flush(&tracing->tracer);
}

static void assert_equal_calls(const struct tracer *hot, const struct tracing *hot_owner, const struct tracer *slow,
                               const struct tracing *slow_owner)
{
    ck_assert_uint_eq(hot->tree.count, slow->tree.count);
    ck_assert_uint_eq(hot->functions.count, slow->functions.count);
    ck_assert(hot->paths_cut == slow->paths_cut);
    for (uint32_t i = 0; i < hot->tree.count; i++) {
        const struct call_node *a = call_tree_node(&hot->tree, i), *b = call_tree_node(&slow->tree, i);
        ck_assert_int_eq((const char *)a->key - hot_owner->keys, (const char *)b->key - slow_owner->keys);
        ck_assert_uint_eq(a->parent, b->parent);
        ck_assert_int_eq(a->calls, b->calls);
    }
}

START_TEST(the_hot_path_records_the_same_calls)
{
    bool cut[2] = {false, false};
    for (size_t limit = 20000; limit < 100000000; limit *= 4) {
        struct tracing hot = {0}, slow = {0};
        ck_assert_int_eq(tracing_init_hot(&hot, &allocator_libc, limit), 0);
        ck_assert_int_eq(tracing_init(&slow, &allocator_libc, true, limit), 0);
        for (int run = 0; run < 3; run++) {
            wander(&hot, 4000 * (run + 1));
            wander(&slow, 4000 * (run + 1));
            assert_equal_calls(&hot.tracer, &hot, &slow.tracer, &slow);
        }
        cut[slow.tracer.paths_cut] = true;
        tracing_release(&hot);
        tracing_release(&slow);
    }
    ck_assert(cut[false] && cut[true]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tracer");
    TCase *tests = tcase_create("tracer");
    tcase_add_test(tests, one_reading_an_event);
    tcase_add_test(tests, a_path_is_one_node_however_often_it_is_taken);
    tcase_add_test(tests, flush_completes_what_is_running);
    tcase_add_test(tests, leaving_a_caller_completes_its_callees);
    tcase_add_test(tests, paused_time_does_not_count);
    tcase_add_test(tests, a_pause_ends_with_the_calls_it_was_for);
    tcase_add_test(tests, clear_forgets_running_calls);
    tcase_add_test(tests, at_the_limit_edges_take_over);
    tcase_add_test(tests, deep_recursion_grows_the_stack);
    tcase_add_test(tests, the_hot_path_records_the_same_calls);
    tcase_add_test(tests, survives_each_failed_allocation);
    tcase_add_test(tests, survives_each_failed_allocation_with_paths);
    suite_add_tcase(suite, tests);
    return test_main(suite);
}
