#include "suspension.h"

#include <string.h>

#include "merge.h"
#include "profiles.h"
#include "statfile.h"
#include "support.h"

enum { HANDLE, FETCH, HELPER, NODES = 4, COLUMNS = 4 };

static int name_columns(struct profile *profile, struct path_tree *tree)
{
    static const char *const names[COLUMNS][2] = {
        {PATH_AWAITED, "ns"}, {PATH_CALLS, "calls"}, {PATH_RESUMES, "calls"}, {PATH_SELF, "ns"}};
    for (size_t i = 0; i < tree->column_count; i++) {
        tree->columns[i].name = string_pool_intern_c(&profile->strings, names[i][0]);
        tree->columns[i].unit = string_pool_intern_c(&profile->strings, names[i][1]);
        if (!tree->columns[i].name || !tree->columns[i].unit)
            return -1;
    }
    return 0;
}

/* handle awaits fetch, and fetch itself; helper never waits. */
static int fill(struct profile *profile, const int64_t resumes[NODES])
{
    const int64_t awaited[] = {4000000000, 3000000000, 500000000, 0}, calls[] = {9, 12, 3, 30}, self[NODES] = {0};
    static const char *const names[] = {"handle", "fetch", "helper"};
    for (size_t i = 0; i < 3; i++)
        if (profiles_list(profile, "web.py", 1, names[i], 100, 1.0, 1.0) == PROFILE_NO_FUNCTION)
            return -1;
    struct path_tree *tree = profile_append_tree(profile, NODES, COLUMNS);
    if (!tree || name_columns(profile, tree) < 0)
        return -1;
    memcpy(tree->parent, (uint32_t[]){PROFILE_NO_PARENT, 0, 1, 2}, NODES * sizeof *tree->parent);
    memcpy(tree->function, (uint32_t[]){HANDLE, FETCH, FETCH, HELPER}, NODES * sizeof *tree->function);
    const int64_t *const columns[COLUMNS] = {awaited, calls, resumes, self};
    for (size_t i = 0; i < COLUMNS; i++)
        memcpy(tree->columns[i].values, columns[i], NODES * sizeof *columns[i]);
    return 0;
}

static const int64_t some_resumes[NODES] = {6, 8, 0, 0};

static void assert_suspension(const struct suspensions *suspensions, uint32_t function, int64_t starts, int64_t resumes,
                              double awaited)
{
    ck_assert_int_eq(suspensions->list[function].starts, starts);
    ck_assert_int_eq(suspensions->list[function].resumes, resumes);
    ck_assert_double_eq(suspensions->list[function].awaited, awaited);
    ck_assert_int_eq(suspensions->suspended[function], resumes > 0 || awaited > 0);
}

START_TEST(paths_of_a_function_add_up)
{
    struct profile profile;
    struct suspensions suspensions;
    profile_init(&profile, &allocator_libc);
    ck_assert_int_eq(fill(&profile, some_resumes), 0);
    ck_assert_int_eq(suspensions_init(&suspensions, &profile, NULL), 0);
    ck_assert_uint_eq(suspensions.count, 2);
    assert_suspension(&suspensions, HANDLE, 3, 6, 4.0);
    assert_suspension(&suspensions, FETCH, 7, 8, 3.5);
    assert_suspension(&suspensions, HELPER, 30, 0, 0.0);
    suspensions_release(&suspensions);
    profile_release(&profile);
}
END_TEST

START_TEST(files_and_sums_of_files_keep_them)
{
    struct profile profile, copy;
    struct buffer file;
    struct merge merge;
    struct suspensions suspensions;
    profile_init(&profile, &allocator_libc);
    profile_init(&copy, &allocator_libc);
    buffer_init(&file, &allocator_libc);
    ck_assert_int_eq(fill(&profile, some_resumes), 0);
    ck_assert_int_eq(statfile_encode(&profile, &file, NULL), 0);
    ck_assert_int_eq(statfile_decode(&copy, file.data, file.size, STATFILE_ALL, NULL), 0);
    ck_assert_int_eq(merge_init(&merge, &copy, NULL), 0);
    ck_assert_int_eq(merge_add(&merge, &profile, NULL), 0);
    ck_assert_int_eq(merge_finish(&merge, NULL), 0);
    merge_release(&merge);
    ck_assert_int_eq(suspensions_init(&suspensions, &copy, NULL), 0);
    assert_suspension(&suspensions, HANDLE, 6, 12, 8.0);
    assert_suspension(&suspensions, FETCH, 14, 16, 7.0);
    suspensions_release(&suspensions);
    buffer_release(&file);
    profile_release(&copy);
    profile_release(&profile);
}
END_TEST

