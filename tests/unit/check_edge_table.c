#include "core/edge_table.h"
#include "core/function_table.h"
#include "support.h"

START_TEST(one_number_a_pair)
{
    struct edge_table table;
    edge_table_init(&table, &allocator_libc);
    uint32_t outside = edge_table_edge(&table, FUNCTION_NONE, 3);
    uint32_t inside = edge_table_edge(&table, 3, 4);
    uint32_t back = edge_table_edge(&table, 4, 3);
    ck_assert_uint_eq(outside, 0);
    ck_assert_uint_eq(inside, 1);
    ck_assert_uint_eq(back, 2);
    ck_assert_uint_eq(edge_table_edge(&table, 3, 4), inside);
    ck_assert_uint_eq(table.count, 3);
    edge_table_release(&table);
}
END_TEST

/* a calls itself twice, one within the other: 10 ticks in all, of which 6 and 1 in the inner calls. */
START_TEST(recursion_counts_once)
{
    struct edge_table table;
    edge_table_init(&table, &allocator_libc);
    uint32_t first = edge_table_edge(&table, FUNCTION_NONE, 0);
    uint32_t again = edge_table_edge(&table, 0, 0);
    edge_table_enter(&table, first);
    edge_table_enter(&table, again);
    edge_table_enter(&table, again);
    edge_table_leave(&table, again, 1, 1);
    edge_table_leave(&table, again, 6, 5);
    edge_table_leave(&table, first, 10, 4);
    const struct edge *edge = &table.edges[again];
    ck_assert_int_eq(edge->calls, 2);
    ck_assert_int_eq(edge->recursive, 1);
    ck_assert_int_eq(edge->self, 6);
    ck_assert_int_eq(edge->cumulative, 6);
    ck_assert_int_eq(table.edges[first].self, 4);
    ck_assert_int_eq(table.edges[first].cumulative, 10);
    ck_assert_int_eq(table.functions[0].recursive, 2);
    ck_assert_int_eq(table.functions[0].cumulative, 10);
    edge_table_release(&table);
}
END_TEST

static int fill(const struct allocator *allocator, void *context)
{
    struct edge_table table;
    int result = 0;
    edge_table_init(&table, allocator);
    for (uint32_t i = 0; i < 300 && result == 0; i++)
        if (edge_table_edge(&table, i / 3, i) == FUNCTION_NONE)
            result = -1;
    for (uint32_t i = 0; i < table.count; i++)
        ck_assert_uint_eq(edge_table_edge(&table, i / 3, i), i);
    edge_table_release(&table);
    return result;
}

START_TEST(survives_each_failed_allocation)
{
    test_fail_each_allocation(fill, NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("edge_table");
    TCase *tests = tcase_create("edge_table");
    tcase_add_test(tests, one_number_a_pair);
    tcase_add_test(tests, recursion_counts_once);
    tcase_add_test(tests, survives_each_failed_allocation);
    suite_add_tcase(suite, tests);
    return test_main(suite);
}
