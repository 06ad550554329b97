/* Patterns choose the same rows in whatever order they stand.  So rows are put in order when their order begins to
 * matter, and then no more of them than stay. */
#include "listing.h"

#include "base/buffer.h"

/* A listing in the making. */
struct selection {
    struct listing *listing;
    const struct order *order;
    bool ordered; /* the rows are in order */
    struct buffer name;
};

/* Keeps the first `count` rows. */
static int keep_first(struct selection *selection, size_t count, struct error *error)
{
    struct listing *listing = selection->listing;
    if (!selection->ordered && order_rows(selection->order, listing->rows, listing->count, count, error) < 0)
        return -1;
    selection->ordered = true;
    listing->count = count;
    return 0;
}

static int apply_fraction(struct selection *selection, const struct restriction *restriction, struct error *error)
{
    if (restriction->fraction >= 1.0)
        return 0;
    return keep_first(selection, (size_t)((double)selection->listing->count * restriction->fraction + .5), error);
}

static int apply_limit(struct selection *selection, const struct restriction *restriction, struct error *error)
{
    if ((uint64_t)restriction->limit >= selection->listing->count)
        return 0;
    return keep_first(selection, (size_t)restriction->limit, error);
}

static int apply_pattern(struct selection *selection, const struct restriction *restriction, struct error *error)
{
    const struct function *functions = selection->order->profile->functions;
    struct listing *listing = selection->listing;
    size_t kept = 0;
    for (size_t i = 0; i < listing->count; i++) {
        struct name name;
        if (name_make(&name, &functions[listing->rows[i]].label, &selection->name) < 0)
            return error_set_memory(error);
        int found = pattern_search(restriction->pattern, name.bytes, name.size, error);
        if (found < 0)
            return -1;
        if (found)
            listing->rows[kept++] = listing->rows[i];
    }
    listing->count = kept;
    return 0;
}

static int (*const apply[])(struct selection *selection, const struct restriction *restriction, struct error *error) = {
    [RESTRICT_FRACTION] = apply_fraction,
    [RESTRICT_LIMIT] = apply_limit,
    [RESTRICT_PATTERN] = apply_pattern,
};

static int select_rows(struct selection *selection, const struct restriction *restrictions, size_t restriction_count,
                       struct error *error)
{
    struct listing *listing = selection->listing;
    for (size_t i = 0; i < restriction_count; i++) {
        size_t before = listing->count;
        if (apply[restrictions[i].kind](selection, &restrictions[i], error) < 0)
            return -1;
        if (listing->count != before)
            listing->reductions[listing->reduction_count++] =
                (struct reduction){&restrictions[i], before, listing->count};
    }
    return keep_first(selection, listing->count, error);
}

int listing_init(struct listing *listing, const struct order *order, const bool *among,
                 const struct restriction *restrictions, size_t restriction_count, struct error *error)
{
    const struct profile *profile = order->profile;
    const struct allocator *allocator = profile->allocator;
    struct selection selection = {.listing = listing, .order = order};
    *listing = (struct listing){.allocator = allocator};
    listing->rows = allocator_resize(allocator, NULL, profile->function_count + 1, sizeof *listing->rows);
    listing->reductions = allocator_resize(allocator, NULL, restriction_count + 1, sizeof *listing->reductions);
    if (!listing->rows || !listing->reductions) {
        listing_release(listing);
        return error_set_memory(error);
    }
    for (uint32_t i = 0; i < profile->function_count; i++)
        if (profile->functions[i].listed && (!among || among[i]))
            listing->rows[listing->count++] = i;
    listing->listed_count = listing->count;
    buffer_init(&selection.name, allocator);
    int result = select_rows(&selection, restrictions, restriction_count, error);
    buffer_release(&selection.name);
    if (result < 0)
        listing_release(listing);
    return result;
}

void listing_release(struct listing *listing)
{
    allocator_free(listing->allocator, listing->rows);
    allocator_free(listing->allocator, listing->reductions);
    listing->rows = NULL;
    listing->reductions = NULL;
}
