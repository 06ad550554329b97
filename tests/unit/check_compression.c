#include "compression.h"

#include <string.h>
#include <zlib.h>

#include "support.h"

enum { LARGEST = 300000 };

static void fill(unsigned char *bytes, size_t size)
{
    uint32_t state = 1;

    for (size_t i = 0; i < size; i++) {
        state = state * 1664525u + 1013904223u;
        bytes[i] = (unsigned char)(i % 7 ? i / 100 : state >> 24);
    }
}

static const size_t sizes[] = {0, 1, 500, 511, 512, 513, 4096, 65534, 65535, 65536, 70000, LARGEST};

START_TEST(expands_to_what_it_was)
{
    static unsigned char bytes[LARGEST];
    struct buffer packed, expanded;
    struct error error;

    fill(bytes, sizes[_i]);
    buffer_init(&packed, &allocator_libc);
    buffer_init(&expanded, &allocator_libc);
    buffer_append_byte(&packed, '<');
    buffer_append_byte(&expanded, '>');
    compression_deflate(&packed, bytes, sizes[_i]);
    ck_assert(!packed.failed);
    ck_assert_int_eq(compression_inflate(&expanded, packed.data + 1, packed.size - 1, &error), 0);
    ck_assert_uint_eq(expanded.size, sizes[_i] + 1);
    ck_assert_mem_eq(expanded.data + 1, bytes, sizes[_i]);
    ck_assert_uint_eq(expanded.data[0], '>');
    buffer_release(&packed);
    buffer_release(&expanded);
}
END_TEST

START_TEST(gzip_expands_to_what_it_was)
{
    static unsigned char bytes[LARGEST], expanded[LARGEST];
    struct buffer packed;
    z_stream stream = {0};

    fill(bytes, sizes[_i]);
    buffer_init(&packed, &allocator_libc);
    compression_gzip(&packed, bytes, sizes[_i]);
    ck_assert(!packed.failed);
    ck_assert_int_eq(inflateInit2(&stream, MAX_WBITS + 16), Z_OK);
    stream.next_in = packed.data;
    stream.avail_in = (uInt)packed.size;
    stream.next_out = expanded;
    stream.avail_out = sizeof expanded;
    ck_assert_int_eq(inflate(&stream, Z_FINISH), Z_STREAM_END);
    ck_assert_uint_eq(stream.total_out, sizes[_i]);
    ck_assert_uint_eq(stream.avail_in, 0);
    ck_assert_mem_eq(expanded, bytes, sizes[_i]);
    inflateEnd(&stream);
    buffer_release(&packed);
}
END_TEST

/* The stream ends with a checksum, so no prefix of it will do, nor any other bytes. */
START_TEST(refuses_damaged_streams)
{
    unsigned char bytes[2000];
    struct buffer packed, expanded;
    struct error error;

    fill(bytes, sizeof bytes);
    buffer_init(&packed, &allocator_libc);
    buffer_init(&expanded, &allocator_libc);
    compression_deflate(&packed, bytes, sizeof bytes);
    for (size_t size = 0; size < packed.size; size++) {
        ck_assert_int_eq(compression_inflate(&expanded, packed.data, size, &error), -1);
        ck_assert_int_eq(error.code, ERROR_FORMAT);
        ck_assert_int_eq(error.offset, ERROR_NO_OFFSET);
    }
    for (size_t at = 0; at < packed.size; at++) {
        packed.data[at] ^= 0x55;
        buffer_clear(&expanded);
        ck_assert_int_eq(compression_inflate(&expanded, packed.data, packed.size, &error), -1);
        packed.data[at] ^= 0x55;
    }
    buffer_release(&packed);
    buffer_release(&expanded);
}
END_TEST

enum { MONOTONOUS = 60000000 };

/* zlib makes a thousandth of it. */
START_TEST(what_expands_out_of_proportion_is_refused)
{
    unsigned char *zeros = allocator_zeroed(&allocator_libc, MONOTONOUS, 1), packed[100000];
    uLongf packed_size = sizeof packed;
    struct test_allocator test;
    struct buffer expanded;
    struct error error;

    ck_assert_int_eq(compress2(packed, &packed_size, zeros, MONOTONOUS, 9), Z_OK);
    test_allocator_init(&test, 0);
    buffer_init(&expanded, &test.allocator);
    ck_assert_int_eq(compression_inflate(&expanded, packed, packed_size, &error), -1);
    ck_assert_str_eq(error.reason, "compressed data that expands to too much");
    ck_assert_uint_lt(test.peak, MONOTONOUS);
    buffer_release(&expanded);
    ck_assert_uint_eq(test.live, 0);
    allocator_free(&allocator_libc, zeros);
}
END_TEST

START_TEST(what_is_written_can_be_read_however_monotonous)
{
    struct buffer zeros, packed, expanded;
    struct error error;

    buffer_init(&zeros, &allocator_libc);
    buffer_init(&packed, &allocator_libc);
    buffer_init(&expanded, &allocator_libc);
    memset(buffer_extend(&zeros, MONOTONOUS), 0, MONOTONOUS);
    compression_deflate(&packed, zeros.data, zeros.size);
    ck_assert_uint_lt(packed.size, MONOTONOUS / 7);
    ck_assert_int_eq(compression_inflate(&expanded, packed.data, packed.size, &error), 0);
    ck_assert_uint_eq(expanded.size, zeros.size);
    ck_assert_int_eq(memcmp(expanded.data, zeros.data, zeros.size), 0);
    buffer_release(&zeros);
    buffer_release(&packed);
    buffer_release(&expanded);
}
END_TEST

static int there_and_back(const struct allocator *allocator, void *context)
{
    static unsigned char bytes[100000];
    struct buffer packed, expanded;
    struct error error;
    int status = -1;

    fill(bytes, sizeof bytes);
    buffer_init(&packed, allocator);
    buffer_init(&expanded, allocator);
    compression_deflate(&packed, bytes, sizeof bytes);
    if (!packed.failed) {
        status = compression_inflate(&expanded, packed.data, packed.size, &error);
        ck_assert(status == 0 || error.code == ERROR_MEMORY);
    }
    buffer_release(&packed);
    buffer_release(&expanded);
    return status;
}

START_TEST(survives_each_failed_allocation)
{
    test_fail_each_allocation(there_and_back, NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("compression");
    TCase *tests = tcase_create("compression");
    tcase_add_loop_test(tests, expands_to_what_it_was, 0, sizeof sizes / sizeof *sizes);
    tcase_add_loop_test(tests, gzip_expands_to_what_it_was, 0, sizeof sizes / sizeof *sizes);
    tcase_add_test(tests, refuses_damaged_streams);
    tcase_add_test(tests, what_expands_out_of_proportion_is_refused);
    tcase_add_test(tests, what_is_written_can_be_read_however_monotonous);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, survives_each_failed_allocation);
    suite_add_tcase(suite, tests);
    return test_main(suite);
}
