#include "support.h"

#include <stdlib.h>

/* In front of each block, so that its size is known when it is freed. */
union block_header {
    size_t size;
    max_align_t align;
};

static void *test_resize(void *context, void *block, size_t size)
{
    struct test_allocator *test = context;
    union block_header *header = block != NULL ? (union block_header *)block - 1 : NULL;
    if (size == 0) {
        if (header != NULL) {
            test->live--;
            test->bytes -= header->size;
            free(header);
        }
        return NULL;
    }
    test->calls++;
    if (test->fail_at != 0 && test->calls >= test->fail_at)
        return NULL;
    size_t old = header != NULL ? header->size : 0;
    union block_header *grown = realloc(header, sizeof *grown + size);
    if (grown == NULL)
        return NULL;
    grown->size = size;
    test->live += block == NULL;
    test->bytes += size - old;
    if (test->bytes > test->peak)
        test->peak = test->bytes;
    return grown + 1;
}

void test_allocator_init(struct test_allocator *test, size_t fail_at)
{
    *test = (struct test_allocator){.allocator = {test_resize, test}, .fail_at = fail_at};
}

void test_fail_each_allocation(test_scenario *scenario, void *context)
{
    for (size_t fail_at = 1;; fail_at++) {
        struct test_allocator test;
        test_allocator_init(&test, fail_at);
        int result = scenario(&test.allocator, context);
        ck_assert_msg(test.live == 0, "%zu blocks leaked with allocation %zu failing", test.live, fail_at);
        if (test.calls < fail_at) {
            ck_assert_int_eq(result, 0);
            return;
        }
        ck_assert_msg(result == -1, "no error with allocation %zu failing", fail_at);
    }
}

int test_main(Suite *suite)
{
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
