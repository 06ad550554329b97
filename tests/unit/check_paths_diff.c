#include "paths_diff.h"

#include <stdio.h>
#include <string.h>

#include "profiles.h"
#include "support.h"

#define OUTSIDE PROFILE_NO_PARENT

enum { MAIN, F, G, FUNCTIONS };
static const char *const names[] = {"main", "f", "g"};

/* Nodes of a tree: what came before, the function, its calls and its own nanoseconds. */
struct step {
    uint32_t parent;
    uint32_t function;
    int64_t calls;
    int64_t self;
};

/* Lists the functions, each `shift` lines further down. */
static int fill(struct profile *profile, int64_t shift)
{
    for (size_t i = 0; i < FUNCTIONS; i++)
        if (profiles_list(profile, "m.py", 10 * (int64_t)i + 1 + shift, names[i], 1, 1e-6, 1e-6) == PROFILE_NO_FUNCTION)
            return -1;
    return 0;
}

static int add_tree(struct profile *profile, const char *thread, const struct step *steps, uint32_t count)
{
    struct path_tree *tree = profile_append_tree(profile, count, 2);
    if (!tree)
        return -1;
    tree->thread = string_pool_intern_c(&profile->strings, thread);
    tree->columns[0].name = string_pool_intern_c(&profile->strings, PATH_CALLS);
    tree->columns[1].name = string_pool_intern_c(&profile->strings, PATH_SELF);
    tree->columns[0].unit = tree->columns[1].unit = string_pool_intern_c(&profile->strings, "ns");
    if (!tree->thread || !tree->columns[0].name || !tree->columns[1].name || !tree->columns[0].unit)
        return -1;
    for (uint32_t i = 0; i < count; i++) {
        tree->parent[i] = steps[i].parent;
        tree->function[i] = steps[i].function;
        tree->columns[0].values[i] = steps[i].calls;
        tree->columns[1].values[i] = steps[i].self;
    }
    return 0;
}

/* "main 1/10<2/20 (f 2/9<0/0)": the name, own time and total of now and of before. */
static void show(const struct paths_diff *tree, uint32_t node, char *text, size_t size)
{
    const struct path *path = &tree->paths.nodes[node];
    const struct path_before *before = &tree->before[node];
    size_t used = strlen(text);
    snprintf(text + used, size - used, "%s %d/%d<%d/%d", path->function == PATHS_NONE ? "all" : names[path->function],
             (int)path->self, (int)path->total, (int)before->self, (int)before->total);
    for (uint32_t child = path->first_child; child != PATHS_NONE; child = tree->paths.nodes[child].next_sibling) {
        used = strlen(text);
        snprintf(text + used, size - used, child == path->first_child ? " (" : ", ");
        show(tree, child, text, size);
    }
    used = strlen(text);
    snprintf(text + used, size - used, path->first_child == PATHS_NONE ? "" : ")");
}

static const struct step now_steps[] = {{OUTSIDE, MAIN, 1, 1}, {0, F, 1, 2}, {1, F, 4, 3}};
static const struct step before_steps[] = {{OUTSIDE, MAIN, 1, 10}, {0, G, 2, 20}, {0, F, 3, 30}, {2, G, 0, 40}};

struct two {
    struct profile now;
    struct profile before;
    struct diff diff;
};

static int two_init(struct two *two, const struct allocator *allocator, bool with_trees)
{
    profile_init(&two->now, allocator);
    profile_init(&two->before, allocator);
    two->diff = (struct diff){0};
    profile_init(&two->diff.changes, allocator);
    if (fill(&two->now, 0) < 0 || fill(&two->before, 2) < 0 ||
        (with_trees && add_tree(&two->now, "one", now_steps, 3) < 0) ||
        (with_trees && add_tree(&two->now, "two", now_steps, 2) < 0) ||
        add_tree(&two->before, "other", before_steps, 4) < 0)
        return -1;
    return diff_init(&two->diff, &two->now, &two->before, false, NULL);
}

