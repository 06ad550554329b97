#include "strip.h"

#include <string.h>

#include "summing.h"

static const struct string *strip_file(struct string_pool *pool, const struct string *file)
{
    const char *slash = memrchr(file->bytes, '/', file->size);
    size_t start = slash ? (size_t)(slash + 1 - file->bytes) : 0;
    return start ? string_pool_intern(pool, file->bytes + start, file->size - start) : file;
}

static int strip_labels(struct profile *profile, struct error *error)
{
    const struct string *file = NULL, *stripped = NULL;
    for (size_t i = 0; i < profile->function_count; i++) {
        struct label *label = &profile->functions[i].label;
        if (label->file != file) {
            file = label->file;
            stripped = strip_file(&profile->strings, file);
        }
        if (!stripped)
            return error_set_memory(error);
        label->file = stripped;
    }
    return 0;
}

static bool label_matches(const void *functions, uint32_t position, const void *label)
{
    return label_equal(&((const struct function *)functions)[position].label, label);
}

/* Functions that are looked up one after the other; what all of them need is fetched before it is waited for. */
enum { GROUP = 64 };

/* Looks up a group of functions, and adds to *count those that no function before them equals. */
static int find_group(struct index_map *by_label, const struct profile *profile, uint32_t first, uint32_t end,
                      uint32_t *moved, uint32_t *count)
{
    uint32_t hashes[GROUP];
    for (uint32_t i = first; i < end; i++) {
        hashes[i - first] = label_hash(&profile->functions[i].label);
        index_map_prefetch(by_label, hashes[i - first]);
    }
    for (uint32_t i = first; i < end; i++) {
        const struct label *label = &profile->functions[i].label;
        uint32_t found = index_map_find(by_label, hashes[i - first], label_matches, profile->functions, label);
        if (found == INDEX_MAP_NONE && index_map_add(by_label, hashes[i - first], i) < 0)
            return -1;
        moved[i] = found == INDEX_MAP_NONE ? (*count)++ : moved[found];
    }
    return 0;
}

/* moved[i] becomes the position of function i when equal ones are one, and *count how many there are then. */
static int find_equals(const struct profile *profile, uint32_t *moved, uint32_t *count)
{
    uint32_t total = (uint32_t)profile->function_count;
    struct index_map by_label;
    *count = 0;
    index_map_init(&by_label, profile->allocator);
    int result = index_map_reserve(&by_label, total);
    for (uint32_t first = 0; first < total && result == 0; first += GROUP)
        result = find_group(&by_label, profile, first, total - first < GROUP ? total : first + GROUP, moved, count);
    index_map_release(&by_label);
    return result;
}

static int append_labels(struct profile *sums, const struct profile *profile, const uint32_t *moved)
{
    for (size_t i = 0; i < profile->function_count; i++)
        if (moved[i] == sums->function_count &&
            profile_append_function(sums, &profile->functions[i].label) == PROFILE_NO_FUNCTION)
            return -1;
    return 0;
}

/* All functions are summed anew, and the sums take their place. */
static int sum_equals(struct profile *profile, const uint32_t *moved, struct error *error)
{
    struct profile sums;
    struct summing summing;
    profile_init(&sums, profile->allocator);
    summing_init(&summing, &sums);
    int result = append_labels(&sums, profile, moved) == 0 ? summing_add(&summing, profile, moved, error)
                                                           : error_set_memory(error);
    if (result == 0)
        profile_swap_functions(profile, &sums, moved);
    summing_release(&summing);
    profile_release(&sums);
    return result;
}

static int strip_with(struct profile *profile, uint32_t *moved, struct error *error)
{
    profile_forget_labels(profile);
    if (strip_labels(profile, error) < 0)
        return -1;
    uint32_t count;
    if (find_equals(profile, moved, &count) < 0)
        return error_set_memory(error);
    return count < profile->function_count ? sum_equals(profile, moved, error) : 0;
}

int strip_directories(struct profile *profile, uint32_t *moved, struct error *error)
{
    if (moved)
        return strip_with(profile, moved, error);
    moved = allocator_resize(profile->allocator, NULL, profile->function_count + 1, sizeof *moved);
    int result = moved ? strip_with(profile, moved, error) : error_set_memory(error);
    allocator_free(profile->allocator, moved);
    return result;
}
