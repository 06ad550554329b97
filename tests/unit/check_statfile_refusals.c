/* Hostile and damaged files: each is refused with a reason and a byte, in little memory. */
#include <string.h>

#include "profiles.h"
#include "statfile.h"
#include "support.h"

#define SIZED(literal) literal, sizeof(literal) - 1
#define F ")\3z\4f.pyi\1\0\0\0z\1f"
#define I1 "i\1\0\0\0"
#define HALF "g\0\0\0\0\0\0\xe0\x3f"
#define LARGEST "I\xff\xff\xff\xff\xff\xff\xff\x7f"
#define HUGE_LONG "l\6\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0"

/* F takes 16 bytes, an I1 5, a HALF 9. */
static const struct {
    const char *bytes;
    size_t size;
    int64_t offset;
    const char *reason;
} refused[] = {
    {SIZED(""), ERROR_NO_OFFSET, "is empty"},
    {SIZED("hello"), 0, "not a profile: a type byte that no profile holds"},
    {SIZED("#!/usr/bin/python\n"), 0, "not a profile: a type byte that no profile holds"},
    {SIZED("\0\0\0\0"), 0, "not a profile: a type byte that no profile holds"},
    {SIZED("N"), 0, "not a profile: None where the dictionary of a profile should be"},
    {SIZED("0"), 0, "not a profile: nothing where the dictionary of a profile should be"},
    {SIZED("[\0\0\0\0"), 0, "not a profile: a list where the dictionary of a profile should be"},
    {SIZED("i\0\0\0\0"), 0, "not a profile: an integer where the dictionary of a profile should be"},
    {SIZED("{z\1ai\1\0\0\0000"), 1, "text where a function (file, line, name) should be"},
    {SIZED("{)\2z\1az\1b" I1 "0"), 1, "a tuple of 2 where a function (file, line, name) should be"},
    {SIZED("{)\3i\1\0\0\0"), 3, "an integer where a file name should be"},
    {SIZED("{)\3z\1az\1b"), 6, "text where a line number should be"},
    {SIZED("{)\3z\1aN"), 6, "None where a line number should be"},
    {SIZED("{)\3z\1a" I1 "N"), 11, "None where a function name should be"},
    {SIZED("{" F I1), 17, "an integer where the numbers of a function (cc, nc, tt, ct, callers) should be"},
    {SIZED("{" F ")\4NNNN"), 17, "a tuple of 4 where the numbers of a function (cc, nc, tt, ct, callers) should be"},
    {SIZED("{" F ")\5NNNNN"), 19, "None where a number of calls should be"},
    {SIZED("{" F ")\5" I1 "i\xff\xff\xff\xff"), 24, "negative number of calls"},
    {SIZED("{" F ")\5" HALF), 19, "a number of calls that is not whole"},
    {SIZED("{" F ")\5" "g\0\0\0\0\0\0\xe0\x43"), 19, "a number of calls that is not whole"},
    {SIZED("{" F ")\5" HUGE_LONG), 19, "an integer of more than 64 bits where a number of calls should be"},
    {SIZED("{" F ")\5" LARGEST I1), 28, "more calls than 64 bits can count"},
    {SIZED("{" F ")\5" I1 I1 "z\1x"), 29, "text where a time should be"},
    {SIZED("{" F ")\5" I1 I1 "g\0\0\0\0\0\0\xf8\x7f"), 29, "a time that is not a number"},
    {SIZED("{" F ")\5" I1 I1 HALF "g\0\0\0\0\0\0\xf0\x7f"), 38, "an infinite time"},
    {SIZED("{" F ")\5" I1 I1 HALF "f\4-inf"), 38, "an infinite time"},
    {SIZED("{" F ")\5" I1 I1 HALF HALF "N"), 47, "None where a dictionary of callers should be"},
    {SIZED("{" F ")\5" I1 I1 HALF HALF "{" I1), 48, "an integer where a function (file, line, name) should be"},
    {SIZED("{" F ")\5" I1 I1 HALF HALF "{" F "N"), 64,
     "None where the numbers of a caller (nc, cc, tt, ct) should be"},
    {SIZED("{" F ")\5" I1 I1 HALF HALF "{" F ")\5NNNNN"), 64,
     "a tuple of 5 where the numbers of a caller (nc, cc, tt, ct) should be"},
    {SIZED("{" F ")\5" I1 I1 HALF HALF "{" F "i\xff\xff\xff\xff"), 64, "negative number of calls"},
    {SIZED("{" F ")\5" I1 I1 HALF HALF "{" F ")\4" I1 "i\0\0\0\x80"), 71, "negative number of calls"},
    {SIZED("{" F ")\5" I1 I1 HALF HALF "{0N"), 49, "None where a function (file, line, name) should be"},
    {SIZED("{z\377abc"), 6, "the file is cut off here"},
    {SIZED("{(\xff\xff\xff\x7f" "abc"), 9, "the file is cut off here"},
    {SIZED("{(\xff\xff\xff\xff" "abc"), 2, "negative length"},
    {SIZED("{\xa9\3r\0\0\0\0"), 3, "a tuple where a file name should be"},
};

