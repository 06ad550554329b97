#include "diff_pairs.h"

#include <stdlib.h>

#include "sort.h"

/* One of the profiles, and where its functions are among the changes. */
struct side {
    const struct profile *profile;
    const uint32_t *positions;
    const bool *shown;
    bool before;
};

/* Those of one profile; counts them where there is no list. */
static size_t collect(const struct side *side, struct diff_pair *list)
{
    size_t count = 0;
    for (uint32_t i = 0; i < side->profile->function_count; i++) {
        const struct function *function = &side->profile->functions[i];
        uint32_t to = side->positions[i];
        for (size_t j = 0; side->shown[to] && j < function->caller_count; j++) {
            const struct caller *caller = &function->callers[j];
            uint32_t from = side->positions[caller->function];
            if (!side->shown[from])
                continue;
            if (list)
                list[count] = (struct diff_pair){from, to, side->before ? NULL : caller, side->before ? caller : NULL};
            count++;
        }
    }
    return count;
}

static int compare(const void *left, const void *right)
{
    const struct diff_pair *a = left, *b = right;
    if (a->function != b->function)
        return a->function < b->function ? -1 : 1;
    return (a->caller > b->caller) - (a->caller < b->caller);
}

/* Two of a kind become one; no profile has more than one of them. */
static void join(struct diff_pairs *pairs)
{
    size_t count = 0;
    for (size_t i = 0; i < pairs->count; i++) {
        struct diff_pair *last = count ? &pairs->list[count - 1] : NULL;
        if (!last || compare(last, &pairs->list[i]) != 0) {
            pairs->list[count++] = pairs->list[i];
            continue;
        }
        last->now = last->now ? last->now : pairs->list[i].now;
        last->before = last->before ? last->before : pairs->list[i].before;
    }
    pairs->count = count;
}

/* The larger time has the smaller rank. */
static uint64_t rank_of(const struct diff_pair *pair)
{
    union {
        double number;
        uint64_t bits;
    } longest = {.number = 0};
    if (pair->now && pair->now->cumtime > longest.number)
        longest.number = pair->now->cumtime;
    if (pair->before && pair->before->cumtime > longest.number)
        longest.number = pair->before->cumtime;
    return UINT64_MAX - longest.bits;
}

static int by_position(const void *context, uint32_t a, uint32_t b)
{
    return a < b ? -1 : 1;
}

static int by_number(const void *left, const void *right)
{
    const uint32_t *a = left, *b = right;
    return (*a > *b) - (*a < *b);
}

static int leave_out(struct diff_pairs *pairs, size_t most)
{
    if (pairs->count <= most)
        return 0;
    struct sort_row *rows = allocator_resize(pairs->allocator, NULL, pairs->count, sizeof *rows);
    uint32_t *first = allocator_resize(pairs->allocator, NULL, most + 1, sizeof *first);
    bool done = rows && first;
    if (done) {
        for (uint32_t i = 0; i < pairs->count; i++)
            rows[i] = (struct sort_row){rank_of(&pairs->list[i]), i};
        sort_first(rows, pairs->count, most, first, by_position, NULL);
        qsort(first, most, sizeof *first, by_number);
        for (size_t i = 0; i < most; i++)
            pairs->list[i] = pairs->list[first[i]];
        pairs->left_out = pairs->count - most;
        pairs->count = most;
    }
    allocator_free(pairs->allocator, rows);
    allocator_free(pairs->allocator, first);
    return done ? 0 : -1;
}

int diff_pairs_init(struct diff_pairs *pairs, const struct diff *diff, const struct profile *now,
                    const struct profile *before, const bool *shown, size_t most, struct error *error)
{
    const struct side sides[] = {{now, diff->of_now, shown, false}, {before, diff->of_before, shown, true}};
    *pairs = (struct diff_pairs){.allocator = now->allocator};
    size_t of_now = collect(&sides[0], NULL), of_before = collect(&sides[1], NULL);
    pairs->count = of_now + of_before;
    pairs->list = allocator_resize(pairs->allocator, NULL, pairs->count + 1, sizeof *pairs->list);
    if (pairs->list) {
        collect(&sides[0], pairs->list);
        collect(&sides[1], pairs->list + of_now);
        qsort(pairs->list, pairs->count, sizeof *pairs->list, compare);
        join(pairs);
    }
    if (pairs->list && leave_out(pairs, most) == 0)
        return 0;
    diff_pairs_release(pairs);
    return error_set_memory(error);
}

void diff_pairs_release(struct diff_pairs *pairs)
{
    allocator_free(pairs->allocator, pairs->list);
    *pairs = (struct diff_pairs){.allocator = pairs->allocator};
}
