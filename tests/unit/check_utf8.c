#include "utf8.h"

#include <string.h>

#include "support.h"

START_TEST(what_is_encoded_is_decoded)
{
    static const uint32_t codes[] = {0,      'a',    0x7F,   0x80,   0x7FF,   0x800,
                                     0xD7FF, 0xD800, 0xDFFF, 0xFFFF, 0x10000, 0x10FFFF};
    static const size_t sizes[] = {1, 1, 1, 2, 2, 3, 3, 3, 3, 3, 4, 4};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        char bytes[4];
        uint32_t code;
        ck_assert_uint_eq(utf8_encode(codes[i], bytes), sizes[i]);
        ck_assert_uint_eq(utf8_decode(bytes, sizes[i], &code), sizes[i]);
        ck_assert_uint_eq(code, codes[i]);
        ck_assert_int_eq(utf8_is_valid(bytes, sizes[i]), !utf8_is_surrogate(codes[i]));
    }
}
END_TEST

START_TEST(what_is_malformed_counts_byte_by_byte)
{
    static const char *const malformed[] = {
        "\x80",     "\xC1\xBF", "\xE0\x9F\xBF", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xC3",
        "\xE2\x82", "\xC3(",    "\xFF"};
    for (size_t i = 0; i < sizeof malformed / sizeof *malformed; i++) {
        uint32_t code;
        ck_assert_uint_eq(utf8_decode(malformed[i], strlen(malformed[i]), &code), 1);
        ck_assert_uint_eq(code, UTF8_REPLACEMENT);
        ck_assert(!utf8_is_valid(malformed[i], strlen(malformed[i])));
    }
    ck_assert(utf8_is_valid("\xEF\xBF\xBD", 3));
}
END_TEST

START_TEST(a_cut_falls_between_characters)
{
    ck_assert_int_eq(utf8_fitting("abc", 3), 3);
    ck_assert_int_eq(utf8_fitting("abcd", 3), 3);
    ck_assert_int_eq(utf8_fitting("a\xC3\xA9z", 2), 1);
    ck_assert_int_eq(utf8_fitting("a\xC3\xA9z", 3), 3);
    ck_assert_int_eq(utf8_fitting("\xF0\x9F\x98\x80", 3), 0);
    ck_assert_int_eq(utf8_fitting("\x80\x80\x80\x80\x80\x80", 4), 4);
}
END_TEST

START_TEST(control_characters)
{
    static const uint32_t controls[] = {0, '\n', 0x1B, 0x1F, 0x7F, 0x9B, 0x9F, 0x200E, 0x2028, 0x202E, 0x2066, 0x2069,
                                        0xFFFE, 0xFFFF};
    static const uint32_t others[] = {' ', '~', 0xA0, 0xE9, 0x200D, 0x2010, 0x206A, 0xFFFD, 0x1F600};
    for (size_t i = 0; i < sizeof controls / sizeof *controls; i++)
        ck_assert_msg(utf8_is_control(controls[i]), "U+%04X", controls[i]);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        ck_assert_msg(!utf8_is_control(others[i]), "U+%04X", others[i]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("utf8");
    TCase *tcase = tcase_create("utf8");
    tcase_add_test(tcase, what_is_encoded_is_decoded);
    tcase_add_test(tcase, what_is_malformed_counts_byte_by_byte);
    tcase_add_test(tcase, a_cut_falls_between_characters);
    tcase_add_test(tcase, control_characters);
    suite_add_tcase(suite, tcase);
    return test_main(suite);
}
