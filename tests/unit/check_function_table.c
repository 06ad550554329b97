#include "core/function_table.h"
#include "support.h"

static char keys[500];

START_TEST(numbers_in_first_call_order)
{
    struct function_table table;
    function_table_init(&table, &allocator_libc);
    ck_assert_uint_eq(function_table_find(&table, &keys[0]), FUNCTION_NONE);
    for (uint32_t i = 0; i < 500; i++)
        ck_assert_uint_eq(function_table_add(&table, (struct traced_function){.key = &keys[499 - i]}), i);
    for (uint32_t i = 0; i < 500; i++)
        ck_assert_uint_eq(function_table_find(&table, &keys[499 - i]), i);
    ck_assert(!table.any_hidden);
    function_table_release(&table);
}
END_TEST

START_TEST(knows_of_hidden_functions)
{
    struct function_table table;
    function_table_init(&table, &allocator_libc);
    function_table_add(&table, (struct traced_function){.key = &keys[0], .hidden = true});
    function_table_add(&table, (struct traced_function){.key = &keys[1]});
    ck_assert(table.any_hidden);
    ck_assert(table.functions[0].hidden && !table.functions[1].hidden);
    function_table_release(&table);
}
END_TEST

static int fill(const struct allocator *allocator, void *context)
{
    struct function_table table;
    int result = 0;
    function_table_init(&table, allocator);
    for (int i = 0; i < 500 && result == 0; i++)
        if (function_table_add(&table, (struct traced_function){.key = &keys[i]}) == FUNCTION_NONE)
            result = -1;
    for (size_t i = 0; i < table.count; i++)
        ck_assert_uint_eq(function_table_find(&table, &keys[i]), i);
    function_table_release(&table);
    return result;
}

START_TEST(survives_each_failed_allocation)
{
    test_fail_each_allocation(fill, NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("function_table");
    TCase *tests = tcase_create("function_table");
    tcase_add_test(tests, numbers_in_first_call_order);
    tcase_add_test(tests, knows_of_hidden_functions);
    tcase_add_test(tests, survives_each_failed_allocation);
    suite_add_tcase(suite, tests);
    return test_main(suite);
}
