/* Floor 1.  zlib, with the memory of the buffer that it fills. */
#ifndef PROFSTAT_COMPRESSION_H
#define PROFSTAT_COMPRESSION_H

#include "base/buffer.h"
#include "base/error.h"

/* Appends `data` compressed; failures show in out->failed. */
void compression_deflate(struct buffer *out, const void *data, size_t size);

/* The same as a file of gzip, without a name or a time. */
void compression_gzip(struct buffer *out, const void *data, size_t size);

/* Appends `data` expanded.  0, or -1 with *error set (without an offset): short memory, bytes that are not a whole zlib
 * stream, or a result out of proportion to them (more than compression_deflate ever makes of so few). */
int compression_inflate(struct buffer *out, const void *data, size_t size, struct error *error);

#endif
