#include "diff_pairs.h"

#include <stdio.h>
#include <string.h>

#include "profiles.h"
#include "support.h"

enum { A, B, C };

struct two {
    struct profile now;
    struct profile before;
    struct diff diff;
};

/* a calls b and c, and of the base also b calls c and not a. */
static int two_init(struct two *two, const struct allocator *allocator)
{
    static const char *const names[] = {"a", "b", "c"};
    profile_init(&two->now, allocator);
    profile_init(&two->before, allocator);
    two->diff = (struct diff){0};
    profile_init(&two->diff.changes, allocator);
    for (int64_t i = 0; i < 3; i++)
        if (profiles_list(&two->now, "m.py", i, names[i], 1, 0, 1) == PROFILE_NO_FUNCTION ||
            profiles_list(&two->before, "m.py", i + 7, names[2 - i], 1, 0, 1) == PROFILE_NO_FUNCTION)
            return -1;
    if (!profiles_call(&two->now, B, A, 3, 0, 0.5) || !profiles_call(&two->now, C, A, 4, 0, 0.25) ||
        !profiles_call(&two->before, 1, 2, 5, 0, 0.75) || !profiles_call(&two->before, 0, 1, 6, 0, 2.0))
        return -1;
    return diff_init(&two->diff, &two->now, &two->before, false, NULL);
}

static void two_release(struct two *two)
{
    diff_release(&two->diff);
    profile_release(&two->now);
    profile_release(&two->before);
}

/* "a-b 5:3 ..." for each pair: caller and function, calls before and now. */
static void assert_pairs(const bool *shown, size_t most, const char *expected, size_t left_out)
{
    struct two two;
    struct diff_pairs pairs;
    char text[200] = "";
    ck_assert_int_eq(two_init(&two, &allocator_libc), 0);
    ck_assert_int_eq(diff_pairs_init(&pairs, &two.diff, &two.now, &two.before, shown, most, NULL), 0);
    for (size_t i = 0; i < pairs.count; i++) {
        const struct diff_pair *pair = &pairs.list[i];
        const struct function *functions = two.diff.changes.functions;
        size_t used = strlen(text);
        snprintf(text + used, sizeof text - used, "%s%s-%s %d:%d", i ? " " : "",
                 functions[pair->caller].label.name->bytes, functions[pair->function].label.name->bytes,
                 pair->before ? (int)pair->before->ncalls : 0, pair->now ? (int)pair->now->ncalls : 0);
    }
    ck_assert_str_eq(text, expected);
    ck_assert_uint_eq(pairs.left_out, left_out);
    diff_pairs_release(&pairs);
    two_release(&two);
}

START_TEST(pairs_of_both_and_of_one)
{
    static const bool all[] = {true, true, true};
    assert_pairs(all, 10, "a-b 5:3 a-c 0:4 b-c 6:0", 0);
}
END_TEST

START_TEST(only_of_shown_functions)
{
    static const bool some[] = {true, true, false};
    assert_pairs(some, 10, "a-b 5:3", 0);
}
END_TEST

START_TEST(the_longest_remain)
{
    static const bool all[] = {true, true, true};
    assert_pairs(all, 2, "a-b 5:3 b-c 6:0", 1);
    assert_pairs(all, 1, "b-c 6:0", 2);
    assert_pairs(all, 0, "", 3);
}
END_TEST

static int find_pairs(const struct allocator *allocator, void *context)
{
    static const bool all[] = {true, true, true};
    struct two two;
    struct diff_pairs pairs;
    int result = two_init(&two, allocator);
    if (result == 0)
        result = diff_pairs_init(&pairs, &two.diff, &two.now, &two.before, all, 1, NULL);
    if (result == 0)
        diff_pairs_release(&pairs);
    two_release(&two);
    return result;
}

START_TEST(survives_each_failed_allocation)
{
    test_fail_each_allocation(find_pairs, NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("diff_pairs");
    TCase *tests = tcase_create("diff_pairs");
    tcase_add_test(tests, pairs_of_both_and_of_one);
    tcase_add_test(tests, only_of_shown_functions);
    tcase_add_test(tests, the_longest_remain);
    tcase_add_test(tests, survives_each_failed_allocation);
    suite_add_tcase(suite, tests);
    return test_main(suite);
}
