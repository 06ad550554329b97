/* Floor 1.  The model as bytes: a pstats dictionary in marshal format, and behind it an optional trailer.
 *
 *   marshal dictionary   {(file, line, name): (cc, nc, tt, ct, {caller: (nc, cc, tt, ct)})}
 *   trailer              STATFILE_MAGIC, u32 version, u64 size of data, u32 CRC-32 of data, data (zlib)
 *
 * marshal.load stops at the end of the dictionary, so every reader of pstats files takes such a file.  The trailer's
 * data is itself a marshal dictionary; statfile_parts.h describes it.
 */
#ifndef PROFSTAT_STATFILE_H
#define PROFSTAT_STATFILE_H

#include "base/buffer.h"
#include "base/error.h"
#include "profile.h"

#define STATFILE_MAGIC "\nprofst\n" /* eight bytes, no NUL */
enum { STATFILE_TRAILER_VERSION = 1 };

/* What is wanted of a file beside the functions and their totals.  Edges that are not wanted are checked and not kept,
 * but for those that mark entry points; a record that is not wanted is held against its checksum. */
enum statfile_part {
    STATFILE_EDGES = 1,  /* callers */
    STATFILE_RECORD = 2, /* call paths and facts */
    STATFILE_ALL = STATFILE_EDGES | STATFILE_RECORD,
};

/* Fills an initialised, empty profile from a whole file in memory.  0, or -1 with *error set (reason and byte offset);
 * the profile is then to be released and not to be used. */
int statfile_decode(struct profile *profile, const void *data, size_t size, unsigned parts, struct error *error);

/* As statfile_decode, from a file.  A directory, an unreadable or an empty file is an error.  A file that becomes
 * shorter meanwhile raises SIGBUS. */
int statfile_read(struct profile *profile, const char *path, unsigned parts, struct error *error);

/* Appends the file to `out`, in canonical form: equal profiles give equal bytes.  The trailer is left out when the
 * profile has neither trees nor facts. */
int statfile_encode(const struct profile *profile, struct buffer *out, struct error *error);

/* Writes bytes through a temporary file beside `path` that then takes its place, so that a reader sees the old file or
 * the whole new one.  A symbolic link is followed; written in place are what is not a regular file (a pipe), the names
 * of open files (/dev/stdout and its like, /dev/fd/N, all below /proc), what a symbolic link to nothing names, and what
 * lies in a folder where no file can be made.  Permissions are those of a new file (0666 less the umask), or those of
 * the file that is replaced. */
int statfile_store(const char *path, const void *data, size_t size, struct error *error);

/* statfile_encode and statfile_store. */
int statfile_write(const struct profile *profile, const char *path, struct error *error);

#endif
