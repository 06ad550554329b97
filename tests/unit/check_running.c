/* Tracers see the same events; one is looked at every so often as if its calls ended, and must go on as the others. */
#include "core/running.h"
#include "core/totals.h"
#include "support.h"
#include "tracing.h"

enum { FUNCTIONS = 5, MAX_DEPTH = 30, EVENTS = 2000 };

static const struct overhead overhead = {.inside = {1, 2, 1}, .outside = {1, 1, 2}};

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

static void check_equal_calls(const struct call_total *a, const struct call_total *b)
{
    ck_assert_int_eq(a->calls, b->calls);
    ck_assert_int_eq(a->recursive, b->recursive);
    ck_assert_int_eq(a->self, b->self);
    ck_assert_int_eq(a->cumulative, b->cumulative);
}

static void check_equal(const struct tracer *a, const struct tracer *b)
{
    struct totals first, second;
    ck_assert_int_eq(totals_init(&first, a), 0);
    ck_assert_int_eq(totals_init(&second, b), 0);
    ck_assert_uint_eq(first.function_count, second.function_count);
    ck_assert_uint_eq(first.edge_count, second.edge_count);
    ck_assert_uint_eq(first.path_count, second.path_count);
    for (size_t i = 0; i < first.function_count; i++)
        check_equal_calls(&first.functions[i], &second.functions[i]);
    for (size_t i = 0; i < first.edge_count; i++)
        check_equal_calls(&first.edges[i].total, &second.edges[i].total);
    for (size_t i = 0; i < first.path_count; i++) {
        ck_assert_int_eq(first.paths[i].calls, second.paths[i].calls);
        ck_assert_int_eq(first.paths[i].self, second.paths[i].self);
    }
    totals_release(&first);
    totals_release(&second);
}

struct twins {
    struct tracing looked_at, left_alone, ended;
    int stack[MAX_DEPTH];
    int depth;
    uint32_t random;
};

static struct tracing *twin(struct twins *twins, int i)
{
    struct tracing *all[] = {&twins->looked_at, &twins->left_alone, &twins->ended};
    return all[i];
}

static void init_twin(struct tracing *tracing, size_t max_path_bytes, const struct overhead *taken_off)
{
    *tracing = (struct tracing){.hidden = 1u << 3, .c_functions = 1u << 2};
    ck_assert_int_eq(tracing_init(tracing, &allocator_libc, true, max_path_bytes), 0);
    tracing->tracer.overhead = tracing->tracer.edges.overhead = *taken_off;
}

static void event(struct twins *twins)
{
    int64_t ticks = next_random(&twins->random) % 10;
    bool enters = twins->depth == 0 || (twins->depth < MAX_DEPTH && next_random(&twins->random) % 2);
    int function = enters ? (int)(next_random(&twins->random) % FUNCTIONS) : twins->stack[twins->depth - 1];
    for (int i = 0; i < 3; i++)
        if (enters)
            tracing_enter(twin(twins, i), function, ticks);
        else
            tracing_leave(twin(twins, i), function, ticks);
    if (enters)
        twins->stack[twins->depth++] = function;
    else
        twins->depth--;
}

static void look(struct tracing *tracing)
{
    struct running_calls running;
    ck_assert_int_eq(running_complete(&running, &tracing->tracer, tracing->now), 0);
    running_resume(&running);
}

static void run(uint32_t seed, size_t max_path_bytes, const struct overhead *taken_off)
{
    struct twins twins = {.random = seed};
    struct running_calls running;
    for (int i = 0; i < 3; i++)
        init_twin(twin(&twins, i), max_path_bytes, taken_off);
    for (int i = 0; i < EVENTS + (int)seed; i++) {
        event(&twins);
        if (i % 7 == 0)
            look(&twins.looked_at);
    }
    ck_assert_int_eq(running_complete(&running, &twins.looked_at.tracer, twins.looked_at.now), 0);
    tracer_flush(&twins.ended.tracer);
    check_equal(&twins.looked_at.tracer, &twins.ended.tracer);
    running_resume(&running);
    check_equal(&twins.looked_at.tracer, &twins.left_alone.tracer);
    tracer_flush(&twins.looked_at.tracer);
    tracer_flush(&twins.left_alone.tracer);
    check_equal(&twins.looked_at.tracer, &twins.left_alone.tracer);
    for (int i = 0; i < 3; i++)
        tracing_release(twin(&twins, i));
}

START_TEST(calls_go_on_as_if_nothing_had_been)
{
    static const struct overhead none;
    run((uint32_t)_i, SIZE_MAX, &none);
    run((uint32_t)_i, SIZE_MAX, &overhead);
}
END_TEST

START_TEST(so_do_those_beyond_the_limit_of_the_tree)
{
    static const struct overhead none;
    run((uint32_t)_i, (size_t)_i * 2000, &none);
    run((uint32_t)_i, (size_t)_i * 2000, &overhead);
}
END_TEST

START_TEST(a_tracer_that_never_started_has_none)
{
    struct tracing tracing = {0};
    struct tracer_options options = {.allocator = &allocator_libc};
    tracer_init(&tracing.tracer, &options);
    look(&tracing);
    ck_assert_ptr_null(tracing.tracer.top);
    tracer_release(&tracing.tracer);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("running");
    TCase *tests = tcase_create("running");
    tcase_add_loop_test(tests, calls_go_on_as_if_nothing_had_been, 0, 20);
    tcase_add_loop_test(tests, so_do_those_beyond_the_limit_of_the_tree, 0, 40);
    tcase_add_test(tests, a_tracer_that_never_started_has_none);
    suite_add_tcase(suite, tests);
    return test_main(suite);
}
