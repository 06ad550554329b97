#include "path_sum.h"

#include <string.h>

#include "profiles.h"
#include "support.h"

enum { NONE = PROFILE_NO_PARENT };

/* A tree with the columns of the tracer. */
static int append_tree(struct profile *profile, uint32_t count, const uint32_t *parent, const uint32_t *function,
                       int64_t value)
{
    struct path_tree *tree = profile_append_tree(profile, count, 2);
    if (!tree)
        return -1;
    memcpy(tree->parent, parent, count * sizeof *parent);
    memcpy(tree->function, function, count * sizeof *function);
    for (uint32_t i = 0; i < count; i++) {
        tree->columns[0].values[i] = 1;
        tree->columns[1].values[i] = value + i;
    }
    tree->columns[0].name = tree->columns[0].unit = string_pool_intern_c(&profile->strings, "calls");
    tree->columns[1].name = string_pool_intern_c(&profile->strings, "self");
    tree->columns[1].unit = string_pool_intern_c(&profile->strings, "ns");
    return tree->columns[0].name && tree->columns[1].name && tree->columns[1].unit ? 0 : -1;
}

/* Of the first: 0, 0>1, 0>1>2; of the second, whose functions have other numbers: 0, 0>2, 0>1, 0>1>0, 2. */
static int fill_source(struct profile *source)
{
    if (append_tree(source, 3, (uint32_t[]){NONE, 0, 1}, (uint32_t[]){0, 1, 2}, 10) < 0)
        return -1;
    return append_tree(source, 5, (uint32_t[]){NONE, 0, 0, 2, NONE}, (uint32_t[]){2, 0, 1, 2, 0}, 100);
}

static const uint32_t functions[2][3] = {{0, 1, 2}, {2, 1, 0}};

static int add_both(struct path_sum *paths, const struct profile *source, struct error *error)
{
    for (size_t i = 0; i < 2; i++)
        if (path_sum_add(paths, &source->trees[i], functions[i], error) < 0)
            return -1;
    return 0;
}

static void assert_tree(const struct profile *sum, uint32_t count, const uint32_t *parent, const uint32_t *function,
                        const int64_t *calls, const int64_t *self)
{
    ck_assert_uint_eq(sum->tree_count, 1);
    const struct path_tree *tree = &sum->trees[0];
    ck_assert_uint_eq(tree->count, count);
    ck_assert_mem_eq(tree->parent, parent, count * sizeof *parent);
    ck_assert_mem_eq(tree->function, function, count * sizeof *function);
    ck_assert_mem_eq(tree->columns[0].values, calls, count * sizeof *calls);
    ck_assert_mem_eq(tree->columns[1].values, self, count * sizeof *self);
    ck_assert_str_eq(tree->columns[1].name->bytes, "self");
    ck_assert_str_eq(tree->columns[1].unit->bytes, "ns");
}

static int sum_with_limit(const struct allocator *allocator, uint32_t limit, bool *cut, void (*check)(struct profile *))
{
    struct profile source, sum;
    struct path_sum paths;
    profile_init(&source, allocator);
    profile_init(&sum, allocator);
    path_sum_init(&paths, &sum, limit);
    int result = fill_source(&source);
    if (result == 0)
        result = add_both(&paths, &source, NULL);
    if (result == 0)
        check(&sum);
    *cut = paths.cut;
    path_sum_release(&paths);
    profile_release(&sum);
    profile_release(&source);
    return result;
}

static void check_all(struct profile *sum)
{
    assert_tree(sum, 6, (uint32_t[]){NONE, 0, 1, 0, 1, NONE}, (uint32_t[]){0, 1, 2, 2, 0, 2},
                (int64_t[]){2, 2, 1, 1, 1, 1}, (int64_t[]){110, 113, 12, 101, 103, 104});
}

START_TEST(equal_paths_are_one)
{
    bool cut;
    ck_assert_int_eq(sum_with_limit(&allocator_libc, 6, &cut, check_all), 0);
    ck_assert(!cut);
}
END_TEST

static void check_cut(struct profile *sum)
{
    assert_tree(sum, 3, (uint32_t[]){NONE, 0, 1}, (uint32_t[]){0, 1, 2}, (int64_t[]){2, 2, 1},
                (int64_t[]){110, 113, 12});
}

START_TEST(paths_that_are_known_count_beyond_the_limit)
{
    bool cut;
    ck_assert_int_eq(sum_with_limit(&allocator_libc, 3, &cut, check_cut), 0);
    ck_assert(cut);
}
END_TEST

