#include <errno.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "profiles.h"
#include "statfile.h"
#include "support.h"

static char folder[] = "/tmp/check_statfile_io.XXXXXX";

static void enter_folder(void)
{
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(chdir(folder), 0);
}

static void remove_folder(void)
{
    char command[PATH_MAX];

    ck_assert_int_eq(chdir("/"), 0);
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    ck_assert_int_eq(system(command), 0);
    strcpy(folder + sizeof folder - 7, "XXXXXX");
}

static int entry_count(const char *path)
{
    DIR *listing = opendir(path);
    int count = 0;

    ck_assert_ptr_nonnull(listing);
    while (readdir(listing))
        count++;
    closedir(listing);
    return count - 2;
}

static void assert_content(const char *path, const char *expected)
{
    char text[1000];
    FILE *file = fopen(path, "r");
    size_t size;

    ck_assert_ptr_nonnull(file);
    size = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[size] = '\0';
    ck_assert_str_eq(text, expected);
}

static void store(const char *path, const char *text)
{
    struct error error = {0};

    ck_assert_msg(statfile_store(path, text, strlen(text), &error) == 0, "%s", error.reason);
}

static mode_t mode_of(const char *path)
{
    struct stat found;

    ck_assert_int_eq(stat(path, &found), 0);
    return found.st_mode & 0777;
}

START_TEST(a_new_file_has_the_mode_of_new_files)
{
    mode_t mask = umask(027);

    store("new.stat", "one");
    umask(mask);
    assert_content("new.stat", "one");
    ck_assert_uint_eq(mode_of("new.stat"), 0640);
    ck_assert_int_eq(entry_count("."), 1);
}
END_TEST

START_TEST(a_replaced_file_keeps_its_mode)
{
    struct stat before, after;

    store("old.stat", "a longer text than that which follows");
    ck_assert_int_eq(chmod("old.stat", 0604), 0);
    ck_assert_int_eq(stat("old.stat", &before), 0);
    store("old.stat", "two");
    ck_assert_int_eq(stat("old.stat", &after), 0);
    assert_content("old.stat", "two");
    ck_assert_uint_eq(mode_of("old.stat"), 0604);
    ck_assert_uint_ne(before.st_ino, after.st_ino);
    ck_assert_int_eq(entry_count("."), 1);
}
END_TEST

/* A reader that has the old file open goes on reading it, and nothing is left beside the new one. */
START_TEST(replacing_leaves_one_file)
{
    char text[4] = "";
    int descriptor;

    store("x.stat", "one");
    descriptor = open("x.stat", O_RDONLY);
    for (int i = 0; i < 3; i++)
        store("x.stat", "three");
    ck_assert_int_eq(read(descriptor, text, 3), 3);
    close(descriptor);
    ck_assert_str_eq(text, "one");
    assert_content("x.stat", "three");
    ck_assert_int_eq(entry_count("."), 1);
}
END_TEST

START_TEST(a_folder_below_dev_is_a_folder)
{
    char shared[] = "/dev/shm/check_statfile_io.XXXXXX", path[sizeof shared + 8];
    struct stat before, after;

    if (!mkdtemp(shared))
        return;
    snprintf(path, sizeof path, "%s/x.stat", shared);
    store(path, "one");
    ck_assert_int_eq(stat(path, &before), 0);
    store(path, "two");
    ck_assert_int_eq(stat(path, &after), 0);
    assert_content(path, "two");
    ck_assert_int_eq(entry_count(shared), 1);
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(rmdir(shared), 0);
    ck_assert_uint_ne(before.st_ino, after.st_ino);
}
END_TEST

START_TEST(links_stay_links)
{
    struct stat found;

    ck_assert_int_eq(mkdir("d", 0777), 0);
    store("d/real.stat", "one");
    ck_assert_int_eq(symlink("d/real.stat", "link.stat"), 0);
    ck_assert_int_eq(symlink("d/later.stat", "dangling.stat"), 0);
    store("link.stat", "two");
    store("dangling.stat", "three");
    ck_assert_int_eq(lstat("link.stat", &found), 0);
    ck_assert(S_ISLNK(found.st_mode));
    assert_content("d/real.stat", "two");
    assert_content("d/later.stat", "three");
    ck_assert_int_eq(entry_count("d"), 2);
    ck_assert_int_eq(entry_count("."), 3);
}
END_TEST

START_TEST(names_of_any_length)
{
    char name[NAME_MAX + 2];

    memset(name, 'n', sizeof name);
    name[NAME_MAX] = '\0';
    store(name, "long");
    assert_content(name, "long");
}
END_TEST

