#include <stdio.h>
#include <string.h>
#include <zlib.h>

#include "compression.h"
#include "profiles.h"
#include "statfile.h"
#include "support.h"

#define SIZED(literal) literal, sizeof(literal) - 1
/* The dictionary of a profile of one function, a.py:1(f), and where the trailer begins behind it. */
#define DICTIONARY                                                                                                     \
    "{)\3z\4a.pyi\1\0\0\0z\1f)\5i\1\0\0\0i\1\0\0\0g\0\0\0\0\0\0\0\0g\0\0\0\0\0\0\0\0{00"
enum { START = sizeof DICTIONARY - 1 };

static void append_trailer(struct buffer *file, uint32_t version, const void *data, size_t size)
{
    struct buffer packed;

    buffer_init(&packed, &allocator_libc);
    compression_deflate(&packed, data, size);
    buffer_append_string(file, STATFILE_MAGIC);
    buffer_append_u32le(file, version);
    buffer_append_u64le(file, packed.size);
    buffer_append_u32le(file, (uint32_t)crc32_z(0, packed.data, packed.size));
    buffer_append(file, packed.data, packed.size);
    buffer_release(&packed);
}

static int decode(struct profile *profile, const struct buffer *file, struct error *error)
{
    profile_init(profile, &allocator_libc);
    memset(error, 0, sizeof *error);
    return statfile_decode(profile, file->data, file->size, STATFILE_ALL, error);
}

static int decode_trailer(struct profile *profile, const void *data, size_t size, struct error *error)
{
    struct buffer file;
    int status;

    buffer_init(&file, &allocator_libc);
    buffer_append(&file, SIZED(DICTIONARY));
    append_trailer(&file, STATFILE_TRAILER_VERSION, data, size);
    status = decode(profile, &file, error);
    buffer_release(&file);
    return status;
}

START_TEST(the_whole_record_comes_back)
{
    struct profile profile, copy;
    const struct path_tree *tree, *read;
    struct error error;
    struct buffer file;

    profile_init(&profile, &allocator_libc);
    ck_assert_int_eq(profiles_fill(&profile), 0);
    buffer_init(&file, &allocator_libc);
    ck_assert_int_eq(statfile_encode(&profile, &file, &error), 0);
    ck_assert_int_eq(decode(&copy, &file, &error), 0);
    ck_assert_uint_eq(copy.tree_count, 2);
    ck_assert_uint_eq(copy.trees[1].count, 0);
    ck_assert_uint_eq(copy.trees[1].column_count, 2);
    tree = &profile.trees[0];
    read = &copy.trees[0];
    ck_assert_uint_eq(read->count, tree->count);
    for (uint32_t node = 0; node < tree->count; node++) {
        const struct label *a = &profile.functions[tree->function[node]].label;
        const struct label *b = &copy.functions[read->function[node]].label;

        ck_assert_uint_eq(read->parent[node], tree->parent[node]);
        ck_assert_str_eq(a->name->bytes, b->name->bytes);
        ck_assert_str_eq(a->file->bytes, b->file->bytes);
        ck_assert_int_eq(a->line, b->line);
        for (size_t i = 0; i < 2; i++)
            ck_assert_int_eq(read->columns[i].values[node], tree->columns[i].values[node]);
    }
    ck_assert_str_eq(read->columns[1].name->bytes, "self");
    ck_assert_str_eq(read->columns[1].unit->bytes, "ns");
    ck_assert_uint_eq(copy.fact_count, 4);
    ck_assert_int_eq(profile_fact(&copy, "process")->integer, 4000000000);
    ck_assert_double_eq(profile_fact(&copy, "wall")->real, 2.5);
    ck_assert_uint_eq(profile_fact(&copy, "command")->text->size, 10);
    ck_assert_mem_eq(profile_fact(&copy, "command")->text->bytes, "m\xc3\xbcll \0.py", 10);
    profile_release(&copy);
    profile_release(&profile);
    buffer_release(&file);
}
END_TEST