START_TEST(refuses)
{
    struct test_allocator test;
    struct profile profile;
    struct error error = {0};

    test_allocator_init(&test, 0);
    profile_init(&profile, &test.allocator);
    ck_assert_int_eq(statfile_decode(&profile, refused[_i].bytes, refused[_i].size, STATFILE_ALL, &error), -1);
    ck_assert_str_eq(error.reason, refused[_i].reason);
    ck_assert_int_eq(error.offset, refused[_i].offset);
    ck_assert_int_eq(error.code, ERROR_FORMAT);
    ck_assert_uint_lt(test.peak, 10000);
    profile_release(&profile);
    ck_assert_uint_eq(test.live, 0);
}
END_TEST

static int decode(const void *data, size_t size, struct error *error)
{
    struct profile profile;
    int status;

    profile_init(&profile, &allocator_libc);
    status = statfile_decode(&profile, data, size, STATFILE_ALL, error);
    profile_release(&profile);
    return status;
}

static void make_file(struct buffer *file, bool trailer)
{
    struct profile profile;
    struct error error;

    profile_init(&profile, &allocator_libc);
    ck_assert_int_eq(profiles_fill(&profile), 0);
    if (!trailer)
        profile.tree_count = profile.fact_count = 0;
    buffer_init(file, &allocator_libc);
    ck_assert_int_eq(statfile_encode(&profile, file, &error), 0);
    if (!trailer)
        profile.tree_count = 2;
    profile_release(&profile);
}

/* The copy lies on the heap and has the size of the prefix, so that tools see a read beyond it. */
static int decode_prefix(const struct buffer *file, size_t size, struct error *error)
{
    unsigned char *copy = allocator_resize(&allocator_libc, NULL, size + 1, 1);
    int status;

    memcpy(copy + 1, file->data, size);
    status = decode(copy + 1, size, error);
    allocator_free(&allocator_libc, copy);
    return status;
}

START_TEST(every_prefix_is_refused)
{
    struct buffer file, dictionary;
    struct error error;

    make_file(&file, true);
    make_file(&dictionary, false);
    for (size_t size = 1; size < file.size; size++) {
        int status = decode_prefix(&file, size, &error);

        /* One byte of the trailer is but a newline. */
        ck_assert_int_eq(status, size == dictionary.size || size == dictionary.size + 1 ? 0 : -1);
        if (status == 0)
            continue;
        ck_assert_str_eq(error.reason, "the file is cut off here");
        ck_assert_int_eq(error.offset, size);
    }
    ck_assert_int_eq(decode(file.data, file.size, &error), 0);
    buffer_release(&file);
    buffer_release(&dictionary);
}
END_TEST

