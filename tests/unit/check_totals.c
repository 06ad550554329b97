/* Totals are compared with a reference that counts live, with a depth for each function and each edge, on random
 * programs: at their end and while calls are running, with call paths, at every limit of the tree, and without
 * paths. */
#include "core/totals.h"
#include "support.h"
#include "tracing.h"

enum { FUNCTIONS = 5, MAX_DEPTH = 40, EVENTS = 3000 };

struct live_total {
    struct call_total total;
    int64_t depth;
};

struct live_call {
    int function;
    int64_t entered;
    int64_t callees;
};

struct reference {
    struct live_total functions[FUNCTIONS];
    struct live_total edges[FUNCTIONS][FUNCTIONS];
    struct live_call stack[MAX_DEPTH];
    int depth;
};

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

static void live_leave(struct live_total *live, int64_t total, int64_t callees)
{
    live->total.calls++;
    live->total.self += total - callees;
    if (--live->depth == 0)
        live->total.cumulative += total;
    else
        live->total.recursive++;
}

static struct live_total *reference_edge(struct reference *reference)
{
    const struct live_call *call = &reference->stack[reference->depth - 1];
    return reference->depth > 1 ? &reference->edges[call[-1].function][call->function] : NULL;
}

static void reference_enter(struct reference *reference, int function, int64_t now)
{
    reference->stack[reference->depth++] = (struct live_call){function, now, 0};
    reference->functions[function].depth++;
    if (reference_edge(reference) != NULL)
        reference_edge(reference)->depth++;
}

static void reference_leave(struct reference *reference, int64_t now)
{
    struct live_call call = reference->stack[reference->depth - 1];
    int64_t total = now - call.entered;
    if (reference_edge(reference) != NULL)
        live_leave(reference_edge(reference), total, call.callees);
    live_leave(&reference->functions[call.function], total, call.callees);
    reference->depth--;
    if (reference->depth > 0)
        reference->stack[reference->depth - 1].callees += total;
}

static void assert_equal(const struct call_total *actual, const struct call_total *expected)
{
    ck_assert_int_eq(actual->calls, expected->calls);
    ck_assert_int_eq(actual->recursive, expected->recursive);
    ck_assert_int_eq(actual->self, expected->self);
    ck_assert_int_eq(actual->cumulative, expected->cumulative);
}

static const struct call_total *find_edge(const struct totals *totals, uint32_t caller, uint32_t callee)
{
    static const struct call_total none;
    for (size_t i = 0; i < totals->edge_count; i++)
        if (totals->edges[i].caller == caller && totals->edges[i].callee == callee)
            return &totals->edges[i].total;
    return &none;
}

static void compare(const struct tracing *tracing, const struct reference *reference)
{
    struct totals totals;
    ck_assert_int_eq(totals_init(&totals, &tracing->tracer), 0);
    for (int i = 0; i < FUNCTIONS; i++) {
        uint32_t number = tracing_number(tracing, i);
        if (number == FUNCTION_NONE)
            continue;
        assert_equal(&totals.functions[number], &reference->functions[i].total);
        for (int j = 0; j < FUNCTIONS; j++)
            assert_equal(find_edge(&totals, number, tracing_number(tracing, j)), &reference->edges[i][j].total);
    }
    totals_release(&totals);
}

static void run_random(uint32_t seed, bool paths, size_t max_path_bytes)
{
    struct tracing tracing = {0};
    struct reference reference = {0};
    uint32_t random = seed;
    tracing_init(&tracing, &allocator_libc, paths, max_path_bytes);
    for (int i = 0; i < EVENTS; i++) {
        int64_t ticks = next_random(&random) % 50;
        bool enter = reference.depth == 0 || (reference.depth < MAX_DEPTH && next_random(&random) % 100 < 52);
        if (enter) {
            int function = (int)(next_random(&random) % FUNCTIONS);
            tracing_enter(&tracing, function, ticks);
            reference_enter(&reference, function, tracing.now);
        } else {
            tracing_leave(&tracing, reference.stack[reference.depth - 1].function, ticks);
            reference_leave(&reference, tracing.now);
        }
        if (next_random(&random) % 400 == 0)
            compare(&tracing, &reference);
    }
    tracing.now += 3;
    tracer_flush(&tracing.tracer);
    while (reference.depth > 0)
        reference_leave(&reference, tracing.now);
    compare(&tracing, &reference);
    tracing_release(&tracing);
}

