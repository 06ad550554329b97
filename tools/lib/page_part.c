#include "page_part.h"

#include "sort.h"

static int by_position(const void *context, uint32_t a, uint32_t b)
{
    return a < b ? -1 : 1;
}

/* A larger time has a smaller rank; what is no time at all comes last. */
static uint64_t rank_of(double seconds)
{
    union {
        double number;
        uint64_t bits;
    } time = {.number = seconds > 0 ? seconds : 0};
    return UINT64_MAX - time.bits;
}

static int choose_functions(struct page_part *part, const struct profile *profile, const struct page_limits *most)
{
    size_t count = profile->function_count;
    struct sort_row *rows = allocator_resize(part->allocator, NULL, count + 1, sizeof *rows);
    uint32_t *first = allocator_resize(part->allocator, NULL, count + 1, sizeof *first);
    part->shown = allocator_zeroed(part->allocator, count + 1, sizeof *part->shown);
    int result = rows && first && part->shown ? 0 : -1;
    for (uint32_t i = 0; result == 0 && i < count; i++)
        if (profile->functions[i].listed)
            rows[part->listed_count++] = (struct sort_row){rank_of(profile->functions[i].cumtime), i};
    size_t wanted = part->listed_count < most->functions ? part->listed_count : most->functions, bytes = 0, shown = 0;
    if (result == 0)
        sort_first(rows, part->listed_count, wanted, first, by_position, NULL);
    for (; result == 0 && shown < wanted; shown++) {
        const struct label *label = &profile->functions[first[shown]].label;
        bytes += label->file->size + label->name->size;
        if (bytes > most->bytes)
            break;
        part->shown[first[shown]] = true;
    }
    part->functions_left_out = part->listed_count - shown;
    allocator_free(part->allocator, rows);
    allocator_free(part->allocator, first);
    return result;
}

bool page_part_has_pair(const struct page_part *part, uint32_t function, const struct caller *caller)
{
    return part->shown[function] && part->shown[caller->function] && caller->cumtime >= part->least_pair;
}

static size_t count_pairs(const struct page_part *part, const struct profile *profile)
{
    size_t count = 0;
    for (uint32_t i = 0; i < profile->function_count; i++)
        for (size_t j = 0; j < profile->functions[i].caller_count; j++)
            count += page_part_has_pair(part, i, &profile->functions[i].callers[j]);
    return count;
}

static double longest_pair(const struct profile *profile)
{
    double longest = 0;
    for (uint32_t i = 0; i < profile->function_count; i++)
        for (size_t j = 0; j < profile->functions[i].caller_count; j++)
            if (profile->functions[i].callers[j].cumtime > longest)
                longest = profile->functions[i].callers[j].cumtime;
    return longest;
}

/* Half by half the time that divides the wanted ones from the others; where many pairs are as long as each other, there
 * may be fewer. */
static void choose_pairs(struct page_part *part, const struct profile *profile, size_t most)
{
    enum { STEPS = 40 };
    double enough = longest_pair(profile), too_few = 0;
    part->least_pair = -1.0 / 0.0;
    size_t all = count_pairs(part, profile);
    for (int i = 0; all > most && i < STEPS; i++) {
        part->least_pair = too_few + (enough - too_few) / 2;
        if (count_pairs(part, profile) > most)
            too_few = part->least_pair;
        else
            enough = part->least_pair;
    }
    if (all > most)
        part->least_pair = enough;
    part->pairs_left_out = all - count_pairs(part, profile);
}

int page_part_init(struct page_part *part, const struct profile *profile, const struct page_limits *most,
                   struct error *error)
{
    *part = (struct page_part){.allocator = profile->allocator};
    if (choose_functions(part, profile, most) < 0) {
        page_part_release(part);
        return error_set_memory(error);
    }
    choose_pairs(part, profile, most->pairs);
    return 0;
}

void page_part_release(struct page_part *part)
{
    allocator_free(part->allocator, part->shown);
    *part = (struct page_part){.allocator = part->allocator};
}
