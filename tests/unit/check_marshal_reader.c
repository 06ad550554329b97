#include "marshal_reader.h"

#include <string.h>

#include "support.h"

/* A reader with its pool. */
struct reading {
    struct string_pool strings;
    struct marshal_reader reader;
    struct error error;
};

static void reading_init(struct reading *reading, const void *data, size_t size)
{
    string_pool_init(&reading->strings, &allocator_libc);
    memset(&reading->error, 0, sizeof reading->error);
    marshal_reader_init(&reading->reader, data, size, &reading->strings, &reading->error);
}

static void reading_release(struct reading *reading)
{
    marshal_reader_release(&reading->reader);
    string_pool_release(&reading->strings);
}

#define SIZED(literal) literal, sizeof(literal) - 1

static struct marshal_value read_value(struct reading *reading, enum marshal_kind kind)
{
    struct marshal_value value;

    ck_assert_msg(marshal_read(&reading->reader, &value) == 0, "%s", reading->error.reason);
    ck_assert_int_eq(value.kind, kind);
    return value;
}

static const struct {
    const char *bytes;
    size_t size;
    int64_t value;
} integers[] = {
    {SIZED("i\x78\x56\x34\x12"), 0x12345678},
    {SIZED("\xe9\xfe\xff\xff\xff"), -2},
    {SIZED("I\xff\xff\xff\xff\xff\xff\xff\x7f"), INT64_MAX},
    {SIZED("I\0\0\0\0\0\0\0\x80"), INT64_MIN},
    {SIZED("l\0\0\0\0"), 0},
    {SIZED("l\1\0\0\0\5\0"), 5},
    {SIZED("l\xff\xff\xff\xff\5\0"), -5},
    {SIZED("l\5\0\0\0\xff\x7f\xff\x7f\xff\x7f\xff\x7f\7\0"), INT64_MAX},
    {SIZED("l\xfb\xff\xff\xff\0\0\0\0\0\0\0\0\x08\0"), INT64_MIN},
    {SIZED("T"), 1},
    {SIZED("F"), 0},
};

START_TEST(reads_integers)
{
    struct reading reading;

    reading_init(&reading, integers[_i].bytes, integers[_i].size);
    ck_assert_int_eq(read_value(&reading, MARSHAL_INTEGER).as.integer, integers[_i].value);
    ck_assert_uint_eq(reading.reader.at, integers[_i].size);
    reading_release(&reading);
}
END_TEST

static const struct {
    const char *bytes;
    size_t size;
    double value;
} reals[] = {
    {SIZED("g\0\0\0\0\0\0\xe0\x3f"), 0.5},
    {SIZED("f\3" "0.5"), 0.5},
    {SIZED("f\7" "-1e+300"), -1e300},
    {SIZED("f\23" "0.10000000000000001"), 0.1},
};

START_TEST(reads_reals)
{
    struct reading reading;

    reading_init(&reading, reals[_i].bytes, reals[_i].size);
    ck_assert_double_eq(read_value(&reading, MARSHAL_REAL).as.real, reals[_i].value);
    ck_assert_uint_eq(reading.reader.at, reals[_i].size);
    reading_release(&reading);
}
END_TEST

static const struct {
    const char *bytes;
    size_t size;
    const char *text;
} texts[] = {
    {SIZED("z\3abc"), "abc"},
    {SIZED("Z\0"), ""},
    {SIZED("a\2\0\0\0ab"), "ab"},
    {SIZED("A\2\0\0\0ab"), "ab"},
    {SIZED("u\2\0\0\0\xc3\xbc"), "\xc3\xbc"},
    {SIZED("u\4\0\0\0\xf0\x9f\x98\x80"), "\xf0\x9f\x98\x80"},
    {SIZED("u\3\0\0\0\xed\xb2\x80"), "\xed\xb2\x80"},
    {SIZED("t\3\0\0\0\xed\xb2\x80"), "\xed\xb2\x80"},
    {SIZED("t\2\0\0\0\xc3\xbc"), "\xc3\xbc"},
    {SIZED("t\3\0\0\0a\xff" "b"), "a\xed\xb3\xbf" "b"},
    {SIZED("s\2\0\0\0ab"), "ab"},
    {SIZED("s\2\0\0\0\xc3\xbc"), "\xc3\xbc"},
    {SIZED("s\4\0\0\0\xc3\xbc\xc3\x80"), "\xc3\xbc\xc3\x80"},
    {SIZED("s\2\0\0\0\xff\xc3"), "\xed\xb3\xbf\xed\xb3\x83"},
    {SIZED("s\3\0\0\0\xed\xb2\x80"), "\xed\xb3\xad\xed\xb2\xb2\xed\xb2\x80"},
};