START_TEST(other_bytes_behind_the_dictionary_are_ignored)
{
    static const struct {
        const char *bytes;
        size_t size;
    } others[] = {
        {SIZED("x")}, {SIZED("\nprofsT\n")}, {SIZED("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0")},
        {SIZED("\nprofst\n\2\0\0\0")}, {SIZED("\nprofst\n\0\0\0\0")}, {SIZED("{0")}};
    struct profile profile;
    struct error error;
    struct buffer file;

    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        buffer_init(&file, &allocator_libc);
        buffer_append(&file, SIZED(DICTIONARY));
        buffer_append(&file, others[i].bytes, others[i].size);
        ck_assert_int_eq(decode(&profile, &file, &error), 0);
        ck_assert_uint_eq(profile.function_count, 1);
        ck_assert_uint_eq(profile.tree_count + profile.fact_count, 0);
        profile_release(&profile);
        buffer_release(&file);
    }
}
END_TEST

START_TEST(a_later_version_is_ignored)
{
    struct profile profile;
    struct error error;
    struct buffer file;

    buffer_init(&file, &allocator_libc);
    buffer_append(&file, SIZED(DICTIONARY));
    append_trailer(&file, STATFILE_TRAILER_VERSION + 1, "?", 1);
    ck_assert_int_eq(decode(&profile, &file, &error), 0);
    profile_release(&profile);
    buffer_release(&file);
}
END_TEST

START_TEST(damage_is_told)
{
    struct profile profile;
    struct error error;
    struct buffer file;

    buffer_init(&file, &allocator_libc);
    buffer_append(&file, SIZED(DICTIONARY));
    append_trailer(&file, STATFILE_TRAILER_VERSION, SIZED("{0"));
    for (size_t at = START + 12; at < file.size; at++) {
        file.data[at] ^= 0x10;
        ck_assert_int_eq(decode(&profile, &file, &error), -1);
        if (at < START + 20)
            ck_assert_str_eq(error.reason, "the file is cut off here");
        else
            ck_assert_str_eq(error.reason, "trailer: wrong checksum");
        ck_assert_int_eq(error.offset, at < START + 20 ? file.size : START);
        profile_release(&profile);
        file.data[at] ^= 0x10;
    }
    buffer_append_string(&file, "more");
    ck_assert_int_eq(decode(&profile, &file, &error), 0);
    profile_release(&profile);
    buffer_release(&file);
}
END_TEST

START_TEST(what_is_not_zlib_is_damaged)
{
    struct profile profile;
    struct error error;
    struct buffer file;

    buffer_init(&file, &allocator_libc);
    buffer_append(&file, SIZED(DICTIONARY STATFILE_MAGIC "\1\0\0\0" "\4\0\0\0\0\0\0\0"));
    buffer_append_u32le(&file, (uint32_t)crc32_z(0, (const unsigned char *)"oops", 4));
    buffer_append_string(&file, "oops");
    ck_assert_int_eq(decode(&profile, &file, &error), -1);
    ck_assert_str_eq(error.reason, "trailer: damaged compressed data");
    ck_assert_int_eq(error.offset, START);
    profile_release(&profile);
    buffer_release(&file);
}
END_TEST

#define TREE(count, parent, function, columns)                                                                         \
    "{z\6labels[\1\0\0\0)\3z\3newi\5\0\0\0z\3funz\5trees[\1\0\0\0{"                                                    \
    "z\5counti" count "\0\0\0z\6parents" parent "z\10functions" function "z\7columns[" columns "00"
#define COLUMN(bytes) ")\3z\1cz\1us" bytes
#define TWO "\2\0\0\0"
#define ONE_COLUMN "\1\0\0\0"

