#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "statfile.h"

static void require(int condition)
{
    if (!condition)
        abort();
}

typedef int decode_function(struct profile *profile, const void *data, size_t size, unsigned parts,
                            struct error *error);

/* What became of a file. */
struct outcome {
    struct profile profile;
    struct error error; /* {0}: none */
};

static void outcome_init(struct outcome *outcome, decode_function *decode, const void *data, size_t size,
                         unsigned parts)
{
    *outcome = (struct outcome){.error = {0}};
    profile_init(&outcome->profile, &allocator_libc);
    if (decode(&outcome->profile, data, size, parts, &outcome->error) == 0) {
        require(outcome->error.code == ERROR_NONE);
        return;
    }
    require(outcome->error.code == ERROR_FORMAT && outcome->error.reason[0] != '\0');
    require(outcome->error.offset >= ERROR_NO_OFFSET && outcome->error.offset <= (int64_t)size);
}

static void outcome_release(struct outcome *outcome)
{
    profile_release(&outcome->profile);
}

static void require_equal_errors(const struct error *a, const struct error *b)
{
    require(a->code == b->code && a->offset == b->offset && strcmp(a->reason, b->reason) == 0);
}

static void encode(const struct profile *profile, struct buffer *out)
{
    struct error error = {0};

    buffer_init(out, &allocator_libc);
    require(statfile_encode(profile, out, &error) == 0);
}

/* The file that a profile makes. */
static void require_file(const struct profile *profile, const struct buffer *file)
{
    struct buffer out;

    encode(profile, &out);
    require(out.size == file->size && memcmp(out.data, file->data, out.size) == 0);
    buffer_release(&out);
}

static void require_equal_functions(const struct function *a, const struct function *b)
{
    require(a->label.line == b->label.line && string_compare(a->label.file, b->label.file) == 0 &&
            string_compare(a->label.name, b->label.name) == 0 && a->listed == b->listed);
    require(a->primitive == b->primitive && a->ncalls == b->ncalls && a->tottime == b->tottime &&
            a->cumtime == b->cumtime);
}

/* Only a record that nobody wants may be bad. */
static void require_equal_totals(const struct outcome *totals, const struct outcome *whole)
{
    if (whole->error.code != ERROR_NONE) {
        if (strncmp(whole->error.reason, "trailer: ", 9) != 0)
            require_equal_errors(&totals->error, &whole->error);
        return;
    }
    require(totals->error.code == ERROR_NONE && totals->profile.function_count <= whole->profile.function_count);
    for (size_t i = 0; i < totals->profile.function_count; i++)
        require_equal_functions(&totals->profile.functions[i], &whole->profile.functions[i]);
}

void fuzz_file(const uint8_t *data, size_t size)
{
    struct outcome whole, general, totals, copy;
    struct buffer file;

    outcome_init(&whole, statfile_decode, data, size, STATFILE_ALL);
    outcome_init(&general, general_decode, data, size, STATFILE_ALL);
    outcome_init(&totals, statfile_decode, data, size, 0);
    require_equal_errors(&general.error, &whole.error);
    require_equal_totals(&totals, &whole);
    if (whole.error.code == ERROR_NONE) {
        encode(&whole.profile, &file);
        require_file(&general.profile, &file);
        outcome_init(&copy, statfile_decode, file.data, file.size, STATFILE_ALL);
        require(copy.error.code == ERROR_NONE);
        require_file(&copy.profile, &file);
        outcome_release(&copy);
        buffer_release(&file);
    }
    outcome_release(&totals);
    outcome_release(&general);
    outcome_release(&whole);
}