START_TEST(reads_text)
{
    struct marshal_value value;
    const struct string *text;
    struct reading reading;

    reading_init(&reading, texts[_i].bytes, texts[_i].size);
    ck_assert_int_eq(marshal_read(&reading.reader, &value), 0);
    ck_assert_int_eq(marshal_text(&reading.reader, &value, &text, "text"), 0);
    ck_assert_str_eq(text->bytes, texts[_i].text);
    ck_assert_uint_eq(reading.reader.at, texts[_i].size);
    reading_release(&reading);
}
END_TEST

/* What follows a value that is skipped is found. */
static const struct {
    const char *bytes;
    size_t size;
} skipped[] = {
    {SIZED("N")},
    {SIZED(".")},
    {SIZED("S")},
    {SIZED("y0123456789abcdef")},
    {SIZED("x\1" "1\3" "0.5")},
    {SIZED(")\0")},
    {SIZED("(\2\0\0\0N)\1N")},
    {SIZED("[\1\0\0\0[\0\0\0\0")},
    {SIZED("<\1\0\0\0N")},
    {SIZED(">\2\0\0\0NN")},
    {SIZED("{0")},
    {SIZED("{N{NN0NN0")},
    {SIZED(":NNN")},
    {SIZED("l\6\0\0\0\1\0\1\0\1\0\1\0\1\0\1\0")},
    {SIZED(")\2\xa9\1Nr\0\0\0\0")},
};

START_TEST(skips_values_of_every_kind)
{
    unsigned char bytes[100];
    struct marshal_value value;
    struct reading reading;

    memcpy(bytes, skipped[_i].bytes, skipped[_i].size);
    memcpy(bytes + skipped[_i].size, "i\7\0\0\0", 5);
    reading_init(&reading, bytes, skipped[_i].size + 5);
    ck_assert_int_eq(marshal_read(&reading.reader, &value), 0);
    ck_assert_int_eq(marshal_skip(&reading.reader, &value), 0);
    ck_assert_int_eq(read_value(&reading, MARSHAL_INTEGER).as.integer, 7);
    reading_release(&reading);
}
END_TEST

static const struct {
    const char *bytes;
    size_t size;
    int64_t offset;
    const char *reason;
} refused[] = {
    {SIZED(""), 0, "the file is cut off here"},
    {SIZED("?"), 0, "a type byte that no profile holds"},
    {SIZED("\xbf"), 0, "a type byte that no profile holds"},
    {SIZED("i\1\0\0"), 4, "the file is cut off here"},
    {SIZED("l\1\0\0\0\1"), 6, "the file is cut off here"},
    {SIZED("l\0\0\0\x80\0\0"), 7, "the file is cut off here"},
    {SIZED("l\1\0\0\0\0\x80"), 0, "malformed integer"},
    {SIZED("f\2" "1x"), 0, "malformed number"},
    {SIZED("f\0"), 0, "malformed number"},
    {SIZED("z\4abc"), 5, "the file is cut off here"},
    {SIZED("s\xff\xff\xff\x7f" "a"), 6, "the file is cut off here"},
    {SIZED("s\xff\xff\xff\xff"), 1, "negative length"},
    {SIZED("z\1\xe9"), 0, "text that is not ASCII"},
    {SIZED("u\1\0\0\0\xe9"), 0, "text that is not UTF-8"},
    {SIZED("(\xff\xff\xff\x7fNN"), 7, "the file is cut off here"},
    {SIZED("[\2\0\0\0N"), 6, "the file is cut off here"},
    {SIZED("r\0\0\0\0"), 0, "reference to an object that was not written before"},
    {SIZED("R\0\0\0\0"), 0, "reference to a string that was not written before"},
    {SIZED("c\0\0\0\0"), 0, "code of an unknown version of Python"},
};