/* What a later writer adds: keys, kinds of facts and columns. */
START_TEST(what_is_unknown_is_skipped_or_kept)
{
    static const char data[] = "{z\5later{z\1a[\1\0\0\0N0z\5facts{z\1ag\0\0\0\0\0\0\xe0\x3fz\1b)\1Nz\1cNz\1dTz\1ei"
                                "\7\0\0\0000" "z\5trees[\1\0\0\0{z\4more(\0\0\0\0z\5counti\2\0\0\0z\10functions"
                                TWO "\0\0z\6parents" TWO "\0\1z\7columns[\2\0\0\0"
                                ")\3z\5bytesz\2kBs" TWO "\5\6)\3z\5bytesz\0s" TWO "\0\1" "00";
    const struct path_tree *tree;
    struct profile profile;
    struct error error;

    ck_assert_msg(decode_trailer(&profile, SIZED(data), &error) == 0, "%s", error.reason);
    ck_assert_uint_eq(profile.fact_count, 3);
    ck_assert_double_eq(profile_fact(&profile, "a")->real, 0.5);
    ck_assert_int_eq(profile_fact(&profile, "d")->integer, 1);
    ck_assert_int_eq(profile_fact(&profile, "e")->integer, 7);
    tree = &profile.trees[0];
    ck_assert_uint_eq(tree->count, 2);
    ck_assert_uint_eq(tree->column_count, 2);
    ck_assert_uint_eq(tree->parent[0], PROFILE_NO_PARENT);
    ck_assert_uint_eq(tree->parent[1], 0);
    ck_assert_str_eq(tree->columns[0].unit->bytes, "kB");
    ck_assert_int_eq(tree->columns[0].values[0], -3);
    ck_assert_int_eq(tree->columns[0].values[1], 3);
    ck_assert_str_eq(tree->columns[1].unit->bytes, "");
    ck_assert_int_eq(tree->columns[1].values[1], -1);
    profile_release(&profile);
}
END_TEST

static const struct {
    const char *data;
    size_t size;
    const char *reason; /* NULL: accepted */
} trees[] = {
    {SIZED(TREE("\2", TWO "\0\1", TWO "\0\1", ONE_COLUMN COLUMN(TWO "\0\1"))), NULL},
    {SIZED(TREE("\2", TWO "\0\0", TWO "\0\1", ONE_COLUMN COLUMN(TWO "\0\1"))), NULL},
    {SIZED(TREE("\0", "\0\0\0\0", "\0\0\0\0", ONE_COLUMN COLUMN("\0\0\0\0"))), NULL},
    {SIZED(TREE("\2", TWO "\0\2", TWO "\0\1", "\0\0\0\0")), "a call path without a parent before it"},
    {SIZED(TREE("\2", TWO "\1\1", TWO "\0\1", "\0\0\0\0")), "a call path without a parent before it"},
    {SIZED(TREE("\2", TWO "\0\1", TWO "\0\2", "\0\0\0\0")), "a call path of an unknown function"},
    {SIZED(TREE("\3", TWO "\0\1", TWO "\0\1", "\0\0\0\0")), "fewer call paths than the call tree says"},
    {SIZED(TREE("\xff", TWO "\0\1", TWO "\0\1", "\0\0\0\0")), "fewer call paths than the call tree says"},
    {SIZED(TREE("\1", TWO "\0\1", TWO "\0\1", "\0\0\0\0")), "more parents than call paths"},
    {SIZED(TREE("\1", "\1\0\0\0\0", TWO "\0\1", "\0\0\0\0")), "more functions than call paths"},
    {SIZED(TREE("\2", TWO "\0\x80", TWO "\0\1", "\0\0\0\0")), "a call path without a parent before it"},
    {SIZED(TREE("\2", TWO "\0\1", TWO "\0\1", ONE_COLUMN COLUMN("\1\0\0\0\0"))),
     "fewer call paths than the call tree says"},
    {SIZED(TREE("\2", TWO "\0\1", TWO "\0\1", ONE_COLUMN COLUMN(TWO "\0\xff"))),
     "a column that is shorter than its call tree"},
    {SIZED(TREE("\2", TWO "\0\1", TWO "\0\1", ONE_COLUMN COLUMN("\3\0\0\0\0\0\0"))),
     "a column that is longer than its call tree"},
    {SIZED(TREE("\1", "\1\0\0\0\0", "\1\0\0\0\0",
                ONE_COLUMN COLUMN("\12\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\2"))),
     "a column that is shorter than its call tree"},
    {SIZED(TREE("\1", "\1\0\0\0\0", "\1\0\0\0\0",
                ONE_COLUMN COLUMN("\12\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\1"))),
     NULL},
    {SIZED(TREE("\1", "\1\0\0\0\0", "\1\0\0\0\0", ONE_COLUMN "N")),
     "None where a column (name, unit, values) should be"},
    {SIZED(TREE("\1", "\1\0\0\0\0", "\1\0\0\0\0", ONE_COLUMN ")\2z\1az\1b")),
     "a column that is not (name, unit, values)"},
    {SIZED("{z\5trees[\1\0\0\0{00"), NULL},
    {SIZED("{z\5trees[\1\0\0\0{z\5counti\xff\xff\xff\xff" "00"), "fewer call paths than the call tree says"},
    {SIZED("{z\5trees[\1\0\0\0{z\5countz\1x00"), "text where a number of call paths should be"},
    {SIZED("{z\5trees[\1\0\0\0{z\6parentz\1x00"), "text where a column of bytes should be"},
    {SIZED("{z\5trees[\1\0\0\0N0"), "None where a dictionary should be"},
    {SIZED("{z\5trees{0"), "a dictionary where a list should be"},
    {SIZED("{z\5trees[\xff\xff\xff\x7f"), "the file is cut off here"},
    {SIZED("{z\6labels[\1\0\0\0N0"), "None where a function (file, line, name) should be"},
    {SIZED("{z\5factsN0"), "None where a dictionary of facts should be"},
    {SIZED("{z\5facts{i\1\0\0\0N00"), "an integer where the name of a fact should be"},
    {SIZED("{z\5facts{z\2a\0N00"), "a NUL in the name of a fact"},
    {SIZED("{i\0\0\0\0N0"), "an integer where a key should be"},
    {SIZED("[\0\0\0\0"), "a list where a dictionary should be"},
    {SIZED("{z\1x"), "the file is cut off here"},
    {SIZED(""), "the file is cut off here"},
};