static void two_release(struct two *two)
{
    diff_release(&two->diff);
    profile_release(&two->now);
    profile_release(&two->before);
}

static void assert_joined(bool fold, const char *expected)
{
    struct two two;
    struct paths_diff tree;
    char text[500] = "";
    ck_assert_int_eq(two_init(&two, &allocator_libc, true), 0);
    ck_assert_int_eq(paths_diff_init(&tree, &two.diff, &two.now, &two.before, fold, 0, NULL), 0);
    ck_assert(!tree.paths.estimated);
    show(&tree, 0, text, sizeof text);
    ck_assert_str_eq(text, expected);
    paths_diff_release(&tree);
    two_release(&two);
}

START_TEST(paths_of_moved_functions_are_the_same)
{
    assert_joined(false, "all 0/9<0/100 (main 2/9<10/100 (f 4/7<30/70 (f 3/3<0/0, g 0/0<40/40), g 0/0<20/20))");
}
END_TEST

START_TEST(recursion_folds)
{
    assert_joined(true, "all 0/9<0/100 (main 2/9<10/100 (f 7/7<30/70 (g 0/0<40/40), g 0/0<20/20))");
}
END_TEST

START_TEST(new_and_gone_paths_are_known)
{
    struct two two;
    struct paths_diff tree;
    ck_assert_int_eq(two_init(&two, &allocator_libc, true), 0);
    ck_assert_int_eq(paths_diff_init(&tree, &two.diff, &two.now, &two.before, false, 0, NULL), 0);
    /* all, main, f, f in f; then g and g in f, of the base alone */
    static const bool is_new[] = {false, false, false, true, false, false};
    static const bool is_gone[] = {false, false, false, false, true, true};
    ck_assert_uint_eq(tree.paths.count, 6);
    for (uint32_t i = 0; i < tree.paths.count; i++) {
        ck_assert_int_eq(paths_diff_is_new(&tree, i), is_new[i]);
        ck_assert_int_eq(paths_diff_is_gone(&tree, i), is_gone[i]);
    }
    ck_assert_int_eq(tree.paths.nodes[2].calls, 2);
    ck_assert_int_eq(tree.before[2].calls, 3);
    paths_diff_release(&tree);
    two_release(&two);
}
END_TEST

START_TEST(like_is_compared_with_like)
{
    struct two two;
    struct paths_diff tree;
    char text[500] = "";
    ck_assert_int_eq(two_init(&two, &allocator_libc, false), 0);
    ck_assert_int_eq(paths_diff_init(&tree, &two.diff, &two.now, &two.before, false, 0, NULL), 0);
    ck_assert(tree.paths.estimated);
    show(&tree, 0, text, sizeof text);
    ck_assert_str_eq(text, "all 0/3000<0/3000 (main 1000/1000<1000/1000, f 1000/1000<1000/1000, "
                           "g 1000/1000<1000/1000)");
    paths_diff_release(&tree);
    two_release(&two);
}
END_TEST

static int join(const struct allocator *allocator, void *context)
{
    struct two two;
    struct paths_diff tree;
    bool *with_trees = context;
    int result = two_init(&two, allocator, *with_trees);
    if (result == 0)
        result = paths_diff_init(&tree, &two.diff, &two.now, &two.before, *with_trees, 0, NULL);
    if (result == 0)
        paths_diff_release(&tree);
    two_release(&two);
    return result;
}

START_TEST(survives_each_failed_allocation)
{
    bool with_trees[] = {true, false};
    test_fail_each_allocation(join, &with_trees[0]);
    test_fail_each_allocation(join, &with_trees[1]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("paths_diff");
    TCase *tests = tcase_create("paths_diff");
    tcase_add_test(tests, paths_of_moved_functions_are_the_same);
    tcase_add_test(tests, recursion_folds);
    tcase_add_test(tests, new_and_gone_paths_are_known);
    tcase_add_test(tests, like_is_compared_with_like);
    tcase_add_test(tests, survives_each_failed_allocation);
    suite_add_tcase(suite, tests);
    return test_main(suite);
}