START_TEST(refuses)
{
    struct marshal_value value;
    struct reading reading;

    reading_init(&reading, refused[_i].bytes, refused[_i].size);
    ck_assert_int_eq(marshal_read(&reading.reader, &value), -1);
    ck_assert_int_eq(reading.error.code, ERROR_FORMAT);
    ck_assert_str_eq(reading.error.reason, refused[_i].reason);
    ck_assert_int_eq(reading.error.offset, refused[_i].offset);
    reading_release(&reading);
}
END_TEST

START_TEST(refuses_deep_nesting)
{
    struct marshal_value value;
    struct reading reading;
    static char bytes[400000];

    for (size_t i = 0; i < sizeof bytes; i += 2)
        memcpy(bytes + i, ")\1", 2);
    reading_init(&reading, bytes, sizeof bytes);
    ck_assert_int_eq(marshal_read(&reading.reader, &value), 0);
    ck_assert_int_eq(marshal_skip(&reading.reader, &value), -1);
    ck_assert_str_eq(reading.error.reason, "nested too deeply");
    ck_assert_int_eq(reading.error.offset, 200);
    reading_release(&reading);
}
END_TEST

/* A tuple, a real, a text and a text of Python 2, each named again. */
START_TEST(follows_references)
{
    static const char bytes[] = "\xa9\1\xe7\0\0\0\0\0\0\xe0\x3f" "\xfa\2abt\1\0\0\0i"
                                "r\1\0\0\0r\2\0\0\0R\0\0\0\0r\0\0\0\0i\7\0\0\0";
    struct marshal_value tuple, value;
    struct reading reading;

    reading_init(&reading, bytes, sizeof bytes - 1);
    tuple = read_value(&reading, MARSHAL_TUPLE);
    ck_assert_uint_eq(tuple.as.elements.count, 1);
    ck_assert_uint_eq(tuple.reference, 0);
    ck_assert_uint_eq(read_value(&reading, MARSHAL_REAL).reference, 1);
    ck_assert_int_eq(marshal_leave(&reading.reader, &tuple), 0);
    marshal_tag(&reading.reader, &tuple, 99);
    read_value(&reading, MARSHAL_TEXT);
    read_value(&reading, MARSHAL_TEXT);
    value = read_value(&reading, MARSHAL_REAL);
    ck_assert_double_eq(value.as.real, 0.5);
    ck_assert(value.repeated);
    ck_assert_str_eq(read_value(&reading, MARSHAL_TEXT).as.text->bytes, "ab");
    ck_assert_str_eq(read_value(&reading, MARSHAL_TEXT).as.text->bytes, "i");
    tuple = read_value(&reading, MARSHAL_TUPLE);
    ck_assert(tuple.repeated);
    ck_assert_uint_eq(tuple.tag, 99);
    value = read_value(&reading, MARSHAL_REAL);
    ck_assert_double_eq(value.as.real, 0.5);
    ck_assert_uint_eq(value.reference, 1);
    ck_assert_int_eq(marshal_leave(&reading.reader, &tuple), 0);
    ck_assert_int_eq(read_value(&reading, MARSHAL_INTEGER).as.integer, 7);
    reading_release(&reading);
}
END_TEST

START_TEST(bytes_named_again_are_converted_once)
{
    struct marshal_value value;
    const struct string *first, *again;
    struct reading reading;

    reading_init(&reading, SIZED("\xf3\2\0\0\0\xff" "ar\0\0\0\0"));
    ck_assert_int_eq(marshal_read(&reading.reader, &value), 0);
    ck_assert_int_eq(value.kind, MARSHAL_BYTES);
    ck_assert_int_eq(marshal_text(&reading.reader, &value, &first, "text"), 0);
    ck_assert_int_eq(marshal_read(&reading.reader, &value), 0);
    ck_assert_int_eq(value.kind, MARSHAL_TEXT);
    ck_assert_int_eq(marshal_text(&reading.reader, &value, &again, "text"), 0);
    ck_assert_ptr_eq(again, first);
    ck_assert_str_eq(again->bytes, "\xed\xb3\xbf" "a");
    reading_release(&reading);
}
END_TEST

