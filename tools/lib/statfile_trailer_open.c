/* From the header of a trailer to its data.  Errors within the inflated data have no place in the file: they name the
 * byte where the trailer begins. */
#include "statfile_parts.h"

#include <string.h>
#include <zlib.h>

#include "compression.h"
#include "statfile.h"

static uint64_t little_endian(const unsigned char *bytes, size_t size)
{
    uint64_t value = 0;

    while (size > 0)
        value = value << 8 | bytes[--size];
    return value;
}

/* Moves an error that has no place in the file to the trailer. */
static int fail_within(struct error *error, size_t start)
{
    char reason[ERROR_REASON_SIZE];

    if (error && error->code == ERROR_FORMAT) {
        memcpy(reason, error->reason, sizeof reason);
        return error_set(error, ERROR_FORMAT, (int64_t)start, "trailer: %.*s", ERROR_REASON_SIZE - 16, reason);
    }
    return -1;
}

static int decode_data(struct profile *profile, const unsigned char *packed, size_t size, size_t start,
                       struct error *error)
{
    struct buffer data;
    int status;

    buffer_init(&data, profile->allocator);
    status = compression_inflate(&data, packed, size, error);
    if (status == 0)
        status = trailer_read_data(profile, &data, start + size, error);
    buffer_release(&data);
    return status ? fail_within(error, start) : 0;
}

int trailer_decode(struct profile *profile, const unsigned char *data, size_t size, size_t start, unsigned parts,
                   struct error *error)
{
    const unsigned char *header = data + start;
    size_t left = size - start;
    size_t compared = left < TRAILER_MAGIC_SIZE ? left : TRAILER_MAGIC_SIZE;
    uint64_t packed;

    /* What is cut off within the magic is taken for a trailer, too; but a newline alone may be anybody's. */
    if (left < 2 || memcmp(header, STATFILE_MAGIC, compared) != 0)
        return 0;
    if (left < TRAILER_SIZE_AT)
        return error_set(error, ERROR_FORMAT, (int64_t)size, "the file is cut off here");
    if (little_endian(header + TRAILER_VERSION_AT, 4) != STATFILE_TRAILER_VERSION)
        return 0;
    if (left < TRAILER_HEADER_SIZE ||
        (packed = little_endian(header + TRAILER_SIZE_AT, 8)) > left - TRAILER_HEADER_SIZE)
        return error_set(error, ERROR_FORMAT, (int64_t)size, "the file is cut off here");
    if (crc32_z(0, header + TRAILER_HEADER_SIZE, packed) != little_endian(header + TRAILER_CHECKSUM_AT, 4))
        return error_set(error, ERROR_FORMAT, (int64_t)start, "trailer: wrong checksum");
    if (!(parts & STATFILE_RECORD))
        return 0;
    return decode_data(profile, header + TRAILER_HEADER_SIZE, packed, start, error);
}