START_TEST(equal_to_live_counting_with_paths)
{
    run_random((uint32_t)_i, true, SIZE_MAX);
}
END_TEST

START_TEST(equal_to_live_counting_at_any_limit)
{
    run_random((uint32_t)_i, true, 16384u * (uint32_t)(_i % 8));
}
END_TEST

START_TEST(equal_to_live_counting_without_paths)
{
    run_random((uint32_t)_i, false, SIZE_MAX);
}
END_TEST

/* 0 -> hidden 1 -> 2, and 0 -> 2 directly: one path, one edge; 1's time is 0's own. */
START_TEST(hidden_functions_leave_no_trace)
{
    struct tracing tracing = {.hidden = 1u << 1};
    struct totals totals;
    tracing_init(&tracing, &allocator_libc, true, SIZE_MAX);
    tracing_enter(&tracing, 0, 1);
    tracing_enter(&tracing, 1, 1);
    tracing_enter(&tracing, 2, 2);
    tracing_leave(&tracing, 2, 4);
    tracing_leave(&tracing, 1, 8);
    tracing_enter(&tracing, 2, 16);
    tracing_leave(&tracing, 2, 32);
    tracing_leave(&tracing, 0, 64);
    ck_assert_int_eq(totals_init(&totals, &tracing.tracer), 0);
    ck_assert_uint_eq(totals.path_count, 2);
    ck_assert_uint_eq(totals.edge_count, 1);
    assert_equal(&totals.functions[0], &(struct call_total){1, 0, 91, 127});
    assert_equal(&totals.functions[1], &(struct call_total){0, 0, 0, 0});
    assert_equal(&totals.functions[2], &(struct call_total){2, 0, 36, 36});
    assert_equal(&totals.edges[0].total, &(struct call_total){2, 0, 36, 36});
    ck_assert_uint_eq(totals.paths[1].parent, 0);
    ck_assert_uint_eq(totals.paths[0].parent, FUNCTION_NONE);
    totals_release(&totals);
    tracing_release(&tracing);
}
END_TEST

/* 0 calls 1 ten times; each call of 1 takes 5 ticks, of which 2 are added inside; 3 more are added to 0 around it. */
static void take_off_overhead(bool paths)
{
    struct tracing tracing = {0};
    struct totals totals;
    tracing_init(&tracing, &allocator_libc, paths, SIZE_MAX);
    tracing.tracer.overhead = (struct overhead){{2, 0, 0}, {3, 0, 0}, 0};
    tracing.tracer.edges.overhead = tracing.tracer.overhead;
    tracing_enter(&tracing, 0, 0);
    for (int i = 0; i < 10; i++) {
        tracing_enter(&tracing, 1, 4);
        tracing_leave(&tracing, 1, 5);
    }
    tracing_leave(&tracing, 0, 2);
    ck_assert_int_eq(totals_init(&totals, &tracing.tracer), 0);
    assert_equal(&totals.functions[0], &(struct call_total){1, 0, 10, 40});
    assert_equal(&totals.functions[1], &(struct call_total){10, 0, 30, 30});
    assert_equal(find_edge(&totals, 0, 1), &(struct call_total){10, 0, 30, 30});
    totals_release(&totals);
    tracing_release(&tracing);
}

START_TEST(overhead_is_taken_off_paths)
{
    take_off_overhead(true);
}
END_TEST

START_TEST(overhead_is_taken_off_edges)
{
    take_off_overhead(false);
}
END_TEST

/* The same where code runs at two thirds of its speed, but for the C function 2 that 1 calls. */
START_TEST(slower_code_is_taken_off_python_functions)
{
    for (int paths = 0; paths < 2; paths++) {
        struct tracing tracing = {0};
        struct totals totals;
        tracing_init(&tracing, &allocator_libc, paths, SIZE_MAX);
        tracing.c_functions = 1 << 2;
        tracing.tracer.overhead = (struct overhead){{2, 0, 1}, {3, 0, 4}, 0.5};
        tracing.tracer.edges.overhead = tracing.tracer.overhead;
        tracing_enter(&tracing, 0, 0);
        for (int i = 0; i < 10; i++) {
            tracing_enter(&tracing, 1, 6);
            tracing_enter(&tracing, 2, 7);
            tracing_leave(&tracing, 2, 5);
            tracing_leave(&tracing, 1, 2);
        }
        tracing_leave(&tracing, 0, 8);
        ck_assert_int_eq(totals_init(&totals, &tracing.tracer), 0);
        assert_equal(&totals.functions[0], &(struct call_total){1, 0, 24, 84});
        assert_equal(&totals.functions[1], &(struct call_total){10, 0, 20, 60});
        assert_equal(&totals.functions[2], &(struct call_total){10, 0, 40, 40});
        assert_equal(find_edge(&totals, 1, 2), &(struct call_total){10, 0, 40, 40});
        totals_release(&totals);
        tracing_release(&tracing);
    }
}
END_TEST

