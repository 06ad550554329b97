/* zlib can make a thousandth of monotonous data, and so a small hostile file could ask for more memory than a machine
 * has.  The reader therefore takes no more than a share of what it was given, and some megabytes that are free; and the
 * writer falls back on Huffman codes alone, an eighth at best, where it would exceed that.
 *
 * The columns of a call tree are small numbers that repeat.  The cheapest level takes most of what is to be had: on the
 * tree of ast.unparse (35,000 call paths) 73 of 176 kB are left after 2 ms, and 66 kB after 8 ms at the usual level.
 *
 * What fits into one stored block is stored.  It is a small part of its file, whose statistics are never compressed,
 * and compressing it would take longer than all the rest of writing a small profile.
 */
#include "compression.h"

#include <limits.h>
#include <zlib.h>

enum { DEFLATE_LEVEL = 1, DEFAULT_MEMORY_LEVEL = 8, GZIP_BITS = 16 };
enum { STORED_LIMIT = 65535, STORED_EXTRA = 11 }; /* the most that a stored block holds; what is around it */
enum { FREE_SIZE = 16 << 20, LARGEST_RATIO = 32, FIRST_STEP = 4096 };

/* A zlib stream (RFC 1950) of one stored block (RFC 1951). */
static void store(struct buffer *out, const void *data, size_t size)
{
    uLong checksum = adler32_z(adler32_z(0, NULL, 0), data, size);
    unsigned char head[] = {0x78, 0x01, 1, size & 0xff, size >> 8, ~size & 0xff, ~size >> 8 & 0xff};
    unsigned char tail[] = {checksum >> 24 & 0xff, checksum >> 16 & 0xff, checksum >> 8 & 0xff, checksum & 0xff};

    buffer_reserve(out, size + STORED_EXTRA);
    buffer_append(out, head, sizeof head);
    buffer_append(out, data, size);
    buffer_append(out, tail, sizeof tail);
}

static size_t largest_expansion(size_t packed)
{
    return packed < SIZE_MAX / (2 * LARGEST_RATIO) ? FREE_SIZE + packed * LARGEST_RATIO : SIZE_MAX;
}

static void *zlib_allocate(void *opaque, uInt count, uInt size)
{
    return allocator_resize(opaque, NULL, count, size);
}

static void zlib_free(void *opaque, void *block)
{
    allocator_free(opaque, block);
}

static void stream_init(z_stream *stream, const struct allocator *allocator)
{
    /* zlib hands the pointer back and never writes through it. */
    *stream = (z_stream){.zalloc = zlib_allocate, .zfree = zlib_free, .opaque = (void *)(uintptr_t)allocator};
}

static void deflate_with(struct buffer *out, const void *data, size_t size, int strategy, int window_bits)
{
    z_stream stream;
    uLong bound;

    stream_init(&stream, out->allocator);
    if (size > UINT_MAX / 2 ||
        deflateInit2(&stream, DEFLATE_LEVEL, Z_DEFLATED, window_bits, DEFAULT_MEMORY_LEVEL, strategy) != Z_OK) {
        out->failed = true;
        return;
    }
    bound = deflateBound(&stream, (uLong)size);
    stream.next_out = buffer_extend(out, bound);
    if (stream.next_out) {
        stream.avail_out = (uInt)bound;
        stream.next_in = (unsigned char *)(uintptr_t)data;
        stream.avail_in = (uInt)size;
        if (deflate(&stream, Z_FINISH) != Z_STREAM_END)
            out->failed = true;
        out->size -= stream.avail_out;
    }
    deflateEnd(&stream);
}

void compression_deflate(struct buffer *out, const void *data, size_t size)
{
    size_t start = out->size;

    if (size <= STORED_LIMIT) {
        store(out, data, size);
        return;
    }
    deflate_with(out, data, size, Z_DEFAULT_STRATEGY, MAX_WBITS);
    if (out->failed || size <= largest_expansion(out->size - start))
        return;
    out->size = start;
    deflate_with(out, data, size, Z_HUFFMAN_ONLY, MAX_WBITS);
}

void compression_gzip(struct buffer *out, const void *data, size_t size)
{
    deflate_with(out, data, size, Z_DEFAULT_STRATEGY, MAX_WBITS + GZIP_BITS);
}

/* Expands into `out` until the stream ends; the steps grow with what has come out. */
static int inflate_steps(z_stream *stream, struct buffer *out, size_t limit)
{
    size_t start = out->size;
    int status = Z_OK;

    while (status == Z_OK && out->size - start <= limit) {
        size_t step = out->size - start < FIRST_STEP ? FIRST_STEP : out->size - start;

        step = step > UINT_MAX / 2 ? UINT_MAX / 2 : step;
        stream->next_out = buffer_extend(out, step);
        if (!stream->next_out)
            return Z_MEM_ERROR;
        stream->avail_out = (uInt)step;
        status = inflate(stream, Z_NO_FLUSH);
        out->size -= stream->avail_out;
    }
    return status;
}

int compression_inflate(struct buffer *out, const void *data, size_t size, struct error *error)
{
    size_t start = out->size, limit = largest_expansion(size);
    z_stream stream;
    int status;

    stream_init(&stream, out->allocator);
    if (size > UINT_MAX)
        return error_set(error, ERROR_FORMAT, ERROR_NO_OFFSET, "compressed data that is too large");
    if (inflateInit(&stream) != Z_OK)
        return error_set_memory(error);
    stream.next_in = (unsigned char *)(uintptr_t)data;
    stream.avail_in = (uInt)size;
    status = inflate_steps(&stream, out, limit);
    inflateEnd(&stream);
    if (status == Z_MEM_ERROR)
        return error_set_memory(error);
    if (out->size - start > limit)
        return error_set(error, ERROR_FORMAT, ERROR_NO_OFFSET, "compressed data that expands to too much");
    if (status != Z_STREAM_END)
        return error_set(error, ERROR_FORMAT, ERROR_NO_OFFSET, "damaged compressed data");
    return 0;
}
