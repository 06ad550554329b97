/* Reading the files of a report, in a folder that each test gets anew. */
#include "load.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "profiles.h"
#include "statfile.h"
#include "support.h"

static char folder[] = "/tmp/check-load-XXXXXX";
static const char *const files[] = {"a.stat", "b.stat", "c.stat", ".hidden.stat", "d.prof", ".stat", "bad.stat"};

static void write_profile(const char *path, const char *function, int64_t ncalls)
{
    struct profile profile;
    profile_init(&profile, &allocator_libc);
    profiles_list(&profile, "m.py", 1, function, ncalls, 0.5, 0.5);
    ck_assert_int_eq(statfile_write(&profile, path, NULL), 0);
    profile_release(&profile);
}

static void set_modified(const char *path, time_t seconds, long nanoseconds)
{
    struct timespec times[2] = {{seconds, nanoseconds}, {seconds, nanoseconds}};
    ck_assert_int_eq(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void enter_folder(void)
{
    strcpy(folder + sizeof folder - 7, "XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(chdir(folder), 0);
    write_profile("a.stat", "f", 1);
    write_profile("b.stat", "g", 20);
    write_profile("c.stat", "h", 300);
}

static void leave_folder(void)
{
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        unlink(files[i]);
    rmdir("folder.stat");
    ck_assert_int_eq(chdir("/"), 0);
    ck_assert_int_eq(rmdir(folder), 0);
}

static const struct selection everything = {.parts = STATFILE_ALL};

START_TEST(files_are_added_as_pstats_adds_them)
{
    struct load load;
    const char *culprit;
    set_modified("b.stat", 1000, 0);
    ck_assert_int_eq(load_init(&load, files, 3, everything, &allocator_libc, &culprit, NULL), 0);
    ck_assert_uint_eq(load.count, 3);
    ck_assert_str_eq(load.sources[0].path, "a.stat");
    ck_assert_str_eq(load.sources[1].path, "c.stat");
    ck_assert_str_eq(load.sources[2].path, "b.stat");
    ck_assert(load.sources[2].dated);
    ck_assert_int_eq(load.sources[2].modified, 1000);
    ck_assert_int_eq(load.total.ncalls, 321);
    ck_assert_double_eq(load.total.tottime, 1.5);
    ck_assert_str_eq(load.sum.functions[1].label.name->bytes, "h");
    load_release(&load);
}
END_TEST

START_TEST(one_file_is_its_own_sum)
{
    struct load load;
    const char *culprit;
    ck_assert_int_eq(load_init(&load, files, 1, everything, &allocator_libc, &culprit, NULL), 0);
    ck_assert_uint_eq(load.sum.function_count, 1);
    profiles_assert_numbers(&load.sum, 0, 1, 0.5, 0.5);
    load_release(&load);
}
END_TEST

/* pstats reads the time as a float. */
START_TEST(a_time_is_rounded_as_a_float_is)
{
    static const struct {
        time_t seconds;
        long nanoseconds;
        int64_t shown;
    } times[] = {{1700000000, 0, 1700000000},
                 {1700000000, 999999000, 1700000000},
                 {1700000000, 999999999, 1700000001},
                 {-2, 500000000, -2}};
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        struct load load;
        const char *culprit;
        set_modified("a.stat", times[i].seconds, times[i].nanoseconds);
        ck_assert_int_eq(load_init(&load, files, 1, everything, &allocator_libc, &culprit, NULL), 0);
        ck_assert_int_eq(load.sources[0].modified, times[i].shown);
        load_release(&load);
    }
}
END_TEST

START_TEST(the_bad_file_is_named)
{
    struct load load;
    struct error error = {0};
    const char *culprit;
    const char *const paths[] = {"a.stat", "bad.stat", "missing.stat"};
    FILE *bad = fopen("bad.stat", "w");
    fputs("profile", bad);
    fclose(bad);
    ck_assert_int_eq(load_init(&load, paths, 3, everything, &allocator_libc, &culprit, &error), -1);
    ck_assert_str_eq(culprit, "bad.stat");
    ck_assert_str_eq(error.reason, "not a profile: a type byte that no profile holds");
    const char *const others[] = {"a.stat", "missing.stat"};
    ck_assert_int_eq(load_init(&load, others, 2, everything, &allocator_libc, &culprit, &error), -1);
    ck_assert_str_eq(culprit, "missing.stat");
    ck_assert_str_eq(error.reason, "No such file or directory");
}
END_TEST

static void assert_newest(const char *expected)
{
    struct error error = {0};
    char *newest = load_newest(".stat", &allocator_libc, &error);
    if (expected)
        ck_assert_str_eq(newest, expected);
    else
        ck_assert_ptr_null(newest);
    allocator_free(&allocator_libc, newest);
}

/* What was told of: "0/3" for progress, a path for a file left out. */
static void append_progress(void *context, size_t done, size_t count)
{
    char *told = context;
    sprintf(told + strlen(told), " %zu/%zu", done, count);
}

static void append_left_out(void *context, const char *path, const struct error *error)
{
    char *told = context;
    sprintf(told + strlen(told), " %s (%s)", path, error->reason);
}

static int load_leaving_out(const char *const *paths, size_t count, char *told, struct load *load, struct error *error)
{
    const struct load_watch watch = {told, append_progress, append_left_out};
    const struct selection selection = {.parts = STATFILE_ALL, .watch = &watch};
    const char *culprit;
    int result = load_init(load, paths, count, selection, &allocator_libc, &culprit, error);
    ck_assert_ptr_null(culprit);
    return result;
}

START_TEST(bad_files_are_left_out)
{
    static const char *const paths[] = {"missing", "a.stat", "b.stat", "missing too"};
    char told[300] = "";
    struct load load;
    struct error error = {0};
    ck_assert_int_eq(load_leaving_out(paths, 4, told, &load, NULL), 0);
    ck_assert_str_eq(told,
                     " 0/4 missing (No such file or directory) 1/4 2/4 missing too (No such file or directory) 3/4");
    ck_assert_uint_eq(load.count, 2);
    ck_assert_str_eq(load.sources[0].path, "a.stat");
    ck_assert_str_eq(load.sources[1].path, "b.stat");
    ck_assert_int_eq(load.total.ncalls, 21);
    load_release(&load);
    told[0] = '\0';
    ck_assert_int_eq(load_leaving_out((const char *const[]){"missing", "missing too"}, 2, told, &load, &error), -1);
    ck_assert_str_eq(error.reason, "none of the files can be read");
}
END_TEST

START_TEST(the_newest_file_is_found)
{
    for (int i = 0; i < 3; i++)
        set_modified(files[i], 1000, 5);
    write_profile(".hidden.stat", "f", 1);
    write_profile("d.prof", "f", 1);
    write_profile(".stat", "f", 1);
    ck_assert_int_eq(mkdir("folder.stat", 0777), 0);
    assert_newest("a.stat");
    set_modified("b.stat", 1000, 6);
    assert_newest("b.stat");
    set_modified("c.stat", 1001, 0);
    assert_newest("c.stat");
    for (int i = 0; i < 3; i++)
        unlink(files[i]);
    assert_newest(NULL);
}
END_TEST

/* As somebody else than the superuser, who may read any folder. */
START_TEST(a_folder_that_cannot_be_read_is_named)
{
    bool superuser = geteuid() == 0;
    struct error error = {0};
    ck_assert_int_eq(chmod(".", 0311), 0);
    ck_assert_int_eq(superuser ? seteuid(65534) : 0, 0);
    char *newest = load_newest(".stat", &allocator_libc, &error);
    ck_assert_int_eq(superuser ? seteuid(0) : 0, 0);
    ck_assert_int_eq(chmod(".", 0700), 0);
    ck_assert_ptr_null(newest);
    ck_assert_str_eq(error.reason, "the working directory, where no FILE is given: Permission denied");
    ck_assert_int_eq(error.system_errno, EACCES);
}
END_TEST

static int load_all(const struct allocator *allocator, void *context)
{
    struct load load;
    struct error error = {0};
    const char *culprit;
    char *newest = load_newest(".stat", allocator, &error);
    int result = newest ? load_init(&load, files, 3, everything, allocator, &culprit, &error) : -1;
    allocator_free(allocator, newest);
    if (result == 0)
        load_release(&load);
    else
        ck_assert_int_eq(error.code, ERROR_MEMORY);
    return result;
}

START_TEST(says_when_memory_is_short)
{
    test_fail_each_allocation(load_all, NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("load");
    TCase *tcase = tcase_create("load");
    tcase_add_checked_fixture(tcase, enter_folder, leave_folder);
    tcase_add_test(tcase, files_are_added_as_pstats_adds_them);
    tcase_add_test(tcase, one_file_is_its_own_sum);
    tcase_add_test(tcase, a_time_is_rounded_as_a_float_is);
    tcase_add_test(tcase, the_bad_file_is_named);
    tcase_add_test(tcase, bad_files_are_left_out);
    tcase_add_test(tcase, the_newest_file_is_found);
    tcase_add_test(tcase, a_folder_that_cannot_be_read_is_named);
    tcase_add_test(tcase, says_when_memory_is_short);
    suite_add_tcase(suite, tcase);
    return test_main(suite);
}
