#include "diff.h"

#include <stdio.h>
#include <string.h>

#include "profiles.h"
#include "support.h"

struct spot {
    const char *file;
    int64_t line;
    const char *name;
};

static int fill(struct profile *profile, const struct spot *spots, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (profiles_list(profile, spots[i].file, spots[i].line, spots[i].name, (int64_t)i + 1, 0.25 * (double)i, 1.0) ==
            PROFILE_NO_FUNCTION)
            return -1;
    return 0;
}

/* "a.py:1=2 ..." for each difference: what is now and what was, "-" where there is none. */
static void show(const struct diff *diff, char *text, size_t size)
{
    text[0] = '\0';
    for (size_t i = 0; i < diff->changes.function_count; i++) {
        const struct difference *difference = &diff->list[i];
        char now[24] = "-", before[24] = "-";
        if (difference->now)
            snprintf(now, sizeof now, "%d", (int)difference->now->label.line);
        if (difference->before)
            snprintf(before, sizeof before, "%d", (int)difference->before->label.line);
        size_t used = strlen(text);
        snprintf(text + used, size - used, "%s%s:%s=%s", i ? " " : "", diff->changes.functions[i].label.name->bytes, now,
                 before);
    }
}

#define SPOTS(...) ((const struct spot[]){__VA_ARGS__}), sizeof((const struct spot[]){__VA_ARGS__}) / sizeof(struct spot)

static void assert_pairs(const struct spot *now, size_t now_count, const struct spot *before, size_t before_count,
                         bool by_name, const char *expected)
{
    struct profile profiles[2];
    struct diff diff;
    char text[500];
    profile_init(&profiles[0], &allocator_libc);
    profile_init(&profiles[1], &allocator_libc);
    ck_assert_int_eq(fill(&profiles[0], now, now_count), 0);
    ck_assert_int_eq(fill(&profiles[1], before, before_count), 0);
    ck_assert_int_eq(diff_init(&diff, &profiles[0], &profiles[1], by_name, NULL), 0);
    show(&diff, text, sizeof text);
    ck_assert_str_eq(text, expected);
    diff_release(&diff);
    profile_release(&profiles[0]);
    profile_release(&profiles[1]);
}

START_TEST(functions_keep_their_identity_when_lines_move)
{
    assert_pairs(SPOTS({"a", 10, "f"}, {"a", 20, "g"}), SPOTS({"a", 12, "g"}, {"a", 7, "f"}), false, "f:10=7 g:20=12");
    assert_pairs(SPOTS({"a", 10, "f"}, {"a", 20, "f"}, {"a", 30, "f"}), SPOTS({"a", 21, "f"}, {"a", 9, "f"}), false,
                 "f:10=9 f:20=21 f:30=-");
    assert_pairs(SPOTS({"a", 5, "f"}, {"a", 9, "f"}), SPOTS({"a", 9, "f"}, {"a", 13, "f"}), false, "f:5=13 f:9=9");
    assert_pairs(SPOTS({"a", INT64_MIN, "f"}), SPOTS({"a", INT64_MAX, "f"}), false,
                 "f:0=-1"); /* the lines' last bits */
}
END_TEST

START_TEST(what_has_no_partner_is_new_or_gone)
{
    assert_pairs(SPOTS({"a", 1, "f"}), SPOTS({"b", 1, "f"}, {"a", 1, "g"}), false, "f:1=- f:-=1 g:-=1");
    assert_pairs(NULL, 0, SPOTS({"a", 1, "f"}), false, "f:-=1");
    assert_pairs(SPOTS({"a", 1, "f"}), NULL, 0, true, "f:1=-");
}
END_TEST

START_TEST(names_alone_match_what_is_left)
{
    assert_pairs(SPOTS({"a", 1, "f"}, {"b", 2, "f"}, {"a", 3, "g"}), SPOTS({"c", 4, "f"}, {"b", 5, "f"}, {"a", 3, "h"}),
                 true, "f:1=4 f:2=5 g:3=- h:-=3");
}
END_TEST

