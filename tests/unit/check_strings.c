#include "base/strings.h"

#include <stdio.h>
#include <string.h>

#include "support.h"

START_TEST(equal_bytes_have_one_address)
{
    struct string_pool pool;
    const struct string *strings[3000];
    char text[80];

    string_pool_init(&pool, &allocator_libc);
    for (int i = 0; i < 3000; i++) {
        int size = snprintf(text, sizeof text, "%0*d", i % 70 + 1, i);

        strings[i] = string_pool_intern(&pool, text, (size_t)size);
    }
    for (int i = 0; i < 3000; i++) {
        int size = snprintf(text, sizeof text, "%0*d", i % 70 + 1, i);

        ck_assert_ptr_eq(string_pool_intern_c(&pool, text), strings[i]);
        ck_assert_uint_eq(strings[i]->size, size);
        ck_assert_str_eq(strings[i]->bytes, text);
    }
    ck_assert_uint_eq(pool.count, 3000);
    string_pool_release(&pool);
}
END_TEST

START_TEST(takes_any_bytes)
{
    struct string_pool pool;
    const struct string *empty, *inner, *large;
    static char bytes[200000];

    string_pool_init(&pool, &allocator_libc);
    empty = string_pool_intern(&pool, NULL, 0);
    ck_assert_ptr_eq(string_pool_intern_c(&pool, ""), empty);
    ck_assert_uint_eq(empty->size, 0);
    inner = string_pool_intern(&pool, "a\0b", 3);
    ck_assert_ptr_ne(inner, string_pool_intern(&pool, "a\0c", 3));
    ck_assert_mem_eq(inner->bytes, "a\0b", 4);
    memset(bytes, 'x', sizeof bytes);
    large = string_pool_intern(&pool, bytes, sizeof bytes);
    ck_assert_ptr_eq(string_pool_intern(&pool, bytes, sizeof bytes), large);
    ck_assert_ptr_ne(string_pool_intern(&pool, bytes, sizeof bytes - 1), large);
    string_pool_release(&pool);
}
END_TEST

static int intern_many(const struct allocator *allocator, void *context)
{
    struct string_pool pool;
    int i;

    string_pool_init(&pool, allocator);
    for (i = 0; i < 500; i++) {
        char text[8];

        snprintf(text, sizeof text, "%d", i);
        if (!string_pool_intern_c(&pool, text))
            break;
    }
    string_pool_release(&pool);
    return i == 500 ? 0 : -1;
}

START_TEST(survives_each_failed_allocation)
{
    test_fail_each_allocation(intern_many, NULL);
}
END_TEST

/* In the order of code points. */
START_TEST(compares_by_code_point)
{
    static const char *const ordered[] = {
        "", "A", "AA", "a", "\xc3\xbc", "\xe2\x82\xac", "\xed\xb2\x80", "\xef\xbf\xbf", "\xf0\x9f\x98\x80"};
    struct string_pool pool;

    string_pool_init(&pool, &allocator_libc);
    for (int i = 0; i < 9; i++) {
        for (int j = 0; j < 9; j++) {
            const struct string *a = string_pool_intern_c(&pool, ordered[i]);
            const struct string *b = string_pool_intern_c(&pool, ordered[j]);
            int order = string_compare(a, b);

            ck_assert_int_eq((order > 0) - (order < 0), (i > j) - (i < j));
        }
    }
    string_pool_release(&pool);
}
END_TEST

START_TEST(finds_the_byte_that_is_not_ascii)
{
    char text[20] = "0123456789abcdefgh";

    ck_assert(bytes_are_ascii(NULL, 0));
    for (size_t size = 0; size < 18; size++) {
        ck_assert(bytes_are_ascii(text, size));
        for (size_t i = 0; i < size; i++) {
            char kept = text[i];

            text[i] = (char)0x80;
            ck_assert(!bytes_are_ascii(text, size));
            text[i] = kept;
        }
    }
}
END_TEST

START_TEST(ends_of_texts)
{
    ck_assert(text_ends_in("a.stat", ".stat"));
    ck_assert(text_ends_in(".stat", ".stat"));
    ck_assert(!text_ends_in("stat", ".stat"));
    ck_assert(!text_ends_in("a.stats", ".stat"));
    ck_assert(text_ends_in("a", ""));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("strings");
    TCase *tests = tcase_create("strings");
    tcase_add_test(tests, equal_bytes_have_one_address);
    tcase_add_test(tests, takes_any_bytes);
    tcase_add_test(tests, survives_each_failed_allocation);
    tcase_add_test(tests, compares_by_code_point);
    tcase_add_test(tests, finds_the_byte_that_is_not_ascii);
    tcase_add_test(tests, ends_of_texts);
    suite_add_tcase(suite, tests);
    return test_main(suite);
}
