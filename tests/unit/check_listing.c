#include "listing.h"

#include <string.h>

#include "profiles.h"
#include "support.h"

/* "m:0(a)" to "m:9(a)", each taking more time than the one before it, and one that is not listed. */
static int fill(struct profile *profile)
{
    for (uint32_t i = 0; i < 10; i++)
        if (profiles_list(profile, "m", i, "a", 1, 0.25 * i, 0.25 * i) == PROFILE_NO_FUNCTION)
            return -1;
    return profiles_function(profile, "m", 99, "a") == PROFILE_NO_FUNCTION ? -1 : 0;
}

/* Three restrictions on these ten, by time; `expected` are the lines of what they leave.  *last is the last reduction,
 * valid until the next call. */
static void restrict_ten(struct restriction first, struct restriction second, struct restriction third,
                         const char *expected, struct reduction *last)
{
    static struct restriction restrictions[3];
    memcpy(restrictions, (struct restriction[]){first, second, third}, sizeof restrictions);
    const struct order_key *key = order_key_find("time", NULL);
    struct profile profile;
    struct order order;
    struct listing listing;
    profile_init(&profile, &allocator_libc);
    ck_assert_int_eq(fill(&profile), 0);
    ck_assert_int_eq(order_init(&order, &profile, &key, 1, false, NULL), 0);
    ck_assert_int_eq(listing_init(&listing, &order, NULL, restrictions, 3, NULL), 0);
    ck_assert_uint_eq(listing.listed_count, 10);
    ck_assert_uint_eq(listing.count, strlen(expected));
    for (size_t i = 0; i < listing.count; i++)
        ck_assert_uint_eq(listing.rows[i], expected[i] - '0');
    *last = listing.reduction_count ? listing.reductions[listing.reduction_count - 1] : (struct reduction){0};
    listing_release(&listing);
    order_release(&order);
    profile_release(&profile);
}

START_TEST(restrictions_apply_in_their_order)
{
    struct pattern *pattern = pattern_new("[3-9]\\(", &allocator_libc, NULL);
    const struct restriction half = {.kind = RESTRICT_FRACTION, .fraction = 0.5};
    const struct restriction all = {.kind = RESTRICT_FRACTION, .fraction = 1.0};
    const struct restriction six = {.kind = RESTRICT_LIMIT, .limit = 6};
    const struct restriction none = {.kind = RESTRICT_LIMIT, .limit = 0};
    const struct restriction match = {.kind = RESTRICT_PATTERN, .pattern = pattern};
    struct reduction last;
    restrict_ten(all, all, all, "9876543210", &last);
    ck_assert_ptr_null(last.restriction);
    restrict_ten(match, six, half, "987", &last);
    ck_assert_uint_eq(last.from, 6);
    ck_assert_uint_eq(last.to, 3);
    restrict_ten(half, match, all, "98765", &last);
    ck_assert_int_eq(last.restriction->kind, RESTRICT_FRACTION);
    restrict_ten(match, all, all, "9876543", &last);
    ck_assert_uint_eq(last.from, 10);
    ck_assert_int_eq(last.restriction->kind, RESTRICT_PATTERN);
    restrict_ten(six, half, match, "987", &last);
    ck_assert_int_eq(last.restriction->kind, RESTRICT_FRACTION);
    restrict_ten(half, half, half, "98", &last);
    restrict_ten(none, match, half, "", &last);
    ck_assert_uint_eq(last.from, 10);
    ck_assert_uint_eq(last.to, 0);
    pattern_free(pattern);
}
END_TEST

static int list_some(const struct allocator *allocator, void *context)
{
    const struct order_key *key = order_key_find("time", NULL);
    const struct restriction restrictions[] = {{.kind = RESTRICT_PATTERN, .pattern = context},
                                               {.kind = RESTRICT_FRACTION, .fraction = 0.5}};
    struct profile profile;
    struct order order;
    struct listing listing;
    int result = -1;
    profile_init(&profile, allocator);
    if (fill(&profile) < 0 || order_init(&order, &profile, &key, 1, false, NULL) < 0)
        goto out;
    result = listing_init(&listing, &order, NULL, restrictions, 2, NULL);
    if (result == 0)
        listing_release(&listing);
    order_release(&order);
out:
    profile_release(&profile);
    return result;
}

START_TEST(says_when_memory_is_short)
{
    struct pattern *pattern = pattern_new("a", &allocator_libc, NULL);
    test_fail_each_allocation(list_some, pattern);
    pattern_free(pattern);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("listing");
    TCase *tcase = tcase_create("listing");
    tcase_add_test(tcase, restrictions_apply_in_their_order);
    tcase_add_test(tcase, says_when_memory_is_short);
    suite_add_tcase(suite, tcase);
    return test_main(suite);
}