START_TEST(overhead_takes_no_time_below_zero)
{
    for (int paths = 0; paths < 2; paths++) {
        struct tracing tracing = {0};
        struct totals totals;
        tracing_init(&tracing, &allocator_libc, paths, SIZE_MAX);
        tracing.tracer.overhead = (struct overhead){{100, 0, 0}, {100, 0, 0}, 0.5};
        tracing.tracer.edges.overhead = tracing.tracer.overhead;
        tracing_enter(&tracing, 0, 1);
        tracing_enter(&tracing, 1, 1);
        tracing_leave(&tracing, 1, 1);
        tracing_leave(&tracing, 0, 1);
        ck_assert_int_eq(totals_init(&totals, &tracing.tracer), 0);
        for (int i = 0; i < 2; i++)
            assert_equal(&totals.functions[i], &(struct call_total){1, 0, 0, 0});
        totals_release(&totals);
        tracing_release(&tracing);
    }
}
END_TEST

START_TEST(without_subcalls_there_are_no_edges)
{
    struct tracing tracing = {0};
    struct totals totals;
    tracing_init(&tracing, &allocator_libc, true, SIZE_MAX);
    ck_assert_int_eq(tracer_start(&tracing.tracer, false, true), 0);
    tracing_enter(&tracing, 0, 1);
    tracing_enter(&tracing, 1, 1);
    tracing_leave(&tracing, 1, 1);
    tracing_leave(&tracing, 0, 1);
    ck_assert_int_eq(totals_init(&totals, &tracing.tracer), 0);
    ck_assert_uint_eq(totals.edge_count, 0);
    ck_assert_uint_eq(totals.path_count, 2);
    ck_assert_int_eq(totals.functions[0].cumulative, 3);
    totals_release(&totals);
    tracing_release(&tracing);
}
END_TEST

START_TEST(an_empty_record_has_empty_totals)
{
    struct tracing tracing = {0};
    struct totals totals;
    tracing_init(&tracing, &allocator_libc, true, SIZE_MAX);
    ck_assert_int_eq(totals_init(&totals, &tracing.tracer), 0);
    ck_assert_uint_eq(totals.function_count, 0);
    ck_assert_uint_eq(totals.edge_count, 0);
    ck_assert_uint_eq(totals.path_count, 0);
    totals_release(&totals);
    tracing_release(&tracing);
}
END_TEST

/* The record is made without failures, the totals with them. */
static int take_totals(const struct allocator *allocator, void *context)
{
    struct tracing *tracing = context;
    struct tracer view = tracing->tracer;
    struct totals totals;
    view.allocator = allocator;
    int result = totals_init(&totals, &view);
    totals_release(&totals);
    return result;
}

START_TEST(survives_each_failed_allocation)
{
    struct tracing tracing = {.hidden = 1u << 3};
    tracing_init(&tracing, &allocator_libc, true, SIZE_MAX);
    for (int i = 0; i < 200; i++)
        tracing_enter(&tracing, i * 7 % TRACING_FUNCTIONS, 1);
    test_fail_each_allocation(take_totals, &tracing);
    tracing_release(&tracing);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("totals");
    TCase *tests = tcase_create("totals");
    tcase_add_loop_test(tests, equal_to_live_counting_with_paths, 0, 30);
    tcase_add_loop_test(tests, equal_to_live_counting_at_any_limit, 0, 64);
    tcase_add_loop_test(tests, equal_to_live_counting_without_paths, 0, 30);
    tcase_add_test(tests, hidden_functions_leave_no_trace);
    tcase_add_test(tests, overhead_is_taken_off_paths);
    tcase_add_test(tests, overhead_is_taken_off_edges);
    tcase_add_test(tests, slower_code_is_taken_off_python_functions);
    tcase_add_test(tests, overhead_takes_no_time_below_zero);
    tcase_add_test(tests, without_subcalls_there_are_no_edges);
    tcase_add_test(tests, an_empty_record_has_empty_totals);
    tcase_add_test(tests, survives_each_failed_allocation);
    suite_add_tcase(suite, tests);
    return test_main(suite);
}