static void assert_refused(const char *path, int number)
{
    struct error error = {0};

    ck_assert_int_eq(statfile_store(path, "x", 1, &error), -1);
    ck_assert_int_eq(error.code, ERROR_SYSTEM);
    ck_assert_int_eq(error.system_errno, number);
    ck_assert_str_eq(error.reason, strerror(number));
    ck_assert_int_eq(error.offset, ERROR_NO_OFFSET);
}

/* As long as a path may be: there is no room for a longer name beside it. */
START_TEST(paths_of_any_length)
{
    char path[PATH_MAX + 1];
    size_t size = 0;

    while (size < PATH_MAX - 202) {
        memset(path + size, 'd', 99);
        size += 99;
        path[size] = '\0';
        ck_assert_int_eq(mkdir(path, 0777), 0);
        path[size++] = '/';
    }
    memset(path + size, 'n', PATH_MAX - size);
    path[PATH_MAX - 1] = '\0';
    ck_assert_uint_lt(strlen(path + size), 210);
    store(path, "far");
    assert_content(path, "far");
    store(path, "away");
    assert_content(path, "away");
    path[PATH_MAX - 1] = 'n';
    path[PATH_MAX] = '\0';
    assert_refused(path, ENAMETOOLONG);
}
END_TEST

/* As somebody else than the superuser, who may make a file anywhere. */
START_TEST(in_a_closed_folder_the_file_is_written_in_place)
{
    bool superuser = geteuid() == 0;

    ck_assert_int_eq(chmod(".", 0755), 0);
    ck_assert_int_eq(mkdir("d", 0777), 0);
    store("d/x.stat", "a longer text than that which follows");
    ck_assert_int_eq(chmod("d/x.stat", 0666), 0);
    ck_assert_int_eq(chmod("d", 0555), 0);
    ck_assert_int_eq(superuser ? seteuid(65534) : 0, 0);
    store("d/x.stat", "two");
    assert_refused("d/y.stat", EACCES);
    ck_assert_int_eq(superuser ? seteuid(0) : chmod("d", 0755), 0);
    assert_content("d/x.stat", "two");
    ck_assert_int_eq(entry_count("d"), 1);
}
END_TEST

START_TEST(failures_leave_nothing_behind)
{
    char name[NAME_MAX + 2];

    memset(name, 'n', sizeof name);
    name[NAME_MAX + 1] = '\0';
    ck_assert_int_eq(mkdir("d", 0777), 0);
    assert_refused("", ENOENT);
    assert_refused("missing/x.stat", ENOENT);
    assert_refused("d", EISDIR);
    assert_refused("d/", EISDIR);
    assert_refused("new/", ENOENT);
    assert_refused(name, ENAMETOOLONG);
    assert_refused("/dev/full", ENOSPC);
    ck_assert_int_eq(entry_count("."), 1);
    ck_assert_int_eq(entry_count("d"), 0);
}
END_TEST

START_TEST(an_open_file_is_written_in_place)
{
    char path[40], text[16] = {0};
    int ends[2];

    ck_assert_int_eq(pipe(ends), 0);
    snprintf(path, sizeof path, "/dev/fd/%d", ends[1]);
    store(path, "through");
    ck_assert_int_eq(read(ends[0], text, sizeof text), 7);
    ck_assert_str_eq(text, "through");
    close(ends[0]);
    close(ends[1]);
    store("/dev/null", "nowhere");
    ck_assert_int_eq(entry_count("."), 0);
}
END_TEST

static int read_path(const char *path, struct error *error)
{
    struct profile profile;
    int status;

    profile_init(&profile, &allocator_libc);
    memset(error, 0, sizeof *error);
    status = statfile_read(&profile, path, STATFILE_ALL, error);
    profile_release(&profile);
    return status;
}

START_TEST(says_why_a_file_cannot_be_read)
{
    struct error error;

    ck_assert_int_eq(read_path("missing.stat", &error), -1);
    ck_assert_int_eq(error.code, ERROR_SYSTEM);
    ck_assert_int_eq(error.system_errno, ENOENT);
    ck_assert_int_eq(read_path(".", &error), -1);
    ck_assert_str_eq(error.reason, "is a directory");
    ck_assert_int_eq(error.offset, ERROR_NO_OFFSET);
    store("empty.stat", "");
    ck_assert_int_eq(read_path("empty.stat", &error), -1);
    ck_assert_str_eq(error.reason, "is empty");
    ck_assert_int_eq(error.offset, ERROR_NO_OFFSET);
    store("list.stat", "[");
    ck_assert_int_eq(read_path("list.stat", &error), -1);
    ck_assert_str_eq(error.reason, "not a profile: the file is cut off here");
    ck_assert_int_eq(error.offset, 1);
    ck_assert_int_eq(read_path("/proc/self/mem", &error), -1);
    ck_assert_int_eq(error.system_errno, EIO);
}
END_TEST

