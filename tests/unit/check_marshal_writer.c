#include "marshal_writer.h"

#include <stdio.h>
#include <string.h>

#include "support.h"

/* A writer with its pool and buffer. */
struct writing {
    struct buffer out;
    struct string_pool strings;
    struct marshal_writer writer;
};

static void writing_init(struct writing *writing, const struct allocator *allocator)
{
    buffer_init(&writing->out, allocator);
    string_pool_init(&writing->strings, allocator);
    marshal_writer_init(&writing->writer, &writing->out, 0);
}

static void writing_release(struct writing *writing)
{
    marshal_writer_release(&writing->writer);
    string_pool_release(&writing->strings);
    buffer_release(&writing->out);
}

static void write_text(struct writing *writing, const char *text)
{
    marshal_write_text(&writing->writer, string_pool_intern_c(&writing->strings, text));
}

static void assert_written(struct writing *writing, const char *expected, size_t size)
{
    ck_assert(!writing->out.failed);
    ck_assert_uint_eq(writing->out.size, size);
    ck_assert_mem_eq(writing->out.data, expected, size);
    writing_release(writing);
}

#define ASSERT_WRITTEN(writing, literal) assert_written(writing, literal, sizeof(literal) - 1)

static const struct {
    int64_t value;
    const char *bytes;
    size_t size;
} integers[] = {
    {0, "i\0\0\0\0", 5},
    {-1, "i\xff\xff\xff\xff", 5},
    {0x12345678, "i\x78\x56\x34\x12", 5},
    {INT32_MAX, "i\xff\xff\xff\x7f", 5},
    {INT32_MIN, "i\0\0\0\x80", 5},
    {(int64_t)INT32_MAX + 1, "\xec\x03\0\0\0\0\0\0\0\x02\0", 11},
    {1099511627776, "\xec\x03\0\0\0\0\0\0\0\0\x04", 11},
    {-1099511627776, "\xec\xfd\xff\xff\xff\0\0\0\0\0\x04", 11},
    {INT64_MAX, "\xec\x05\0\0\0\xff\x7f\xff\x7f\xff\x7f\xff\x7f\x07\0", 15},
    {INT64_MIN, "\xec\xfb\xff\xff\xff\0\0\0\0\0\0\0\0\x08\0", 15},
};

START_TEST(integers_are_short_or_long)
{
    struct writing writing;

    writing_init(&writing, &allocator_libc);
    marshal_write_integer(&writing.writer, integers[_i].value);
    assert_written(&writing, integers[_i].bytes, integers[_i].size);
}
END_TEST

START_TEST(large_integers_and_reals_are_shared)
{
    struct writing writing;

    writing_init(&writing, &allocator_libc);
    marshal_write_real(&writing.writer, 0.5);
    marshal_write_integer(&writing.writer, INT64_MAX);
    marshal_write_real(&writing.writer, 0.5);
    marshal_write_integer(&writing.writer, INT64_MAX);
    marshal_write_real(&writing.writer, 0.0);
    marshal_write_real(&writing.writer, -0.0);
    marshal_write_real(&writing.writer, 0.0);
    ASSERT_WRITTEN(&writing, "\xe7\0\0\0\0\0\0\xe0\x3f"
                             "\xec\x05\0\0\0\xff\x7f\xff\x7f\xff\x7f\xff\x7f\x07\0"
                             "r\0\0\0\0"
                             "r\1\0\0\0"
                             "\xe7\0\0\0\0\0\0\0\0"
                             "\xe7\0\0\0\0\0\0\0\x80"
                             "r\2\0\0\0");
}
END_TEST

START_TEST(text_is_shared_when_that_is_no_longer)
{
    struct writing writing;

    writing_init(&writing, &allocator_libc);
    for (int i = 0; i < 2; i++) {
        write_text(&writing, "");
        write_text(&writing, "~~");
        write_text(&writing, "abc");
        write_text(&writing, "\xc3\xbc");
    }
    marshal_write_word(&writing.writer, "abc");
    ASSERT_WRITTEN(&writing, "z\0z\2~~\xfa\3abc\xf5\2\0\0\0\xc3\xbc"
                             "z\0z\2~~r\0\0\0\0r\1\0\0\0"
                             "z\3abc");
}
END_TEST

