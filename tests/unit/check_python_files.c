/* The profiles that each CPython wrote (tests/data), against what that CPython says is in them. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dump.h"
#include "statfile.h"
#include "support.h"

static void read_text(const char *path, struct buffer *text)
{
    FILE *file = fopen(path, "rb");
    int byte;

    ck_assert_msg(file != NULL, "%s", path);
    while ((byte = getc(file)) != EOF)
        buffer_append_byte(text, (unsigned char)byte);
    buffer_append_byte(text, '\0');
    fclose(file);
}

/* Read as it is, and once more after it was written anew. */
static void compare_file(const char *folder, const char *name)
{
    struct buffer expected, text, copy;
    struct profile profile;
    struct error error = {0};
    char path[4096];

    buffer_init(&expected, &allocator_libc);
    buffer_init(&text, &allocator_libc);
    buffer_init(&copy, &allocator_libc);
    profile_init(&profile, &allocator_libc);
    snprintf(path, sizeof path, "%s/%s.txt", folder, name);
    read_text(path, &expected);
    snprintf(path, sizeof path, "%s/%s.stat", folder, name);
    ck_assert_msg(statfile_read(&profile, path, STATFILE_ALL, &error) == 0, "%s: %s (byte %d)", path, error.reason,
                  (int)error.offset);
    dump_profile(&profile, &text);
    buffer_append_byte(&text, '\0');
    ck_assert_msg(strcmp((char *)text.data, (char *)expected.data) == 0, "%s:\n%s", path, (char *)text.data);
    ck_assert_int_eq(statfile_encode(&profile, &copy, &error), 0);
    profile_release(&profile);
    profile_init(&profile, &allocator_libc);
    ck_assert_int_eq(statfile_decode(&profile, copy.data, copy.size, STATFILE_ALL, &error), 0);
    buffer_clear(&text);
    dump_profile(&profile, &text);
    buffer_append_byte(&text, '\0');
    ck_assert_str_eq((char *)text.data, (char *)expected.data);
    profile_release(&profile);
    buffer_release(&copy);
    buffer_release(&text);
    buffer_release(&expected);
}

static int read_once(const struct allocator *allocator, void *context)
{
    struct profile profile;
    struct error error = {0};
    int status;

    profile_init(&profile, allocator);
    status = statfile_read(&profile, context, STATFILE_ALL, &error);
    ck_assert(status == 0 || error.code == ERROR_MEMORY);
    profile_release(&profile);
    return status;
}

static const char *const versions[] = {"2.7", "3.6", "3.7", "3.8", "3.9", "3.10", "3.11", "3.12", "3.13"};

START_TEST(reads_what_python_wrote)
{
    const char *data = getenv("PROFSTAT_TEST_DATA");
    const struct dirent *entry;
    char folder[2048];
    int count = 0;
    DIR *listing;

    ck_assert_ptr_nonnull(data);
    snprintf(folder, sizeof folder, "%s/%s", data, versions[_i]);
    listing = opendir(folder);
    ck_assert_msg(listing != NULL, "%s", folder);
    while ((entry = readdir(listing))) {
        size_t size = strlen(entry->d_name);
        char name[256];

        if (size < 5 || strcmp(entry->d_name + size - 5, ".stat") != 0)
            continue;
        snprintf(name, sizeof name, "%.*s", (int)(size - 5), entry->d_name);
        compare_file(folder, name);
        count++;
    }
    closedir(listing);
    ck_assert_int_eq(count, _i == 0 ? 7 : 8);
}
END_TEST

/* What only files of Python have: strings of Python 2, bytes that are not UTF-8, code objects. */
START_TEST(survives_each_failed_allocation)
{
    static const char *const files[] = {"2.7/calls", "2.7/not-utf8", "2.7/old-profile", "3.9/old-profile",
                                        "3.13/calls"};
    char path[4096];

    snprintf(path, sizeof path, "%s/%s.stat", getenv("PROFSTAT_TEST_DATA"), files[_i]);
    test_fail_each_allocation(read_once, path);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("python_files");
    TCase *tests = tcase_create("python_files");
    tcase_add_loop_test(tests, reads_what_python_wrote, 0, sizeof versions / sizeof *versions);
    tcase_add_loop_test(tests, survives_each_failed_allocation, 0, 5);
    suite_add_tcase(suite, tests);
    return test_main(suite);
}
