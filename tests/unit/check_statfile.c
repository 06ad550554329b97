#include "statfile.h"

#include <string.h>

#include "dump.h"
#include "profiles.h"
#include "support.h"

static void encode(const struct profile *profile, struct buffer *out)
{
    struct error error;

    buffer_init(out, &allocator_libc);
    ck_assert_int_eq(statfile_encode(profile, out, &error), 0);
}

static void decode(struct profile *profile, const void *data, size_t size)
{
    struct error error;

    profile_init(profile, &allocator_libc);
    ck_assert_msg(statfile_decode(profile, data, size, STATFILE_ALL, &error) == 0, "%s (byte %d)", error.reason,
                  (int)error.offset);
}

static void assert_same_bytes(const struct buffer *a, const struct buffer *b)
{
    ck_assert_uint_eq(a->size, b->size);
    ck_assert_mem_eq(a->data, b->data, a->size);
}

static void assert_same_profile(const struct profile *a, const struct profile *b)
{
    struct buffer text_a, text_b;

    buffer_init(&text_a, &allocator_libc);
    buffer_init(&text_b, &allocator_libc);
    dump_profile(a, &text_a);
    dump_profile(b, &text_b);
    buffer_append_byte(&text_a, '\0');
    buffer_append_byte(&text_b, '\0');
    ck_assert_str_eq((char *)text_a.data, (char *)text_b.data);
    buffer_release(&text_a);
    buffer_release(&text_b);
}

START_TEST(a_profile_comes_back)
{
    struct profile profile, copy;
    struct buffer first, second;

    profile_init(&profile, &allocator_libc);
    ck_assert_int_eq(profiles_fill(&profile), 0);
    encode(&profile, &first);
    decode(&copy, first.data, first.size);
    assert_same_profile(&profile, &copy);
    encode(&copy, &second);
    assert_same_bytes(&first, &second);
    profile_release(&profile);
    profile_release(&copy);
    buffer_release(&first);
    buffer_release(&second);
}
END_TEST

/* Other strings in the pool, functions that nobody names, other room in the arrays: none of it shows. */
START_TEST(equal_profiles_give_equal_bytes)
{
    struct profile profile, other;
    struct buffer first, second;

    profile_init(&profile, &allocator_libc);
    ck_assert_int_eq(profiles_fill(&profile), 0);
    profile_init(&other, &allocator_libc);
    ck_assert_int_eq(profile_set_text(&other, "clock", "?", 1), 0);
    profiles_function(&other, "unused", 1, "unused");
    profiles_function(&other, "/srv/only_in_paths.py", 6, "second");
    ck_assert_int_eq(profiles_fill(&other), 0);
    encode(&profile, &first);
    encode(&other, &second);
    assert_same_bytes(&first, &second);
    profile_release(&profile);
    profile_release(&other);
    buffer_release(&first);
    buffer_release(&second);
}
END_TEST

START_TEST(an_empty_profile_is_an_empty_dictionary)
{
    struct profile profile;
    struct buffer out;

    profile_init(&profile, &allocator_libc);
    encode(&profile, &out);
    ck_assert_uint_eq(out.size, 2);
    ck_assert_mem_eq(out.data, "{0", 2);
    profile_release(&profile);
    decode(&profile, out.data, out.size);
    ck_assert_uint_eq(profile.function_count, 0);
    profile_release(&profile);
    buffer_release(&out);
}
END_TEST

/* Pieces of files.  F, G and H are the functions f.py:1(f), f.py:2(g) and f.py:3(h). */
#define F ")\3z\4f.pyi\1\0\0\0z\1f"
#define G ")\3z\4f.pyi\2\0\0\0z\1g"
#define H ")\3z\4f.pyi\3\0\0\0z\1h"
#define I0 "i\0\0\0\0"
#define I1 "i\1\0\0\0"
#define I2 "i\2\0\0\0"
#define HALF "g\0\0\0\0\0\0\xe0\x3f"
#define ONE "g\0\0\0\0\0\0\xf0\x3f"
#define NUMBERS ")\5" I1 I2 HALF ONE
#define CALLER ")\4" I2 I1 HALF ONE