/* A file of an older version, and one of a collector that knows nothing of calls. */
START_TEST(columns_that_are_not_there_are_zero)
{
    struct profile profile;
    struct suspensions suspensions;
    profile_init(&profile, &allocator_libc);
    ck_assert_int_eq(fill(&profile, some_resumes), 0);
    profile.trees[0].columns[0].name = profile.trees[0].columns[2].name = profile.trees[0].columns[3].name;
    ck_assert_int_eq(suspensions_init(&suspensions, &profile, NULL), 0);
    ck_assert_uint_eq(suspensions.count, 0);
    assert_suspension(&suspensions, HANDLE, 9, 0, 0.0);
    suspensions_release(&suspensions);
    profile.trees[0].columns[1].name = profile.trees[0].columns[3].name;
    ck_assert_int_eq(suspensions_init(&suspensions, &profile, NULL), 0);
    assert_suspension(&suspensions, HANDLE, 0, 0, 0.0);
    suspensions_release(&suspensions);
    profile_release(&profile);
}
END_TEST

START_TEST(numbers_that_cannot_be_are_refused)
{
    static const int64_t impossible[][NODES] = {
        {-1, 0, 0, 0}, {10, 0, 0, 0}, {0, 0, 4, 0}, {0, INT64_MAX, 0, 0}, {INT64_MIN, 0, 0, 0}};
    for (size_t i = 0; i < sizeof impossible / sizeof *impossible; i++) {
        struct profile profile;
        struct suspensions suspensions;
        struct error error = {0};
        profile_init(&profile, &allocator_libc);
        ck_assert_int_eq(fill(&profile, impossible[i]), 0);
        ck_assert_int_eq(suspensions_init(&suspensions, &profile, &error), -1);
        ck_assert_int_eq(error.code, ERROR_ARGUMENT);
        profile_release(&profile);
    }
}
END_TEST

/* Two paths of fetch: their sum takes more than 63 bits, of resumes or of starts. */
START_TEST(counts_that_overflow_are_refused)
{
    static const int64_t resumes[][2] = {{INT64_MAX, INT64_MAX}, {0, 0}};
    for (size_t i = 0; i < 2; i++) {
        struct profile profile;
        struct suspensions suspensions;
        profile_init(&profile, &allocator_libc);
        ck_assert_int_eq(fill(&profile, some_resumes), 0);
        memcpy(profile.trees[0].columns[1].values + 1, (int64_t[]){INT64_MAX, INT64_MAX}, 2 * sizeof(int64_t));
        memcpy(profile.trees[0].columns[2].values + 1, resumes[i], sizeof resumes[i]);
        ck_assert_int_eq(suspensions_init(&suspensions, &profile, NULL), -1);
        profile_release(&profile);
    }
}
END_TEST

static int count_with(const struct allocator *allocator, void *context)
{
    struct profile profile;
    struct suspensions suspensions;
    profile_init(&profile, allocator);
    int result = fill(&profile, some_resumes) < 0 || suspensions_init(&suspensions, &profile, NULL) < 0 ? -1 : 0;
    if (result == 0)
        suspensions_release(&suspensions);
    profile_release(&profile);
    return result;
}

START_TEST(survives_each_failed_allocation)
{
    test_fail_each_allocation(count_with, NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("suspension");
    TCase *tests = tcase_create("suspension");
    tcase_add_test(tests, paths_of_a_function_add_up);
    tcase_add_test(tests, files_and_sums_of_files_keep_them);
    tcase_add_test(tests, columns_that_are_not_there_are_zero);
    tcase_add_test(tests, numbers_that_cannot_be_are_refused);
    tcase_add_test(tests, counts_that_overflow_are_refused);
    tcase_add_test(tests, survives_each_failed_allocation);
    suite_add_tcase(suite, tests);
    return test_main(suite);
}
