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

/* moved[i] becomes the position of function i when equal ones are one.  How many there are then, or -1. */
static int64_t find_equals(const struct profile *profile, uint32_t *moved)
{
    struct index_map by_label;
    int64_t count = 0;
    index_map_init(&by_label, profile->allocator);
    int result = index_map_reserve(&by_label, (uint32_t)profile->function_count);
    for (uint32_t i = 0; i < profile->function_count && result == 0; i++) {
        const struct label *label = &profile->functions[i].label;
        uint32_t hash = label_hash(label);
        uint32_t found = index_map_find(&by_label, hash, label_matches, profile->functions, label);
        moved[i] = found == INDEX_MAP_NONE ? (uint32_t)count++ : moved[found];
        if (found == INDEX_MAP_NONE)
            result = index_map_add(&by_label, hash, i);
    }
    index_map_release(&by_label);
    return result == 0 ? count : -1;
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

int strip_directories(struct profile *profile, uint32_t *moved, struct error *error)
{
    profile_forget_labels(profile);
    if (strip_labels(profile, error) < 0)
        return -1;
    int64_t count = find_equals(profile, moved);
    if (count < 0)
        return error_set_memory(error);
    return (size_t)count < profile->function_count ? sum_equals(profile, moved, error) : 0;
}
