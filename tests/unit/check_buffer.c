#include "base/buffer.h"

#include <stdio.h>
#include <string.h>

#include "support.h"

START_TEST(holds_what_was_appended)
{
    static const unsigned char expected[] = "ab\x01\x02\x03\x04\x08\x07\x06\x05\x04\x03\x02\x01z";
    struct buffer buffer;

    buffer_init(&buffer, &allocator_libc);
    buffer_append_string(&buffer, "ab");
    buffer_append_u32le(&buffer, 0x04030201);
    buffer_append_u64le(&buffer, 0x0102030405060708);
    buffer_append_byte(&buffer, 'z');
    buffer_append(&buffer, NULL, 0);
    ck_assert_uint_eq(buffer.size, sizeof expected - 1);
    ck_assert_mem_eq(buffer.data, expected, buffer.size);
    buffer_clear(&buffer);
    ck_assert_uint_eq(buffer.size, 0);
    buffer_release(&buffer);
    ck_assert_ptr_null(buffer.data);
}
END_TEST

/* Short text goes through a buffer on the stack, long text does not. */
START_TEST(formats_text_of_any_length)
{
    char expected[1100];
    struct buffer buffer;

    for (int width = 250; width < 262; width++) {
        buffer_init(&buffer, &allocator_libc);
        buffer_append_byte(&buffer, '<');
        buffer_append_format(&buffer, "%0*d", width, 7);
        buffer_append_byte(&buffer, '>');
        snprintf(expected, sizeof expected, "<%0*d>", width, 7);
        ck_assert_uint_eq(buffer.size, strlen(expected));
        ck_assert_mem_eq(buffer.data, expected, buffer.size);
        buffer_release(&buffer);
    }
}
END_TEST

START_TEST(a_failure_sticks)
{
    struct test_allocator test;
    struct buffer buffer;

    test_allocator_init(&test, 2);
    buffer_init(&buffer, &test.allocator);
    buffer_append_byte(&buffer, 'a');
    ck_assert_ptr_null(buffer_extend(&buffer, 100000));
    ck_assert(buffer.failed);
    buffer_append_byte(&buffer, 'b');
    buffer_append_format(&buffer, "%d", 1);
    buffer_append_u32le(&buffer, 1);
    ck_assert_uint_eq(buffer.size, 1);
    ck_assert_uint_eq(test.calls, 2);
    buffer_clear(&buffer);
    buffer_append_byte(&buffer, 'c');
    ck_assert(!buffer.failed);
    ck_assert_ptr_null(buffer_extend(&buffer, SIZE_MAX));
    ck_assert(buffer.failed);
    buffer_release(&buffer);
    ck_assert_uint_eq(test.live, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("buffer");
    TCase *tests = tcase_create("buffer");
    tcase_add_test(tests, holds_what_was_appended);
    tcase_add_test(tests, formats_text_of_any_length);
    tcase_add_test(tests, a_failure_sticks);
    suite_add_tcase(suite, tests);
    return test_main(suite);
}
