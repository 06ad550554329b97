#include "support.h"

#include <string.h>

START_TEST(refuses_sizes_that_overflow)
{
    char *block = allocator_resize(&allocator_libc, NULL, 4, 4);

    ck_assert_ptr_nonnull(block);
    memcpy(block, "0123456789abcde", 16);
    ck_assert_ptr_null(allocator_resize(&allocator_libc, block, SIZE_MAX / 2, 3));
    ck_assert_ptr_null(allocator_resize(&allocator_libc, block, SIZE_MAX, 1));
    ck_assert_str_eq(block, "0123456789abcde");
    ck_assert_ptr_null(allocator_resize(&allocator_libc, block, 0, 4));
    ck_assert_ptr_null(allocator_zeroed(&allocator_libc, SIZE_MAX, 2));
    allocator_free(&allocator_libc, NULL);
}
END_TEST

START_TEST(zeroed_memory_is_zero)
{
    unsigned char *block = allocator_zeroed(&allocator_libc, 100, 3);

    for (int i = 0; i < 300; i++)
        ck_assert_uint_eq(block[i], 0);
    allocator_free(&allocator_libc, block);
}
END_TEST

START_TEST(reserve_doubles)
{
    static const size_t expected[] = {4, 4, 4, 4, 8, 8, 8, 8, 16};
    uint64_t *array = NULL;
    size_t capacity = 0;

    for (size_t i = 0; i < 9; i++) {
        ck_assert_int_eq(allocator_reserve(&allocator_libc, &array, &capacity, i + 1, sizeof *array), 0);
        ck_assert_uint_eq(capacity, expected[i]);
        array[i] = i;
    }
    ck_assert_int_eq(allocator_reserve(&allocator_libc, &array, &capacity, 100, sizeof *array), 0);
    ck_assert_uint_eq(capacity, 100);
    for (size_t i = 0; i < 9; i++)
        ck_assert_uint_eq(array[i], i);
    allocator_free(&allocator_libc, array);
}
END_TEST

START_TEST(a_failed_reserve_changes_nothing)
{
    struct test_allocator test;
    uint32_t *array = NULL;
    size_t capacity = 0;

    test_allocator_init(&test, 2);
    ck_assert_int_eq(allocator_reserve(&test.allocator, &array, &capacity, 1, sizeof *array), 0);
    array[0] = 77;
    ck_assert_int_eq(allocator_reserve(&test.allocator, &array, &capacity, 5, sizeof *array), -1);
    ck_assert_uint_eq(capacity, 4);
    ck_assert_uint_eq(array[0], 77);
    allocator_free(&test.allocator, array);
    ck_assert_uint_eq(test.live, 0);
}
END_TEST

/* What a block holds stays as it grows past a large page and shrinks again. */
START_TEST(large_pages_hold_what_they_are_given)
{
    const size_t sizes[] = {10, 4096, (2 << 20) - 1, 2 << 20, (2 << 20) + 1, 9 << 20, 100, 5 << 20};
    unsigned char *block = NULL;
    size_t kept = 0;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        block = allocator_resize(&allocator_large_pages, block, sizes[i], 1);
        ck_assert_ptr_nonnull(block);
        kept = sizes[i] < kept ? sizes[i] : kept;
        for (size_t j = 0; j < kept; j += 999)
            if (block[j] != (unsigned char)(j / 999))
                ck_abort_msg("byte %zu of %zu", j, sizes[i]);
        for (size_t j = 0; j < sizes[i]; j += 999)
            block[j] = (unsigned char)(j / 999);
        kept = sizes[i];
    }
    allocator_free(&allocator_large_pages, block);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("alloc");
    TCase *tests = tcase_create("alloc");
    tcase_add_test(tests, refuses_sizes_that_overflow);
    tcase_add_test(tests, zeroed_memory_is_zero);
    tcase_add_test(tests, reserve_doubles);
    tcase_add_test(tests, a_failed_reserve_changes_nothing);
    tcase_add_test(tests, large_pages_hold_what_they_are_given);
    suite_add_tcase(suite, tests);
    return test_main(suite);
}
