#include "strip.h"

#include <string.h>

#include "summing.h"

static const struct string *strip_file(struct string_pool *pool, const struct string *file)
{
    size_t start = file->size;
    while (start > 0 && file->bytes[start - 1] != '/')
        start--;
    return string_pool_intern(pool, file->bytes + start, file->size - start);
}

static int strip_labels(struct profile *stripped, const struct profile *profile, bool listed, uint32_t *moved,
                        struct error *error)
{
    for (size_t i = 0; i < profile->function_count; i++) {
        const struct function *function = &profile->functions[i];
        if (function->listed != listed)
            continue;
        const struct string *file = strip_file(&stripped->strings, function->label.file);
        const struct string *name =
            string_pool_intern(&stripped->strings, function->label.name->bytes, function->label.name->size);
        if (!file || !name)
            return error_set_memory(error);
        moved[i] = profile_function(stripped, file, function->label.line, name);
        if (moved[i] == PROFILE_NO_FUNCTION)
            return error_set_memory(error);
    }
    return 0;
}

int strip_directories(struct profile *stripped, const struct profile *profile, uint32_t *moved, struct error *error)
{
    /* Listed functions first: their order is that of the dictionary. */
    if (strip_labels(stripped, profile, true, moved, error) < 0 ||
        strip_labels(stripped, profile, false, moved, error) < 0)
        return -1;
    struct summing summing;
    summing_init(&summing, stripped);
    int result = summing_add(&summing, profile, moved, error);
    summing_release(&summing);
    return result;
}
