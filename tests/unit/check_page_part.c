#include "page_part.h"

#include "profiles.h"
#include "support.h"

enum { A, B, C, D };

/* Cumulative times 4, 9, 4 and none; a calls b (3 s), c (1 s) and itself (2 s), b calls c (1 s). */
static int fill(struct profile *profile)
{
    static const char *const names[] = {"a", "b", "c", "d"};
    static const double times[] = {4, 9, 4, 0};
    static const struct {
        uint32_t function;
        uint32_t caller;
        double time;
    } pairs[] = {{A, A, 2}, {B, A, 3}, {C, A, 1}, {C, B, 1}};
    for (size_t i = 0; i < 4; i++)
        if (profiles_list(profile, "m.py", 1, names[i], 1, 0, times[i]) == PROFILE_NO_FUNCTION)
            return -1;
    if (profiles_function(profile, "m.py", 1, "unlisted") == PROFILE_NO_FUNCTION)
        return -1;
    for (size_t i = 0; i < 4; i++)
        if (!profiles_call(profile, pairs[i].function, pairs[i].caller, 1, 0, pairs[i].time))
            return -1;
    return 0;
}

/* `shown` has a letter for each function; x is shown. */
static void assert_limited(const struct page_limits *most, const char *shown, size_t left_out, size_t pairs_left_out)
{
    struct profile profile;
    struct page_part part;
    profile_init(&profile, &allocator_libc);
    ck_assert_int_eq(fill(&profile), 0);
    ck_assert_int_eq(page_part_init(&part, &profile, most, NULL), 0);
    for (size_t i = 0; i < profile.function_count; i++)
        ck_assert_msg(part.shown[i] == (shown[i] == 'x'), "%s", profile.functions[i].label.name->bytes);
    ck_assert_uint_eq(part.listed_count, 4);
    ck_assert_uint_eq(part.functions_left_out, left_out);
    ck_assert_uint_eq(part.pairs_left_out, pairs_left_out);
    page_part_release(&part);
    profile_release(&profile);
}

static void assert_part(size_t functions, size_t pairs, const char *shown, size_t left_out, size_t pairs_left_out)
{
    assert_limited(&(struct page_limits){functions, 100, pairs}, shown, left_out, pairs_left_out);
}

START_TEST(names_have_to_fit)
{
    enum { NAME = 5 }; /* "m.py" and a letter */
    assert_limited(&(struct page_limits){100, 4 * NAME, 100}, "xxxx-", 0, 0);
    assert_limited(&(struct page_limits){100, 4 * NAME - 1, 100}, "xxx--", 1, 0);
    assert_limited(&(struct page_limits){100, NAME, 100}, "-x---", 3, 0);
    assert_limited(&(struct page_limits){100, NAME - 1, 100}, "-----", 4, 0);
}
END_TEST

START_TEST(the_largest_are_shown)
{
    assert_part(100, 100, "xxxx-", 0, 0);
    assert_part(4, 4, "xxxx-", 0, 0);
    assert_part(3, 100, "xxx--", 1, 0);
    assert_part(2, 100, "xx---", 2, 0);
    assert_part(1, 100, "-x---", 3, 0);
    assert_part(0, 100, "-----", 4, 0);
    assert_part(100, 2, "xxxx-", 0, 2);
    assert_part(100, 3, "xxxx-", 0, 2); /* two are equal */
    assert_part(100, 1, "xxxx-", 0, 3);
}
END_TEST

static int make(const struct allocator *allocator, void *context)
{
    struct profile profile;
    struct page_part part;
    profile_init(&profile, allocator);
    int result = fill(&profile);
    if (result == 0)
        result = page_part_init(&part, &profile, &(struct page_limits){2, 100, 2}, NULL);
    if (result == 0)
        page_part_release(&part);
    profile_release(&profile);
    return result;
}

START_TEST(says_when_memory_is_short)
{
    test_fail_each_allocation(make, NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("page_part");
    TCase *tcase = tcase_create("page_part");
    tcase_add_test(tcase, the_largest_are_shown);
    tcase_add_test(tcase, names_have_to_fit);
    tcase_add_test(tcase, says_when_memory_is_short);
    suite_add_tcase(suite, tcase);
    return test_main(suite);
}
