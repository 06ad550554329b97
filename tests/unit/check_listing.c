#include "listing.h"

#include <string.h>

#include "profiles.h"
#include "support.h"

/* Three restrictions on ten rows, "m:0(a)" to "m:9(a)"; *last is the last reduction, valid until the next call. */
static size_t restrict_ten(struct restriction first, struct restriction second, struct restriction third,
                           struct reduction *last)
{
    static struct restriction restrictions[3];
    memcpy(restrictions, (struct restriction[]){first, second, third}, sizeof restrictions);
    struct profile profile;
    struct names names;
    struct listing listing;
    uint32_t rows[10];
    profile_init(&profile, &allocator_libc);
    for (uint32_t i = 0; i < 10; i++)
        rows[i] = profiles_list(&profile, "m", i, "a", 1, 0, 0);
    ck_assert_int_eq(names_init(&names, &profile, NULL), 0);
    ck_assert_int_eq(listing_init(&listing, rows, 10, restrictions, 3, &names, NULL), 0);
    size_t count = listing.count;
    *last = listing.reduction_count ? listing.reductions[listing.reduction_count - 1] : (struct reduction){0};
    listing_release(&listing);
    names_release(&names);
    profile_release(&profile);
    return count;
}

START_TEST(restrictions_apply_in_their_order)
{
    struct pattern *pattern = pattern_new("[3-9]\\(", &allocator_libc, NULL);
    const struct restriction half = {.kind = RESTRICT_FRACTION, .fraction = 0.5};
    const struct restriction all = {.kind = RESTRICT_FRACTION, .fraction = 1.0};
    const struct restriction six = {.kind = RESTRICT_LIMIT, .limit = 6};
    const struct restriction match = {.kind = RESTRICT_PATTERN, .pattern = pattern};
    struct reduction last;
    ck_assert_uint_eq(restrict_ten(all, all, all, &last), 10);
    ck_assert_ptr_null(last.restriction);
    ck_assert_uint_eq(restrict_ten(match, six, half, &last), 3);
    ck_assert_uint_eq(last.from, 6);
    ck_assert_uint_eq(last.to, 3);
    ck_assert_uint_eq(restrict_ten(half, match, six, &last), 2);
    ck_assert_uint_eq(last.from, 5);
    ck_assert_int_eq(last.restriction->kind, RESTRICT_PATTERN);
    ck_assert_uint_eq(restrict_ten(half, half, half, &last), 2);
    pattern_free(pattern);
}
END_TEST

static int list_two(const struct allocator *allocator, void *context)
{
    struct names *names = context;
    struct listing listing;
    const uint32_t rows[] = {0, 0, 0};
    const struct restriction restrictions[] = {{.kind = RESTRICT_LIMIT, .limit = 2},
                                               {.kind = RESTRICT_FRACTION, .fraction = 0.5}};
    struct names borrowed = *names;
    borrowed.allocator = allocator;
    int result = listing_init(&listing, rows, 3, restrictions, 2, &borrowed, NULL);
    if (result == 0)
        listing_release(&listing);
    return result;
}

START_TEST(says_when_memory_is_short)
{
    struct profile profile;
    struct names names;
    profile_init(&profile, &allocator_libc);
    profiles_list(&profile, "m", 1, "a", 1, 0, 0);
    ck_assert_int_eq(names_init(&names, &profile, NULL), 0);
    test_fail_each_allocation(list_two, &names);
    names_release(&names);
    profile_release(&profile);
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
