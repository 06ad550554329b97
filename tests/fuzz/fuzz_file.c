#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "statfile.h"

static void require(int condition)
{
    if (!condition)
        abort();
}

static void encode(const struct profile *profile, struct buffer *out)
{
    struct error error = {0};

    buffer_init(out, &allocator_libc);
    require(statfile_encode(profile, out, &error) == 0);
}

void fuzz_file(const uint8_t *data, size_t size)
{
    struct profile profile, copy;
    struct buffer first, second;
    struct error error = {0};

    profile_init(&profile, &allocator_libc);
    profile_init(&copy, &allocator_libc);
    if (statfile_decode(&profile, data, size, &error)) {
        require(error.code == ERROR_FORMAT && error.reason[0] != '\0');
        require(error.offset >= ERROR_NO_OFFSET && error.offset <= (int64_t)size);
    } else {
        encode(&profile, &first);
        require(statfile_decode(&copy, first.data, first.size, &error) == 0);
        encode(&copy, &second);
        require(first.size == second.size && memcmp(first.data, second.data, first.size) == 0);
        buffer_release(&first);
        buffer_release(&second);
    }
    profile_release(&copy);
    profile_release(&profile);
}