/* Any byte may become any other: the file is read or refused, within memory that is in proportion to it. */
START_TEST(no_altered_byte_does_harm)
{
    struct test_allocator test;
    struct profile profile;
    struct error error;
    struct buffer file;

    make_file(&file, _i);
    for (size_t at = 0; at < file.size; at++) {
        unsigned char kept = file.data[at];

        for (unsigned change = 1; change < 256; change += 1 + change / 16) {
            file.data[at] = kept ^ (unsigned char)change;
            test_allocator_init(&test, 0);
            profile_init(&profile, &test.allocator);
            error.offset = 0;
            if (statfile_decode(&profile, file.data, file.size, STATFILE_ALL, &error)) {
                if (error.code != ERROR_FORMAT || error.offset < 0 || (size_t)error.offset > file.size)
                    ck_abort_msg("byte %zu: %s at %d", at, error.reason, (int)error.offset);
            }
            profile_release(&profile);
            if (test.peak > 300000 || test.live != 0)
                ck_abort_msg("byte %zu: %zu bytes at most, %zu blocks left", at, test.peak, test.live);
        }
        file.data[at] = kept;
    }
    buffer_release(&file);
}
END_TEST

enum { LEVELS = 200000 };

static const struct {
    const char *head;
    size_t head_size;
    const char *level;
    size_t level_size;
    int64_t offset;
    const char *reason;
} nested[] = {
    {SIZED(""), SIZED("(\1\0\0\0"), 0, "not a profile: a tuple where the dictionary of a profile should be"},
    {SIZED(""), SIZED("{"), 1, "a dictionary where a function (file, line, name) should be"},
    {SIZED("{"), SIZED("(\3\0\0\0"), 6, "a tuple where a file name should be"},
    {SIZED("{"), SIZED("(\1\0\0\0"), 1, "a tuple of 1 where a function (file, line, name) should be"},
    {SIZED("{)\3z\1f" I1), SIZED("["), 11, "the file is cut off here"},
    {SIZED("{)\3z\1f" I1), SIZED("[\1\0\0\0"), 11, "a list where a function name should be"},
    {SIZED("{)\3z\1f" I1), SIZED("c\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0s\2\0\0\0dd"), 11 + 50 * 24, "nested too deeply"},
    {SIZED("{)\3z\1f" I1 "c\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0s\2\0\0\0dd"), SIZED(")\1"), 11 + 24 + 100 * 2,
     "nested too deeply"},
};

START_TEST(refuses_deep_nesting)
{
    struct error error = {0};
    struct buffer file;

    buffer_init(&file, &allocator_libc);
    buffer_append(&file, nested[_i].head, nested[_i].head_size);
    for (int i = 0; i < LEVELS; i++)
        buffer_append(&file, nested[_i].level, nested[_i].level_size);
    ck_assert_int_eq(decode(file.data, file.size, &error), -1);
    if (strcmp(nested[_i].reason, "the file is cut off here") != 0) {
        ck_assert_str_eq(error.reason, nested[_i].reason);
        ck_assert_int_eq(error.offset, nested[_i].offset);
    }
    buffer_release(&file);
}
END_TEST

/* One dictionary of many callers, named by many functions. */
START_TEST(what_references_repeat_is_bounded)
{
    enum { MANY = 3000 };
    struct test_allocator test;
    struct profile profile;
    struct error error = {0};
    struct buffer file;

    buffer_init(&file, &allocator_libc);
    buffer_append_byte(&file, '{');
    for (uint32_t i = 0; i < MANY; i++) {
        buffer_append(&file, SIZED(")\3z\1fi"));
        buffer_append_u32le(&file, i);
        buffer_append(&file, SIZED("z\1f)\5" I1 I1 HALF HALF));
        if (i > 0) {
            buffer_append(&file, SIZED("r\0\0\0\0"));
            continue;
        }
        buffer_append_byte(&file, '{' | 0x80);
        for (uint32_t j = 0; j < MANY; j++) {
            buffer_append(&file, SIZED(")\3z\1fi"));
            buffer_append_u32le(&file, j);
            buffer_append(&file, SIZED("z\1gi\0\0\0\0"));
        }
        buffer_append_byte(&file, '0');
    }
    buffer_append_byte(&file, '0');
    test_allocator_init(&test, 0);
    profile_init(&profile, &test.allocator);
    ck_assert_int_eq(statfile_decode(&profile, file.data, file.size, STATFILE_ALL, &error), -1);
    ck_assert_str_eq(error.reason, "too much is repeated by reference");
    ck_assert_uint_lt(test.peak, 200 * file.size);
    profile_release(&profile);
    buffer_release(&file);
}
END_TEST

