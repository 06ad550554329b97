#include "graph.h"

#include "profiles.h"
#include "support.h"

START_TEST(callees_are_callers_turned_round)
{
    struct profile profile;
    struct graph graph;
    profile_init(&profile, &allocator_libc);
    uint32_t a = profiles_list(&profile, "m.py", 1, "a", 1, 0, 0);
    uint32_t b = profiles_list(&profile, "m.py", 2, "b", 1, 0, 0);
    uint32_t c = profiles_list(&profile, "m.py", 3, "c", 1, 0, 0);
    profiles_call(&profile, b, a, 1, 0, 0);
    profiles_call(&profile, b, b, 2, 0, 0);
    profiles_call(&profile, c, a, 3, 0, 0);
    ck_assert_int_eq(graph_init(&graph, &profile, NULL), 0);
    ck_assert_uint_eq(graph.first[a], 0);
    ck_assert_uint_eq(graph.first[b], 2);
    ck_assert_uint_eq(graph.first[c], 3);
    ck_assert_uint_eq(graph.first[c + 1], 3);
    ck_assert_uint_eq(graph.list[0].function, b);
    ck_assert_uint_eq(graph.list[1].function, c);
    ck_assert_int_eq(graph.list[1].edge->ncalls, 3);
    ck_assert_uint_eq(graph.list[2].function, b);
    ck_assert_int_eq(graph.list[2].edge->ncalls, 2);
    graph_release(&graph);
    profile_release(&profile);
}
END_TEST

static int turn_round(const struct allocator *allocator, void *context)
{
    struct profile profile;
    struct graph graph;
    profile_init(&profile, allocator);
    uint32_t f = profiles_list(&profile, "m.py", 1, "f", 1, 0, 0);
    int result = -1;
    if (f != PROFILE_NO_FUNCTION && profiles_call(&profile, f, f, 1, 0, 0))
        result = graph_init(&graph, &profile, NULL);
    if (result == 0)
        graph_release(&graph);
    profile_release(&profile);
    return result;
}

START_TEST(says_when_memory_is_short)
{
    test_fail_each_allocation(turn_round, NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("graph");
    TCase *tcase = tcase_create("graph");
    tcase_add_test(tcase, callees_are_callers_turned_round);
    tcase_add_test(tcase, says_when_memory_is_short);
    suite_add_tcase(suite, tcase);
    return test_main(suite);
}