START_TEST(trees_are_checked)
{
    struct profile profile;
    struct error error;
    int status = decode_trailer(&profile, trees[_i].data, trees[_i].size, &error);

    if (trees[_i].reason) {
        ck_assert_int_eq(status, -1);
        ck_assert_int_eq(memcmp(error.reason, "trailer: ", 9), 0);
        ck_assert_str_eq(error.reason + 9, trees[_i].reason);
        ck_assert_int_eq(error.offset, START);
    } else {
        ck_assert_msg(status == 0, "%s", error.reason);
        ck_assert_uint_eq(profile.tree_count, 1);
    }
    profile_release(&profile);
}
END_TEST

START_TEST(too_many_facts_are_refused)
{
    struct profile profile;
    struct error error;
    struct buffer data;

    buffer_init(&data, &allocator_libc);
    buffer_append_string(&data, "{z\5facts{");
    for (unsigned i = 0; i < 1001; i++)
        buffer_append_format(&data, "z%c%04uT", 4, i);
    buffer_append_string(&data, "00");
    ck_assert_int_eq(decode_trailer(&profile, data.data, data.size, &error), -1);
    ck_assert_str_eq(error.reason, "trailer: too many facts");
    ck_assert_uint_eq(profile.fact_count, 1000);
    profile_release(&profile);
    buffer_release(&data);
}
END_TEST

START_TEST(too_many_trees_are_refused)
{
    struct profile profile;
    struct error error;
    struct buffer data;

    buffer_init(&data, &allocator_libc);
    buffer_append_string(&data, "{z\5trees[");
    buffer_append_u32le(&data, 100001);
    for (int i = 0; i < 100001; i++)
        buffer_append_string(&data, "{0");
    buffer_append_string(&data, "0");
    ck_assert_int_eq(decode_trailer(&profile, data.data, data.size, &error), -1);
    ck_assert_str_eq(error.reason, "trailer: too many call trees");
    profile_release(&profile);
    buffer_release(&data);
}
END_TEST

/* A column of many nodes, named by many columns. */
START_TEST(columns_repeated_by_reference_are_bounded)
{
    enum { NODES = 30000, COLUMNS = 3000 };
    struct profile profile;
    struct error error;
    struct buffer data;

    buffer_init(&data, &allocator_libc);
    buffer_append(&data, SIZED("{z\5trees[\1\0\0\0{z\5counti"));
    buffer_append_u32le(&data, NODES);
    buffer_append(&data, SIZED("z\6parent\xf3"));
    buffer_append_u32le(&data, NODES);
    memset(buffer_extend(&data, NODES), 0, NODES);
    buffer_append(&data, SIZED("z\10functionr\0\0\0\0z\7columns["));
    buffer_append_u32le(&data, COLUMNS);
    for (int i = 0; i < COLUMNS; i++)
        buffer_append(&data, SIZED(")\3z\0z\0r\0\0\0\0"));
    buffer_append(&data, SIZED("00"));
    ck_assert_int_eq(decode_trailer(&profile, data.data, data.size, &error), -1);
    ck_assert_str_eq(error.reason, "trailer: too much is repeated by reference");
    profile_release(&profile);
    buffer_release(&data);
}
END_TEST