START_TEST(reads_what_stands_where)
{
    static const char bytes[] = "{" F NUMBERS "{" G CALLER "0" G NUMBERS "{" H I2 "00";
    const struct function *f, *g;
    struct profile profile;

    decode(&profile, bytes, sizeof bytes - 1);
    ck_assert_uint_eq(profile.function_count, 3);
    f = &profile.functions[0];
    g = &profile.functions[1];
    ck_assert_str_eq(f->label.file->bytes, "f.py");
    ck_assert_int_eq(f->label.line, 1);
    ck_assert_str_eq(f->label.name->bytes, "f");
    ck_assert_int_eq(f->primitive, 1);
    ck_assert_int_eq(f->ncalls, 2);
    ck_assert_double_eq(f->tottime, 0.5);
    ck_assert_double_eq(f->cumtime, 1.0);
    ck_assert_uint_eq(f->caller_count, 1);
    ck_assert_uint_eq(f->callers[0].function, 1);
    ck_assert_int_eq(f->callers[0].ncalls, 2);
    ck_assert_int_eq(f->callers[0].primitive, 1);
    ck_assert_double_eq(f->callers[0].tottime, 0.5);
    ck_assert_double_eq(f->callers[0].cumtime, 1.0);
    ck_assert(!f->callers[0].plain);
    ck_assert_str_eq(g->label.name->bytes, "g");
    ck_assert(g->listed);
    ck_assert(g->callers[0].plain);
    ck_assert_int_eq(g->callers[0].ncalls, 2);
    ck_assert_uint_eq(g->callers[0].function, 2);
    ck_assert(!profile.functions[2].listed);
    profile_release(&profile);
}
END_TEST

START_TEST(keeps_the_order_of_the_dictionary)
{
    static const char bytes[] = "{" H NUMBERS "{" G I1 F I1 "0" F NUMBERS "{0" G NUMBERS "{00";
    static const char *const names[] = {"h", "f", "g"};
    struct profile profile;

    decode(&profile, bytes, sizeof bytes - 1);
    for (uint32_t i = 0; i < 3; i++) {
        ck_assert_str_eq(profile.functions[i].label.name->bytes, names[i]);
        ck_assert_uint_eq(profiles_function(&profile, "f.py", profile.functions[i].label.line, names[i]), i);
    }
    ck_assert_uint_eq(profile.functions[0].callers[0].function, 2);
    ck_assert_uint_eq(profile.functions[0].callers[1].function, 1);
    profile_release(&profile);
}
END_TEST

/* As in a dictionary that is built key by key. */
START_TEST(of_equal_keys_the_last_counts)
{
    static const char bytes[] = "{" F NUMBERS "{" G CALLER H I1 G I1 "0" G NUMBERS "{0" F
                                ")\5" I0 I1 ONE HALF "{" H I1 H CALLER "00";
    struct profile profile;

    decode(&profile, bytes, sizeof bytes - 1);
    ck_assert_uint_eq(profile.function_count, 3);
    ck_assert_str_eq(profile.functions[0].label.name->bytes, "f");
    ck_assert_int_eq(profile.functions[0].ncalls, 1);
    ck_assert_double_eq(profile.functions[0].tottime, 1.0);
    ck_assert_uint_eq(profile.functions[0].caller_count, 1);
    ck_assert(!profile.functions[0].callers[0].plain);
    ck_assert_int_eq(profile.functions[0].callers[0].ncalls, 2);
    profile_release(&profile);
}
END_TEST

/* marshal.dump names any object again: here a key, numbers of a caller, a dictionary of callers and a whole entry. */
START_TEST(objects_may_be_shared)
{
    static const char bytes[] = "{\xa9\3z\4f.pyi\1\0\0\0z\1f"
                                "\xa9\5" I1 I2 HALF ONE "\xfb" G "\xa9\4" I2 I1 HALF ONE H "r\3\0\0\0" "0"
                                G ")\5" I1 I2 HALF ONE "r\2\0\0\0"
                                H "r\1\0\0\0"
                                "0";
    struct profile profile;

    decode(&profile, bytes, sizeof bytes - 1);
    ck_assert_uint_eq(profile.function_count, 3);
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(profile.functions[i].ncalls, 2);
        ck_assert_uint_eq(profile.functions[i].caller_count, 2);
        for (uint32_t j = 0; j < 2; j++) {
            ck_assert_uint_eq(profile.functions[i].callers[j].function, j + 1);
            ck_assert_int_eq(profile.functions[i].callers[j].ncalls, 2);
            ck_assert_double_eq(profile.functions[i].callers[j].cumtime, 1.0);
        }
    }
    profile_release(&profile);
}
END_TEST

START_TEST(numbers_of_other_kinds)
{
    static const char bytes[] = "{" F ")\5TI\0\0\0\0\1\0\0\0l\2\0\0\0\0\0\1\0T{" G ")\4" ONE ONE I2 I2 H ONE "00";
    const struct function *f;
    struct profile profile;

    decode(&profile, bytes, sizeof bytes - 1);
    f = &profile.functions[0];
    ck_assert_int_eq(f->primitive, 1);
    ck_assert_int_eq(f->ncalls, (int64_t)1 << 32);
    ck_assert_double_eq(f->tottime, 32768.0);
    ck_assert_double_eq(f->cumtime, 1.0);
    ck_assert_int_eq(f->callers[0].ncalls, 1);
    ck_assert_double_eq(f->callers[0].cumtime, 2.0);
    ck_assert(f->callers[1].plain);
    ck_assert_int_eq(f->callers[1].ncalls, 1);
    profile_release(&profile);
}
END_TEST

