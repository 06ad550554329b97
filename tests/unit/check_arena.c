#include "base/arena.h"

#include "support.h"

START_TEST(the_last_array_grows_where_it_is)
{
    struct arena arena;
    uint32_t *array = NULL;
    size_t capacity = 0;

    arena_init(&arena, &allocator_libc);
    for (uint32_t i = 0; i < 100; i++) {
        uint32_t *before = array;

        ck_assert_int_eq(arena_reserve(&arena, &array, &capacity, i + 1, sizeof *array), 0);
        ck_assert_uint_eq(capacity, i + 1);
        ck_assert(i == 0 || array == before);
        array[i] = i;
    }
    for (uint32_t i = 0; i < 100; i++)
        ck_assert_uint_eq(array[i], i);
    arena_release(&arena);
}
END_TEST

enum { ARRAYS = 50, ELEMENTS = 3000 };

/* Other arrays have come after each, so that all must move to grow. */
START_TEST(arrays_that_take_turns_double)
{
    struct arena arena;
    uint64_t *arrays[ARRAYS] = {NULL};
    size_t capacities[ARRAYS] = {0};

    arena_init(&arena, &allocator_libc);
    for (size_t i = 0; i < ELEMENTS; i++) {
        for (size_t j = 0; j < ARRAYS; j++) {
            size_t before = capacities[j];

            ck_assert_int_eq(arena_reserve(&arena, &arrays[j], &capacities[j], i + 1, sizeof *arrays[j]), 0);
            ck_assert_uint_eq(capacities[j], i < before ? before : i == 0 ? 1 : before * 2);
            ck_assert_uint_eq((uintptr_t)arrays[j] % _Alignof(max_align_t), 0);
            arrays[j][i] = i * ARRAYS + j;
        }
    }
    for (size_t i = 0; i < ELEMENTS; i++) {
        for (size_t j = 0; j < ARRAYS; j++)
            ck_assert_uint_eq(arrays[j][i], i * ARRAYS + j);
    }
    arena_release(&arena);
}
END_TEST

START_TEST(an_array_larger_than_a_chunk_moves_to_one_of_its_own)
{
    struct test_allocator test;
    struct arena arena;
    unsigned char *array = NULL;
    size_t capacity = 0;

    test_allocator_init(&test, 0);
    arena_init(&arena, &test.allocator);
    ck_assert_int_eq(arena_reserve(&arena, &array, &capacity, 1, 1), 0);
    array[0] = 77;
    ck_assert_int_eq(arena_reserve(&arena, &array, &capacity, 10000000, 1), 0);
    ck_assert_uint_eq(capacity, 10000000);
    ck_assert_uint_eq(array[0], 77);
    array[9999999] = 78;
    ck_assert_uint_eq(test.live, 2);
    arena_release(&arena);
    ck_assert_uint_eq(test.live, 0);
}
END_TEST

START_TEST(refuses_sizes_that_overflow)
{
    struct arena arena;
    uint32_t *array = NULL;
    size_t capacity = 0;

    arena_init(&arena, &allocator_libc);
    ck_assert_int_eq(arena_reserve(&arena, &array, &capacity, SIZE_MAX, sizeof *array), -1);
    ck_assert_int_eq(arena_reserve(&arena, &array, &capacity, 1, sizeof *array), 0);
    array[0] = 77;
    ck_assert_int_eq(arena_reserve(&arena, &array, &capacity, SIZE_MAX / sizeof *array, sizeof *array), -1);
    ck_assert_int_eq(arena_reserve(&arena, &array, &capacity, SIZE_MAX, sizeof *array), -1);
    ck_assert_uint_eq(capacity, 1);
    ck_assert_uint_eq(array[0], 77);
    arena_release(&arena);
}
END_TEST

static int reserve_two(const struct allocator *allocator, void *context)
{
    struct arena arena;
    uint64_t *a = NULL, *b = NULL;
    size_t a_capacity = 0, b_capacity = 0;
    int status = 0;

    arena_init(&arena, allocator);
    for (size_t i = 1; i < 5000 && status == 0; i++) {
        if (arena_reserve(&arena, &a, &a_capacity, i, sizeof *a) ||
            arena_reserve(&arena, &b, &b_capacity, i, sizeof *b))
            status = -1;
    }
    arena_release(&arena);
    return status;
}

START_TEST(survives_each_failed_allocation)
{
    test_fail_each_allocation(reserve_two, NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("arena");
    TCase *tests = tcase_create("arena");
    tcase_add_test(tests, the_last_array_grows_where_it_is);
    tcase_add_test(tests, arrays_that_take_turns_double);
    tcase_add_test(tests, an_array_larger_than_a_chunk_moves_to_one_of_its_own);
    tcase_add_test(tests, refuses_sizes_that_overflow);
    tcase_add_test(tests, survives_each_failed_allocation);
    suite_add_tcase(suite, tests);
    return test_main(suite);
}
