#include "summing.h"

#include "profiles.h"
#include "support.h"

/* f calls itself 2 times; three sums of it on a target with one function. */
static int add_thrice(const struct allocator *allocator, void *context)
{
    struct profile source, target;
    struct summing summing;
    const uint32_t positions[] = {0};
    int result = -1;
    profile_init(&source, allocator);
    profile_init(&target, allocator);
    summing_init(&summing, &target);
    uint32_t f = profiles_list(&source, "m.py", 1, "f", 5, 0.5, 1.0);
    if (f == 0 && profiles_call(&source, f, f, 2, 0.25, 0.75) &&
        profiles_function(&target, "n.py", 1, "f") != PROFILE_NO_FUNCTION)
        result = 0;
    for (int i = 0; i < 3 && result == 0; i++)
        result = summing_add(&summing, &source, positions, NULL);
    if (result == 0) {
        const struct function *sum = &target.functions[0];
        ck_assert(sum->listed);
        ck_assert_int_eq(sum->ncalls, 15);
        ck_assert_double_eq(sum->tottime, 1.5);
        ck_assert_double_eq(sum->cumtime, 3.0);
        ck_assert_uint_eq(sum->caller_count, 1);
        ck_assert_int_eq(sum->callers[0].ncalls, 6);
        ck_assert_double_eq(sum->callers[0].cumtime, 2.25);
    }
    summing_release(&summing);
    profile_release(&target);
    profile_release(&source);
    return result;
}

START_TEST(functions_and_edges_add_up)
{
    ck_assert_int_eq(add_thrice(&allocator_libc, NULL), 0);
}
END_TEST

START_TEST(says_when_memory_is_short)
{
    test_fail_each_allocation(add_thrice, NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("summing");
    TCase *tcase = tcase_create("summing");
    tcase_add_test(tcase, functions_and_edges_add_up);
    tcase_add_test(tcase, says_when_memory_is_short);
    suite_add_tcase(suite, tcase);
    return test_main(suite);
}