/* A long file name, written once as what `head` begins and named again by every other function. */
static void make_long_label(struct buffer *file, const char *head, uint32_t size, int functions)
{
    buffer_append_byte(file, '{');
    for (int i = 0; i < functions; i++) {
        buffer_append(file, SIZED(")\3"));
        if (i == 0) {
            buffer_append_string(file, head);
            buffer_append_u32le(file, size);
            memset(buffer_extend(file, size), 'x', size);
        } else {
            buffer_append(file, SIZED("r\0\0\0\0"));
        }
        buffer_append_byte(file, 'i');
        buffer_append_u32le(file, (uint32_t)i);
        buffer_append(file, SIZED("z\1f)\5" I1 I1 HALF HALF "{0"));
    }
    buffer_append_byte(file, '0');
}

START_TEST(text_of_labels_is_bounded)
{
    static const char *const heads[] = {"\xe1", "\xf3"};
    enum { SIZE = 100000, FUNCTIONS = 2000 };
    struct error error = {0};
    struct buffer file;

    buffer_init(&file, &allocator_libc);
    make_long_label(&file, heads[_i], SIZE, FUNCTIONS);
    ck_assert_int_eq(decode(file.data, file.size, &error), -1);
    ck_assert_str_eq(error.reason, "more text in the names of functions than such a file may repeat");
    buffer_clear(&file);
    make_long_label(&file, heads[_i], 1000, FUNCTIONS);
    ck_assert_int_eq(decode(file.data, file.size, &error), 0);
    buffer_release(&file);
}
END_TEST

/* One dictionary of callers, short in bytes, for many functions. */
START_TEST(edges_repeated_by_reference_are_bounded)
{
    enum { CALLERS = 500, FUNCTIONS = 5000 };
    struct test_allocator test;
    struct profile profile;
    struct error error = {0};
    struct buffer file;

    buffer_init(&file, &allocator_libc);
    buffer_append_byte(&file, '{');
    for (uint32_t i = 0; i < CALLERS; i++) {
        buffer_append(&file, SIZED("\xa9\3z\1fi"));
        buffer_append_u32le(&file, i);
        buffer_append(&file, SIZED("z\1f)\5" "FFFF" "{0"));
    }
    for (uint32_t i = 0; i < FUNCTIONS; i++) {
        buffer_append(&file, SIZED(")\3z\1gi"));
        buffer_append_u32le(&file, i);
        buffer_append(&file, SIZED("z\1f)\5" "FFFF"));
        if (i > 0) {
            buffer_append_byte(&file, 'r');
            buffer_append_u32le(&file, CALLERS); /* objects before it */
            continue;
        }
        buffer_append_byte(&file, '{' | 0x80);
        for (uint32_t j = 0; j < CALLERS; j++) {
            buffer_append_byte(&file, 'r');
            buffer_append_u32le(&file, j);
            buffer_append_byte(&file, 'T');
        }
        buffer_append_byte(&file, '0');
    }
    buffer_append_byte(&file, '0');
    test_allocator_init(&test, 0);
    profile_init(&profile, &test.allocator);
    ck_assert_int_eq(statfile_decode(&profile, file.data, file.size, STATFILE_ALL, &error), -1);
    ck_assert_str_eq(error.reason, "too much is repeated by reference");
    ck_assert_uint_lt(test.peak, 60 * file.size);
    profile_release(&profile);
    buffer_release(&file);
}
END_TEST

#define COUNT(table) (int)(sizeof(table) / sizeof *(table))

int main(void)
{
    Suite *suite = suite_create("statfile_refusals");
    TCase *tests = tcase_create("statfile_refusals");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, refuses, 0, COUNT(refused));
    tcase_add_test(tests, every_prefix_is_refused);
    tcase_add_loop_test(tests, no_altered_byte_does_harm, 0, 2);
    tcase_add_loop_test(tests, refuses_deep_nesting, 0, COUNT(nested));
    tcase_add_test(tests, what_references_repeat_is_bounded);
    tcase_add_loop_test(tests, text_of_labels_is_bounded, 0, 2);
    tcase_add_test(tests, edges_repeated_by_reference_are_bounded);
    suite_add_tcase(suite, tests);
    return test_main(suite);
}