START_TEST(lengths_of_a_byte_or_four)
{
    struct writing writing;
    char text[300], expected[600];
    size_t size = 0;

    memset(text, 'x', sizeof text);
    for (size_t length = 255; length <= 256; length++) {
        size_t head = length == 255 ? 2 : 5;

        memcpy(expected + size, length == 255 ? "\xfa\xff" : "\xe1\0\1\0", head);
        size += head;
        memset(expected + size, 'x', length);
        size += length;
    }
    writing_init(&writing, &allocator_libc);
    for (size_t length = 255; length <= 256; length++) {
        text[length] = '\0';
        write_text(&writing, text);
        text[length] = 'x';
    }
    assert_written(&writing, expected, size);
}
END_TEST

/* Numbers go by the beginnings of objects: the tuple's comes before that of its first element. */
START_TEST(tuples_are_numbered_before_their_elements)
{
    struct writing writing;
    uint32_t outer, inner;

    writing_init(&writing, &allocator_libc);
    outer = marshal_write_tuple_once(&writing.writer, 3);
    write_text(&writing, "file");
    inner = marshal_write_tuple_once(&writing.writer, 1);
    write_text(&writing, "name");
    write_text(&writing, "name");
    marshal_write_tuple(&writing.writer, 2);
    marshal_write_reference(&writing.writer, inner);
    marshal_write_reference(&writing.writer, outer);
    ASSERT_WRITTEN(&writing, "\xa9\3\xfa\4file\xa9\1\xfa\4namer\3\0\0\0)\2r\2\0\0\0r\0\0\0\0");
}
END_TEST

START_TEST(containers_and_bytes)
{
    struct writing writing;
    size_t opened;

    writing_init(&writing, &allocator_libc);
    marshal_open_dictionary(&writing.writer);
    marshal_write_word(&writing.writer, "k");
    opened = marshal_open_bytes(&writing.writer);
    buffer_append_string(&writing.out, "12345");
    marshal_close_bytes(&writing.writer, opened);
    marshal_write_word(&writing.writer, "l");
    marshal_write_list(&writing.writer, 300);
    marshal_close_dictionary(&writing.writer);
    ASSERT_WRITTEN(&writing, "{z\1ks\5\0\0\00012345z\1l[\x2c\1\0\0000");
}
END_TEST

/* More values than the first slots hold: each is found again after every growth. */
START_TEST(shares_among_many)
{
    struct writing writing;
    size_t before;

    writing_init(&writing, &allocator_libc);
    for (int i = 1; i <= 1000; i++)
        marshal_write_real(&writing.writer, i);
    before = writing.out.size;
    ck_assert_uint_eq(before, 9000);
    for (int i = 1; i <= 1000; i++) {
        marshal_write_real(&writing.writer, i);
        ck_assert_uint_eq(writing.out.data[writing.out.size - 5], 'r');
        ck_assert_uint_eq(writing.out.data[writing.out.size - 4] + writing.out.data[writing.out.size - 3] * 256, i - 1);
    }
    ck_assert_uint_eq(writing.out.size, before + 5000);
    writing_release(&writing);
}
END_TEST

static int write_many(const struct allocator *allocator, void *context)
{
    struct writing writing;
    int failed;

    writing_init(&writing, allocator);
    for (int i = 0; i < 200; i++) {
        const struct string *text;
        char name[16];

        snprintf(name, sizeof name, "name %d", i / 2);
        text = string_pool_intern_c(&writing.strings, name);
        if (text)
            marshal_write_text(&writing.writer, text);
        else
            writing.out.failed = true;
        marshal_write_real(&writing.writer, i / 2);
        marshal_write_integer(&writing.writer, INT64_MAX - i);
        marshal_close_bytes(&writing.writer, marshal_open_bytes(&writing.writer));
    }
    failed = writing.out.failed;
    writing_release(&writing);
    return failed ? -1 : 0;
}

START_TEST(survives_each_failed_allocation)
{
    test_fail_each_allocation(write_many, NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("marshal_writer");
    TCase *tests = tcase_create("marshal_writer");
    tcase_add_loop_test(tests, integers_are_short_or_long, 0, sizeof integers / sizeof *integers);
    tcase_add_test(tests, large_integers_and_reals_are_shared);
    tcase_add_test(tests, text_is_shared_when_that_is_no_longer);
    tcase_add_test(tests, lengths_of_a_byte_or_four);
    tcase_add_test(tests, tuples_are_numbered_before_their_elements);
    tcase_add_test(tests, containers_and_bytes);
    tcase_add_test(tests, shares_among_many);
    tcase_add_test(tests, survives_each_failed_allocation);
    suite_add_tcase(suite, tests);
    return test_main(suite);
}