static void decode_parts(struct profile *profile, const struct buffer *file, unsigned parts)
{
    struct error error = {0};

    profile_init(profile, &allocator_libc);
    ck_assert_msg(statfile_decode(profile, file->data, file->size, parts, &error) == 0, "%s", error.reason);
    profiles_assert_numbers(profile, 0, 3, 0.5, 1.0);
    profiles_assert_label(profile, 0, "m.py", "f");
}

START_TEST(what_is_not_wanted_is_not_kept)
{
    struct profile profile;
    struct error error = {0};
    struct buffer file;

    profile_init(&profile, &allocator_libc);
    profiles_list(&profile, "m.py", 1, "f", 3, 0.5, 1.0);
    profiles_call(&profile, 0, profiles_function(&profile, "m.py", 2, "g"), 1, 0.25, 0.25);
    profiles_call(&profile, 0, profiles_function(&profile, "jprofile", 0, "profiler"), 2, 0.25, 0.75);
    ck_assert_int_eq(profile_set_integer(&profile, "pid", 7), 0);
    encode(&profile, &file);
    profile_release(&profile);

    decode_parts(&profile, &file, 0);
    ck_assert_uint_eq(profile.functions[0].caller_count, 1);
    profiles_assert_label(&profile, profile.functions[0].callers[0].function, "jprofile", "profiler");
    ck_assert_uint_eq(profile.fact_count, 0);
    profile_release(&profile);
    decode_parts(&profile, &file, STATFILE_EDGES);
    ck_assert_uint_eq(profile.functions[0].caller_count, 2);
    ck_assert_uint_eq(profile.fact_count, 0);
    profile_release(&profile);
    decode_parts(&profile, &file, STATFILE_RECORD);
    ck_assert_uint_eq(profile.functions[0].caller_count, 1);
    ck_assert_uint_eq(profile.fact_count, 1);
    profile_release(&profile);

    file.data[file.size - 1] ^= 1;
    profile_init(&profile, &allocator_libc);
    ck_assert_int_eq(statfile_decode(&profile, file.data, file.size, 0, &error), -1);
    ck_assert_str_eq(error.reason, "trailer: wrong checksum");
    profile_release(&profile);
    buffer_release(&file);
}
END_TEST

static int decode_filled(const struct allocator *allocator, void *context)
{
    const struct buffer *file = context;
    struct profile profile;
    struct error error;
    int status;

    profile_init(&profile, allocator);
    status = statfile_decode(&profile, file->data, file->size, STATFILE_ALL, &error);
    ck_assert(status == 0 || error.code == ERROR_MEMORY);
    profile_release(&profile);
    return status;
}

START_TEST(decoding_survives_each_failed_allocation)
{
    struct profile profile;
    struct buffer file;

    profile_init(&profile, &allocator_libc);
    ck_assert_int_eq(profiles_fill(&profile), 0);
    encode(&profile, &file);
    test_fail_each_allocation(decode_filled, &file);
    buffer_release(&file);
    profile_release(&profile);
}
END_TEST

static int encode_filled(const struct allocator *allocator, void *context)
{
    struct error error = {0};
    struct buffer out;
    struct profile view = *(const struct profile *)context;
    int status;

    view.allocator = allocator;
    buffer_init(&out, allocator);
    status = statfile_encode(&view, &out, &error);
    ck_assert(status == 0 || error.code == ERROR_MEMORY);
    buffer_release(&out);
    return status;
}

START_TEST(encoding_survives_each_failed_allocation)
{
    struct profile profile;

    profile_init(&profile, &allocator_libc);
    ck_assert_int_eq(profiles_fill(&profile), 0);
    test_fail_each_allocation(encode_filled, &profile);
    profile_release(&profile);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("statfile");
    TCase *tests = tcase_create("statfile");
    tcase_add_test(tests, a_profile_comes_back);
    tcase_add_test(tests, equal_profiles_give_equal_bytes);
    tcase_add_test(tests, an_empty_profile_is_an_empty_dictionary);
    tcase_add_test(tests, reads_what_stands_where);
    tcase_add_test(tests, keeps_the_order_of_the_dictionary);
    tcase_add_test(tests, of_equal_keys_the_last_counts);
    tcase_add_test(tests, objects_may_be_shared);
    tcase_add_test(tests, numbers_of_other_kinds);
    tcase_add_test(tests, what_is_not_wanted_is_not_kept);
    tcase_add_test(tests, decoding_survives_each_failed_allocation);
    tcase_add_test(tests, encoding_survives_each_failed_allocation);
    suite_add_tcase(suite, tests);
    return test_main(suite);
}