static void check_one(struct profile *sum)
{
    assert_tree(sum, 1, (uint32_t[]){NONE}, (uint32_t[]){0}, (int64_t[]){2}, (int64_t[]){110});
}

START_TEST(what_is_below_a_path_that_is_left_out_is_left_out)
{
    bool cut;
    ck_assert_int_eq(sum_with_limit(&allocator_libc, 1, &cut, check_one), 0);
    ck_assert(cut);
}
END_TEST

/* One path that is a thousand deep, twice. */
START_TEST(arrays_grow)
{
    enum { DEPTH = 1000 };
    static uint32_t parent[DEPTH], function[DEPTH];
    static const uint32_t same[] = {0};
    struct profile source, sum;
    struct path_sum paths;
    profile_init(&source, &allocator_libc);
    profile_init(&sum, &allocator_libc);
    path_sum_init(&paths, &sum, DEPTH);
    for (uint32_t i = 0; i < DEPTH; i++)
        parent[i] = i ? i - 1 : NONE;
    ck_assert_int_eq(append_tree(&source, DEPTH, parent, function, 5), 0);
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(path_sum_add(&paths, &source.trees[0], same, NULL), 0);
    ck_assert_uint_eq(sum.trees[0].count, DEPTH);
    for (uint32_t i = 0; i < DEPTH; i++) {
        ck_assert_int_eq(sum.trees[0].columns[0].values[i], 2);
        ck_assert_int_eq(sum.trees[0].columns[1].values[i], 2 * (5 + i));
    }
    ck_assert(!paths.cut);
    path_sum_release(&paths);
    profile_release(&sum);
    profile_release(&source);
}
END_TEST

START_TEST(numbers_fit)
{
    static const uint32_t none[] = {NONE}, same[] = {0};
    struct profile source, sum;
    struct path_sum paths;
    struct error error = {0};
    profile_init(&source, &allocator_libc);
    profile_init(&sum, &allocator_libc);
    path_sum_init(&paths, &sum, 10);
    ck_assert_int_eq(append_tree(&source, 1, none, same, INT64_MAX / 2 + 1), 0);
    ck_assert_int_eq(path_sum_add(&paths, &source.trees[0], same, &error), 0);
    ck_assert_int_eq(path_sum_add(&paths, &source.trees[0], same, &error), -1);
    ck_assert_str_eq(error.reason, "more on a call path than 64 bits can count");
    path_sum_release(&paths);
    profile_release(&sum);
    profile_release(&source);
}
END_TEST

static int name_column(struct profile *profile, struct path_column *column, const char *name, const char *unit,
                       int64_t value)
{
    column->name = string_pool_intern_c(&profile->strings, name);
    column->unit = string_pool_intern_c(&profile->strings, unit);
    column->values[0] = value;
    return column->name && column->unit ? 0 : -1;
}

/* A tree with one node, of this thread. */
static int append_node(struct profile *profile, const char *thread, size_t column_count)
{
    struct path_tree *tree = profile_append_tree(profile, 1, column_count);
    if (!tree || (thread && !(tree->thread = string_pool_intern_c(&profile->strings, thread))))
        return -1;
    tree->parent[0] = NONE;
    tree->function[0] = 0;
    return 0;
}

/* Two trees of "a", one of "b" and one without a thread; columns in another order, of another unit, and more of
 * them. */
static int fill_threads(struct profile *profile)
{
    if (profiles_list(profile, "m.py", 1, "f", 1, 0.5, 0.5) == PROFILE_NO_FUNCTION)
        return -1;
    if (append_node(profile, "a", 2) < 0 || append_node(profile, NULL, 0) < 0 || append_node(profile, "a", 3) < 0 ||
        append_node(profile, "b", 1) < 0)
        return -1;
    struct path_column *first = profile->trees[0].columns, *third = profile->trees[2].columns;
    if (name_column(profile, &first[0], "calls", "calls", 1) < 0 ||
        name_column(profile, &first[1], "self", "ns", 10) < 0)
        return -1;
    if (name_column(profile, &third[0], "self", "ns", 20) < 0 || name_column(profile, &third[1], "self", "us", 3) < 0 ||
        name_column(profile, &third[2], "calls", "calls", 4) < 0)
        return -1;
    return name_column(profile, profile->trees[3].columns, "calls", "calls", 5);
}