/* None, True, False and Ellipsis are not numbered, whatever their flag says. */
START_TEST(constants_have_no_number)
{
    static const char bytes[] = "\xce\xd4\xc6\xae\xe9\5\0\0\0r\0\0\0\0";
    struct reading reading;

    reading_init(&reading, bytes, sizeof bytes - 1);
    read_value(&reading, MARSHAL_NONE);
    read_value(&reading, MARSHAL_INTEGER);
    read_value(&reading, MARSHAL_INTEGER);
    read_value(&reading, MARSHAL_OTHER);
    ck_assert_uint_eq(read_value(&reading, MARSHAL_INTEGER).reference, 0);
    ck_assert_int_eq(read_value(&reading, MARSHAL_INTEGER).as.integer, 5);
    reading_release(&reading);
}
END_TEST

/* A long list of references to one long list. */
START_TEST(what_references_repeat_is_bounded)
{
    enum { ELEMENTS = 20000 };
    static char bytes[5 + ELEMENTS + 5 * ELEMENTS] = "\xdb";
    struct marshal_value list, element;
    struct reading reading;
    int status = 0, i;

    bytes[1] = ELEMENTS & 0xff;
    bytes[2] = ELEMENTS >> 8;
    memset(bytes + 5, 'N', ELEMENTS);
    for (i = 0; i < ELEMENTS; i++)
        memcpy(bytes + 5 + ELEMENTS + 5 * i, "r\0\0\0", 5);
    reading_init(&reading, bytes, sizeof bytes);
    list = read_value(&reading, MARSHAL_LIST);
    ck_assert_int_eq(marshal_skip(&reading.reader, &list), 0);
    for (i = 0; i < ELEMENTS && status == 0; i++) {
        list = read_value(&reading, MARSHAL_LIST);
        for (int j = 0; j < ELEMENTS; j++)
            marshal_read(&reading.reader, &element);
        status = marshal_leave(&reading.reader, &list);
    }
    ck_assert_int_eq(status, -1);
    ck_assert_int_lt(i, 300);
    ck_assert_str_eq(reading.error.reason, "too much is repeated by reference");
    reading_release(&reading);
}
END_TEST

START_TEST(says_what_was_found)
{
    struct marshal_value value;
    struct reading reading;

    reading_init(&reading, SIZED("N[\0\0\0\0"));
    ck_assert_int_eq(marshal_read(&reading.reader, &value), 0);
    ck_assert_int_eq(marshal_read(&reading.reader, &value), 0);
    ck_assert_int_eq(marshal_mismatch(&reading.reader, &value, "a name"), -1);
    ck_assert_str_eq(reading.error.reason, "a list where a name should be");
    ck_assert_int_eq(reading.error.offset, 1);
    reading_release(&reading);
}
END_TEST

#define COUNT(table) (int)(sizeof(table) / sizeof *(table))

int main(void)
{
    Suite *suite = suite_create("marshal_reader");
    TCase *tests = tcase_create("marshal_reader");
    tcase_add_loop_test(tests, reads_integers, 0, COUNT(integers));
    tcase_add_loop_test(tests, reads_reals, 0, COUNT(reals));
    tcase_add_loop_test(tests, reads_text, 0, COUNT(texts));
    tcase_add_loop_test(tests, skips_values_of_every_kind, 0, COUNT(skipped));
    tcase_add_loop_test(tests, refuses, 0, COUNT(refused));
    tcase_add_test(tests, refuses_deep_nesting);
    tcase_add_test(tests, follows_references);
    tcase_add_test(tests, bytes_named_again_are_converted_once);
    tcase_add_test(tests, constants_have_no_number);
    tcase_add_test(tests, what_references_repeat_is_bounded);
    tcase_add_test(tests, says_what_was_found);
    suite_add_tcase(suite, tests);
    return test_main(suite);
}