START_TEST(reads_what_was_written)
{
    struct profile profile, copy;
    struct error error;

    profile_init(&profile, &allocator_libc);
    profile_init(&copy, &allocator_libc);
    ck_assert_int_eq(profiles_fill(&profile), 0);
    ck_assert_int_eq(statfile_write(&profile, "x.stat", &error), 0);
    ck_assert_int_eq(statfile_read(&copy, "x.stat", STATFILE_ALL, &error), 0);
    ck_assert_uint_eq(copy.function_count, profile.function_count);
    profile_release(&profile);
    profile_release(&copy);
}
END_TEST

/* A pipe gives its bytes in pieces, and cannot seek. */
START_TEST(reads_pipes)
{
    struct profile profile;
    struct buffer file;
    struct error error;
    int ends[2], status;
    char path[40];

    profile_init(&profile, &allocator_libc);
    for (int i = 0; i < 3000; i++) {
        char name[20];

        snprintf(name, sizeof name, "f%d", i);
        profiles_list(&profile, "f.py", i, name, i, i, i);
    }
    buffer_init(&file, &allocator_libc);
    ck_assert_int_eq(statfile_encode(&profile, &file, &error), 0);
    ck_assert_uint_gt(file.size, 100000);
    profile_release(&profile);
    ck_assert_int_eq(pipe(ends), 0);
    if (fork() == 0) {
        close(ends[0]);
        for (size_t at = 0; at < file.size; at += 777)
            if (write(ends[1], file.data + at, file.size - at < 777 ? file.size - at : 777) < 0)
                break;
        _exit(0);
    }
    close(ends[1]);
    snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
    profile_init(&profile, &allocator_libc);
    status = statfile_read(&profile, path, STATFILE_ALL, &error);
    close(ends[0]);
    wait(NULL);
    ck_assert_int_eq(status, 0);
    ck_assert_uint_eq(profile.function_count, 3000);
    ck_assert_int_eq(profile.functions[2999].ncalls, 2999);
    profile_release(&profile);
    buffer_release(&file);
}
END_TEST

static int read_once(const struct allocator *allocator, void *context)
{
    struct profile profile;
    struct error error = {0};
    int status;

    profile_init(&profile, allocator);
    status = statfile_read(&profile, "x.stat", STATFILE_ALL, &error);
    ck_assert(status == 0 || error.code == ERROR_MEMORY);
    profile_release(&profile);
    return status;
}

static int write_once(const struct allocator *allocator, void *context)
{
    struct profile view = *(const struct profile *)context;
    struct error error = {0};
    int status;

    view.allocator = allocator;
    status = statfile_write(&view, "x.stat", &error);
    ck_assert(status == 0 || error.code == ERROR_MEMORY);
    ck_assert_int_eq(entry_count("."), status == 0);
    return status;
}

START_TEST(survives_each_failed_allocation)
{
    struct profile profile;

    profile_init(&profile, &allocator_libc);
    ck_assert_int_eq(profiles_fill(&profile), 0);
    test_fail_each_allocation(write_once, &profile);
    test_fail_each_allocation(read_once, NULL);
    profile_release(&profile);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("statfile_io");
    TCase *tests = tcase_create("statfile_io");
    tcase_add_checked_fixture(tests, enter_folder, remove_folder);
    tcase_add_test(tests, a_new_file_has_the_mode_of_new_files);
    tcase_add_test(tests, a_replaced_file_keeps_its_mode);
    tcase_add_test(tests, replacing_leaves_one_file);
    tcase_add_test(tests, a_folder_below_dev_is_a_folder);
    tcase_add_test(tests, links_stay_links);
    tcase_add_test(tests, names_of_any_length);
    tcase_add_test(tests, paths_of_any_length);
    tcase_add_test(tests, in_a_closed_folder_the_file_is_written_in_place);
    tcase_add_test(tests, failures_leave_nothing_behind);
    tcase_add_test(tests, an_open_file_is_written_in_place);
    tcase_add_test(tests, says_why_a_file_cannot_be_read);
    tcase_add_test(tests, reads_what_was_written);
    tcase_add_test(tests, reads_pipes);
    tcase_add_test(tests, survives_each_failed_allocation);
    suite_add_tcase(suite, tests);
    return test_main(suite);
}