static void assert_column(const struct path_tree *tree, size_t place, const char *name, const char *unit, int64_t value)
{
    ck_assert_str_eq(tree->columns[place].name->bytes, name);
    ck_assert_str_eq(tree->columns[place].unit->bytes, unit);
    ck_assert_int_eq(tree->columns[place].values[0], value);
}

static void assert_threads(const struct profile *sum, int64_t times)
{
    ck_assert_uint_eq(sum->tree_count, 3);
    ck_assert_str_eq(sum->trees[0].thread->bytes, "a");
    ck_assert_ptr_null(sum->trees[1].thread);
    ck_assert_str_eq(sum->trees[2].thread->bytes, "b");
    for (size_t i = 0; i < 3; i++)
        ck_assert_uint_eq(sum->trees[i].count, 1);
    ck_assert_uint_eq(sum->trees[0].column_count, 3);
    assert_column(&sum->trees[0], 0, "calls", "calls", 5 * times);
    assert_column(&sum->trees[0], 1, "self", "ns", 30 * times);
    assert_column(&sum->trees[0], 2, "self", "us", 3 * times);
    ck_assert_uint_eq(sum->trees[1].column_count, 0);
    ck_assert_uint_eq(sum->trees[2].column_count, 1);
    assert_column(&sum->trees[2], 0, "calls", "calls", 5 * times);
}

static int sum_threads(const struct allocator *allocator, void *context)
{
    static const uint32_t same[] = {0};
    struct profile source, sum;
    struct path_sum paths;
    profile_init(&source, allocator);
    profile_init(&sum, allocator);
    path_sum_init(&paths, &sum, 10);
    int result = fill_threads(&source) < 0 || fill_threads(&sum) < 0 || path_sum_fold(&paths, NULL) < 0 ? -1 : 0;
    if (result == 0)
        assert_threads(&sum, 1);
    for (size_t i = 0; i < source.tree_count && result == 0; i++)
        result = path_sum_add(&paths, &source.trees[i], same, NULL);
    if (result == 0)
        assert_threads(&sum, 2);
    path_sum_release(&paths);
    profile_release(&sum);
    profile_release(&source);
    return result;
}

START_TEST(threads_and_columns_are_told_apart)
{
    ck_assert_int_eq(sum_threads(&allocator_libc, NULL), 0);
    test_fail_each_allocation(sum_threads, NULL);
}
END_TEST

START_TEST(columns_are_bounded)
{
    enum { COLUMNS = 65 };
    static const uint32_t same[] = {0};
    struct profile source, sum;
    struct path_sum paths;
    struct error error = {0};
    profile_init(&source, &allocator_libc);
    profile_init(&sum, &allocator_libc);
    path_sum_init(&paths, &sum, 10);
    ck_assert_int_eq(append_node(&source, NULL, COLUMNS - 1), 0);
    ck_assert_int_eq(append_node(&source, NULL, 1), 0);
    for (int i = 0; i < COLUMNS; i++) {
        char name[] = {(char)(' ' + i), '\0'};
        struct path_tree *tree = &source.trees[i == COLUMNS - 1];
        ck_assert_int_eq(name_column(&source, &tree->columns[i % (COLUMNS - 1)], name, "", 1), 0);
    }
    ck_assert_int_eq(path_sum_add(&paths, &source.trees[0], same, &error), 0);
    ck_assert_int_eq(path_sum_add(&paths, &source.trees[0], same, &error), 0);
    ck_assert_int_eq(path_sum_add(&paths, &source.trees[1], same, &error), -1);
    ck_assert_str_eq(error.reason, "call trees with too many columns to add them up");
    path_sum_release(&paths);
    profile_release(&sum);
    profile_release(&source);
}
END_TEST

static int sum_both(const struct allocator *allocator, void *context)
{
    bool cut;
    return sum_with_limit(allocator, 100, &cut, check_all);
}

START_TEST(says_when_memory_is_short)
{
    test_fail_each_allocation(sum_both, NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("path_sum");
    TCase *tcase = tcase_create("path_sum");
    tcase_add_test(tcase, equal_paths_are_one);
    tcase_add_test(tcase, paths_that_are_known_count_beyond_the_limit);
    tcase_add_test(tcase, what_is_below_a_path_that_is_left_out_is_left_out);
    tcase_add_test(tcase, arrays_grow);
    tcase_add_test(tcase, numbers_fit);
    tcase_add_test(tcase, threads_and_columns_are_told_apart);
    tcase_add_test(tcase, columns_are_bounded);
    tcase_add_test(tcase, says_when_memory_is_short);
    suite_add_tcase(suite, tcase);
    return test_main(suite);
}
