#include "merge_facts.h"

#include <string.h>

#include "profile.h"
#include "support.h"

static void set_text(struct profile *profile, const char *name, const char *text)
{
    ck_assert_int_eq(profile_set_text(profile, name, text, strlen(text)), 0);
}

START_TEST(facts_hold_for_the_sum)
{
    struct profile profiles[3], sum;
    struct fact_merge merge;
    static const char *const pythons[] = {"3.9.18", "3.13.0", "3.9.18"};
    for (int i = 0; i < 3; i++) {
        profile_init(&profiles[i], &allocator_libc);
        set_text(&profiles[i], "python", pythons[i]);
        set_text(&profiles[i], "clock", "tsc");
        profile_set_integer(&profiles[i], "pid", 100 + i);
        profile_set_integer(&profiles[i], "thread", 1);
        profile_set_integer(&profiles[i], "dropped", i);
        profile_set_real(&profiles[i], "started", 50.5 - i);
        profile_set_real(&profiles[i], "enabled", 0.25);
        if (i < 2)
            set_text(&profiles[i], "paths", "all");
    }
    profile_init(&sum, &allocator_libc);
    set_text(&sum, "old", "forgotten");
    fact_merge_init(&merge, &allocator_libc);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(fact_merge_add(&merge, &profiles[i]), 0);
    ck_assert_int_eq(fact_merge_finish(&merge, &sum), 0);
    fact_merge_release(&merge);
    ck_assert_ptr_null(profile_fact(&sum, "old"));
    ck_assert_str_eq(profile_fact(&sum, "python")->text->bytes, "3.9.18; 3.13.0");
    ck_assert_str_eq(profile_fact(&sum, "clock")->text->bytes, "tsc");
    ck_assert_str_eq(profile_fact(&sum, "paths")->text->bytes, "cut");
    ck_assert_ptr_null(profile_fact(&sum, "pid"));
    ck_assert_int_eq(profile_fact(&sum, "thread")->integer, 1);
    ck_assert_int_eq(profile_fact(&sum, "dropped")->integer, 3);
    ck_assert_double_eq(profile_fact(&sum, "started")->real, 48.5);
    ck_assert_double_eq(profile_fact(&sum, "enabled")->real, 0.75);
    profile_release(&sum);
    for (int i = 0; i < 3; i++)
        profile_release(&profiles[i]);
}
END_TEST

/* What `paths` becomes when the profiles say this of them, or nothing, or a number (""). */
static void assert_paths(const char *first, const char *second, const char *expected)
{
    const char *const texts[] = {first, second};
    struct profile profiles[2];
    struct fact_merge merge;
    fact_merge_init(&merge, &allocator_libc);
    for (int i = 0; i < 2; i++) {
        profile_init(&profiles[i], &allocator_libc);
        if (texts[i] && *texts[i])
            set_text(&profiles[i], "paths", texts[i]);
        else if (texts[i])
            profile_set_integer(&profiles[i], "paths", 1);
        ck_assert_int_eq(fact_merge_add(&merge, &profiles[i]), 0);
    }
    ck_assert_int_eq(fact_merge_finish(&merge, &profiles[0]), 0);
    if (expected)
        ck_assert_str_eq(profile_fact(&profiles[0], "paths")->text->bytes, expected);
    else
        ck_assert_ptr_null(profile_fact(&profiles[0], "paths"));
    fact_merge_release(&merge);
    for (int i = 0; i < 2; i++)
        profile_release(&profiles[i]);
}

START_TEST(paths_are_whole_where_all_say_so)
{
    assert_paths("all", "all", "all");
    assert_paths("all", "none", "cut");
    assert_paths("all", NULL, "cut");
    assert_paths(NULL, "all", "cut");
    assert_paths("all", "", "cut");
    assert_paths("", "all", "cut");
    assert_paths(NULL, NULL, NULL);
}
END_TEST

static int sum_facts(const struct allocator *allocator, void *context)
{
    struct profile profile;
    struct fact_merge merge;
    profile_init(&profile, allocator);
    fact_merge_init(&merge, allocator);
    int result = profile_set_text(&profile, "python", "3.13", 4) < 0 || profile_set_integer(&profile, "dropped", 1) < 0
                     ? -1
                     : fact_merge_add(&merge, &profile);
    if (result == 0)
        result = fact_merge_finish(&merge, &profile);
    fact_merge_release(&merge);
    profile_release(&profile);
    return result;
}

START_TEST(says_when_memory_is_short)
{
    test_fail_each_allocation(sum_facts, NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("merge_facts");
    TCase *tcase = tcase_create("merge_facts");
    tcase_add_test(tcase, facts_hold_for_the_sum);
    tcase_add_test(tcase, paths_are_whole_where_all_say_so);
    tcase_add_test(tcase, says_when_memory_is_short);
    suite_add_tcase(suite, tcase);
    return test_main(suite);
}