START_TEST(changes_are_amounts)
{
    struct profile now, before;
    struct diff diff;
    profile_init(&now, &allocator_libc);
    profile_init(&before, &allocator_libc);
    profiles_list(&now, "a", 1, "f", 2, 0.5, 4.0);
    profiles_list(&before, "a", 2, "f", 7, 0.25, 5.0);
    profiles_list(&before, "a", 9, "gone", 3, 0.5, 0.75);
    ck_assert_int_eq(diff_init(&diff, &now, &before, false, NULL), 0);
    ck_assert_uint_eq(diff.changes.function_count, 2);
    profiles_assert_numbers(&diff.changes, 0, 5, 0.25, 1.0);
    profiles_assert_numbers(&diff.changes, 1, 3, 0.5, 0.75);
    profiles_assert_label(&diff.changes, 1, "a", "gone");
    diff_release(&diff);
    profile_release(&now);
    profile_release(&before);
}
END_TEST

START_TEST(functions_of_call_trees_alone_are_no_differences)
{
    struct profile now, before;
    struct diff diff;
    profile_init(&now, &allocator_libc);
    profile_init(&before, &allocator_libc);
    profiles_function(&now, "a", 10, "of trees");
    profiles_list(&now, "a", 20, "f", 2, 0.5, 4.0);
    profiles_function(&before, "a", 21, "f");
    profiles_function(&before, "b", 1, "of trees");
    profiles_function(&before, "a", 12, "of trees");
    ck_assert_int_eq(diff_init(&diff, &now, &before, false, NULL), 0);
    ck_assert_uint_eq(diff.changes.function_count, 3);
    static const uint32_t of_now[] = {0, 1}, of_before[] = {1, 2, 0};
    ck_assert_mem_eq(diff.of_now, of_now, sizeof of_now);
    ck_assert_mem_eq(diff.of_before, of_before, sizeof of_before);
    for (size_t i = 0; i < 3; i++) {
        ck_assert_int_eq(diff.changes.functions[i].listed, i == 1);
        ck_assert_ptr_eq(diff.list[i].now, i == 1 ? &now.functions[1] : NULL);
        ck_assert_ptr_null(diff.list[i].before);
    }
    profiles_assert_numbers(&diff.changes, 1, 2, 0.5, 4.0);
    diff_release(&diff);
    profile_release(&now);
    profile_release(&before);
}
END_TEST

/* Of a thousand functions of one name, each of which has moved by a line. */
START_TEST(large_groups_are_paired_in_order)
{
    enum { COUNT = 1000 };
    struct profile now, before;
    struct diff diff;
    profile_init(&now, &allocator_libc);
    profile_init(&before, &allocator_libc);
    for (int i = 0; i < COUNT; i++) {
        profiles_list(&now, "a", 3 * i + 1, "f", 1, 0, 0);
        profiles_list(&before, "a", 3 * i, "f", 1, 0, 0);
    }
    ck_assert_int_eq(diff_init(&diff, &now, &before, false, NULL), 0);
    ck_assert_uint_eq(diff.changes.function_count, COUNT);
    for (int i = 0; i < COUNT; i++)
        ck_assert_int_eq(diff.list[i].now->label.line, diff.list[i].before->label.line + 1);
    diff_release(&diff);
    profile_release(&now);
    profile_release(&before);
}
END_TEST

static int compare_with(const struct allocator *allocator, void *context)
{
    static const struct spot now[] = {{"a", 1, "f"}, {"b", 2, "f"}}, before[] = {{"a", 3, "f"}, {"c", 4, "g"}};
    struct profile profiles[2];
    struct diff diff;
    profile_init(&profiles[0], allocator);
    profile_init(&profiles[1], allocator);
    int result = fill(&profiles[0], now, 2) < 0 || fill(&profiles[1], before, 2) < 0 ? -1 : 0;
    if (result == 0 && (result = diff_init(&diff, &profiles[0], &profiles[1], true, NULL)) == 0)
        diff_release(&diff);
    profile_release(&profiles[0]);
    profile_release(&profiles[1]);
    return result;
}

START_TEST(survives_each_failed_allocation)
{
    test_fail_each_allocation(compare_with, NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("diff");
    TCase *tests = tcase_create("diff");
    tcase_add_test(tests, functions_keep_their_identity_when_lines_move);
    tcase_add_test(tests, what_has_no_partner_is_new_or_gone);
    tcase_add_test(tests, names_alone_match_what_is_left);
    tcase_add_test(tests, changes_are_amounts);
    tcase_add_test(tests, functions_of_call_trees_alone_are_no_differences);
    tcase_add_test(tests, large_groups_are_paired_in_order);
    tcase_add_test(tests, survives_each_failed_allocation);
    suite_add_tcase(suite, tests);
    return test_main(suite);
}
