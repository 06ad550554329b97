/* What the unit tests share: an allocator that fails on demand and tells leaks, and the main program of a check. */
#ifndef PROFSTAT_TESTS_SUPPORT_H
#define PROFSTAT_TESTS_SUPPORT_H

#include <check.h>
#include <stddef.h>
#include <stdint.h>

#include "base/alloc.h"

/* Counts blocks and bytes, and fails allocation number `fail_at` (the first is 1; 0: never) and all after it. */
struct test_allocator {
    struct allocator allocator;
    size_t calls;   /* allocations and growths asked for */
    size_t fail_at;
    size_t live;    /* blocks that are not freed */
    size_t bytes;   /* their size */
    size_t peak;    /* most bytes at a time */
};

/* The allocator holds the address of *test. */
void test_allocator_init(struct test_allocator *test, size_t fail_at);

/* Runs `scenario` with every allocation failing in turn, up to the run in which none fails.  The scenario returns 0
 * when it succeeded and -1 when it met the failure; it must release everything in either case. */
typedef int test_scenario(const struct allocator *allocator, void *context);
void test_fail_each_allocation(test_scenario *scenario, void *context);

/* Runs the suite; the exit status of a check program. */
int test_main(Suite *suite);

#endif
