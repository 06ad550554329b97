/* Floor 1, within statfile.  What stands behind the pstats dictionary: facts and call trees. */
#ifndef PROFSTAT_STATFILE_TRAILER_H
#define PROFSTAT_STATFILE_TRAILER_H

#include "base/buffer.h"
#include "base/error.h"
#include "profile.h"

/* Appends the trailer, or nothing when the profile has neither trees nor facts.  Short memory shows in out->failed or
 * in *error; -1 with *error set when the content is too large. */
int statfile_trailer_encode(const struct profile *profile, struct buffer *out, struct error *error);

/* Reads what follows the dictionary, `start` bytes into the file, into a profile that has its statistics.  Bytes that
 * are no trailer of a known version are left alone. */
int statfile_trailer_decode(struct profile *profile, const unsigned char *data, size_t size, size_t start,
                            struct error *error);

#endif
