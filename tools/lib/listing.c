#include "listing.h"

#include <string.h>

static int apply_fraction(struct listing *listing, const struct restriction *restriction, const struct names *names,
                          struct error *error)
{
    if (restriction->fraction < 1.0)
        listing->count = (size_t)((double)listing->count * restriction->fraction + .5);
    return 0;
}

static int apply_limit(struct listing *listing, const struct restriction *restriction, const struct names *names,
                       struct error *error)
{
    if ((uint64_t)restriction->limit < listing->count)
        listing->count = (size_t)restriction->limit;
    return 0;
}

static int apply_pattern(struct listing *listing, const struct restriction *restriction, const struct names *names,
                         struct error *error)
{
    size_t kept = 0;
    for (size_t i = 0; i < listing->count; i++) {
        const struct name *name = &names->list[listing->rows[i]];
        int found = pattern_search(restriction->pattern, name->bytes, name->size, error);
        if (found < 0)
            return -1;
        if (found)
            listing->rows[kept++] = listing->rows[i];
    }
    listing->count = kept;
    return 0;
}

typedef int apply_restriction(struct listing *listing, const struct restriction *restriction, const struct names *names,
                              struct error *error);

static apply_restriction *const apply[] = {
    [RESTRICT_FRACTION] = apply_fraction,
    [RESTRICT_LIMIT] = apply_limit,
    [RESTRICT_PATTERN] = apply_pattern,
};

int listing_init(struct listing *listing, const uint32_t *rows, size_t count, const struct restriction *restrictions,
                 size_t restriction_count, const struct names *names, struct error *error)
{
    const struct allocator *allocator = names->allocator;
    *listing = (struct listing){.allocator = allocator, .count = count};
    listing->rows = allocator_resize(allocator, NULL, count + 1, sizeof *rows);
    listing->reductions = allocator_resize(allocator, NULL, restriction_count + 1, sizeof *listing->reductions);
    if (!listing->rows || !listing->reductions) {
        error_set_memory(error);
        goto failed;
    }
    memcpy(listing->rows, rows, count * sizeof *rows);
    for (size_t i = 0; i < restriction_count; i++) {
        size_t before = listing->count;
        if (apply[restrictions[i].kind](listing, &restrictions[i], names, error) < 0)
            goto failed;
        if (listing->count != before)
            listing->reductions[listing->reduction_count++] =
                (struct reduction){&restrictions[i], before, listing->count};
    }
    return 0;
failed:
    listing_release(listing);
    return -1;
}

void listing_release(struct listing *listing)
{
    allocator_free(listing->allocator, listing->rows);
    allocator_free(listing->allocator, listing->reductions);
    listing->rows = NULL;
    listing->reductions = NULL;
}
