#include "core/edge_recorder.h"
#include "core/function_table.h"
#include "support.h"

static char keys[4];

static int64_t read_ticks(void *context)
{
    return *(int64_t *)context;
}

static void enter(struct edge_recorder *recorder, uint32_t function, bool hidden, int64_t now)
{
    bool lost = false;
    struct edge_call call = {&keys[function], function, CALL_PYTHON, hidden, true};
    struct edge_frame *frame = edge_recorder_push(recorder, call, &lost);
    ck_assert_ptr_nonnull(frame);
    ck_assert(!lost);
    frame->entered = now;
}

/* 0 from tick 0 to 10, in it hidden 1 from 1 to 9, in it 2 from 3 to 5: 2 is 0's callee, and 1's time is 0's own. */
START_TEST(hidden_calls_are_their_callers)
{
    int64_t now = 0;
    struct clock clock = clock_custom(read_ticks, &now, "test", 1.0);
    struct edge_recorder recorder;
    edge_recorder_init(&recorder, &allocator_libc);
    enter(&recorder, 0, false, 0);
    enter(&recorder, 1, true, 1);
    enter(&recorder, 2, false, 3);
    now = 5;
    edge_recorder_leave(&recorder, &keys[2], &clock);
    now = 9;
    edge_recorder_leave(&recorder, &keys[1], &clock);
    now = 10;
    edge_recorder_leave(&recorder, &keys[0], &clock);
    ck_assert_uint_eq(recorder.depth, 0);
    ck_assert_uint_eq(recorder.table.count, 2);
    ck_assert_uint_eq(recorder.table.edges[1].caller, 0);
    ck_assert_uint_eq(recorder.table.edges[1].callee, 2);
    ck_assert_int_eq(recorder.table.edges[1].self, 2);
    ck_assert_int_eq(recorder.table.edges[0].self, 8);
    ck_assert_int_eq(recorder.table.edges[0].cumulative, 10);
    edge_recorder_release(&recorder);
}
END_TEST

START_TEST(leaving_what_is_not_running_changes_nothing)
{
    int64_t now = 0;
    struct clock clock = clock_custom(read_ticks, &now, "test", 1.0);
    struct edge_recorder recorder;
    edge_recorder_init(&recorder, &allocator_libc);
    edge_recorder_leave(&recorder, &keys[3], &clock);
    enter(&recorder, 0, false, 0);
    edge_recorder_leave(&recorder, &keys[3], &clock);
    ck_assert_uint_eq(recorder.depth, 1);
    edge_recorder_release(&recorder);
}
END_TEST

START_TEST(leaving_a_caller_completes_its_callees)
{
    int64_t now = 0;
    struct clock clock = clock_custom(read_ticks, &now, "test", 1.0);
    struct edge_recorder recorder;
    edge_recorder_init(&recorder, &allocator_libc);
    enter(&recorder, 0, false, 0);
    enter(&recorder, 1, false, 2);
    enter(&recorder, 2, false, 3);
    now = 10;
    edge_recorder_leave(&recorder, &keys[0], &clock);
    ck_assert_uint_eq(recorder.depth, 0);
    ck_assert_int_eq(recorder.table.edges[0].self, 2);
    ck_assert_int_eq(recorder.table.edges[1].self, 1);
    ck_assert_int_eq(recorder.table.edges[2].self, 7);
    edge_recorder_release(&recorder);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("edge_recorder");
    TCase *tests = tcase_create("edge_recorder");
    tcase_add_test(tests, hidden_calls_are_their_callers);
    tcase_add_test(tests, leaving_what_is_not_running_changes_nothing);
    tcase_add_test(tests, leaving_a_caller_completes_its_callees);
    suite_add_tcase(suite, tests);
    return test_main(suite);
}