/* Columns of no bytes take memory all the same. */
START_TEST(empty_columns_are_bounded)
{
    enum { COLUMNS = 1000000 };
    struct profile profile;
    struct error error;
    struct buffer data;

    buffer_init(&data, &allocator_libc);
    buffer_append(&data, SIZED("{z\5trees[\1\0\0\0{z\5counti\0\0\0\0z\6parent\xf3\0\0\0\0z\10functionr\0\0\0\0"
                               "z\7columns["));
    buffer_append_u32le(&data, COLUMNS);
    buffer_append(&data, SIZED("\xa9\3z\0z\0r\0\0\0\0"));
    for (int i = 1; i < COLUMNS; i++)
        buffer_append(&data, SIZED("r\1\0\0\0"));
    buffer_append(&data, SIZED("000"));
    ck_assert_int_eq(decode_trailer(&profile, data.data, data.size, &error), -1);
    ck_assert_str_eq(error.reason, "trailer: more call trees and columns than such a file may hold");
    profile_release(&profile);
    buffer_release(&data);
}
END_TEST

/* Measured by the file, of which the data is many times the size. */
START_TEST(text_of_labels_is_bounded)
{
    enum { LABELS = 5000, SIZE = 100000 };
    struct profile profile;
    struct error error;
    struct buffer data;

    buffer_init(&data, &allocator_libc);
    buffer_append(&data, SIZED("{z\6labels["));
    buffer_append_u32le(&data, LABELS);
    for (uint32_t i = 0; i < LABELS; i++) {
        buffer_append(&data, SIZED(")\3"));
        if (i == 0) {
            buffer_append_byte(&data, 'a' | 0x80);
            buffer_append_u32le(&data, SIZE);
            memset(buffer_extend(&data, SIZE), 'x', SIZE);
        } else {
            buffer_append(&data, SIZED("r\0\0\0\0"));
        }
        buffer_append_byte(&data, 'i');
        buffer_append_u32le(&data, i);
        buffer_append(&data, SIZED("z\1f"));
    }
    buffer_append_byte(&data, '0');
    ck_assert_int_eq(decode_trailer(&profile, data.data, data.size, &error), -1);
    ck_assert_str_eq(error.reason, "trailer: more text in the names of functions than such a file may repeat");
    ck_assert_uint_lt(profile.function_count, 100);
    profile_release(&profile);
    buffer_release(&data);
}
END_TEST

START_TEST(too_many_facts_are_not_written)
{
    struct profile profile;
    struct error error;
    struct buffer file;
    char name[16];

    profile_init(&profile, &allocator_libc);
    buffer_init(&file, &allocator_libc);
    for (int i = 0; i < 1001; i++) {
        snprintf(name, sizeof name, "%d", i);
        ck_assert_int_eq(profile_set_integer(&profile, name, i), 0);
    }
    ck_assert_int_eq(statfile_encode(&profile, &file, &error), -1);
    ck_assert_int_eq(error.code, ERROR_ARGUMENT);
    buffer_release(&file);
    profile_release(&profile);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("statfile_trailer");
    TCase *tests = tcase_create("statfile_trailer");
    tcase_add_test(tests, the_whole_record_comes_back);
    tcase_add_test(tests, other_bytes_behind_the_dictionary_are_ignored);
    tcase_add_test(tests, a_later_version_is_ignored);
    tcase_add_test(tests, damage_is_told);
    tcase_add_test(tests, what_is_not_zlib_is_damaged);
    tcase_add_test(tests, what_is_unknown_is_skipped_or_kept);
    tcase_add_loop_test(tests, trees_are_checked, 0, sizeof trees / sizeof *trees);
    tcase_add_test(tests, too_many_facts_are_refused);
    tcase_add_test(tests, too_many_trees_are_refused);
    tcase_add_test(tests, columns_repeated_by_reference_are_bounded);
    tcase_add_test(tests, empty_columns_are_bounded);
    tcase_add_test(tests, text_of_labels_is_bounded);
    tcase_add_test(tests, too_many_facts_are_not_written);
    suite_add_tcase(suite, tests);
    return test_main(suite);
}
