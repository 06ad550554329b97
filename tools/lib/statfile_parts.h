/* Floor 1, within statfile: the parts that its files share.
 *
 * The trailer's data, inflated, is one marshal dictionary, so that Python reads it with zlib and marshal:
 *
 *   {"facts": {name: value, ...},                 int, float or str
 *    "labels": [(file, line, name), ...],         functions of the trees that the dictionary does not list
 *    "trees": [{"count": n,                       nodes
 *               "parent": bytes,                  n varints: node - parent, 0 for none
 *               "function": bytes,                n varints: index into the dictionary's keys, then into "labels"
 *               "columns": [(name, unit, bytes),  n zigzag varints
 *                           ...]},
 *              ...]}
 *
 * A varint is unsigned LEB128; zigzag maps 0, -1, 1, -2, ... to 0, 1, 2, 3, ...  "labels" come before "trees".  Keys
 * and kinds of facts that a reader does not know are skipped, columns that it does not know are kept; profile.h names
 * those that it does.
 */
#ifndef PROFSTAT_STATFILE_PARTS_H
#define PROFSTAT_STATFILE_PARTS_H

#include "base/buffer.h"
#include "base/error.h"
#include "marshal_reader.h"
#include "profile.h"

/* The header: magic, u32 version, u64 size and u32 CRC-32 of the compressed data. */
enum {
    TRAILER_MAGIC_SIZE = 8,
    TRAILER_VERSION_AT = TRAILER_MAGIC_SIZE,
    TRAILER_SIZE_AT = TRAILER_VERSION_AT + 4,
    TRAILER_CHECKSUM_AT = TRAILER_SIZE_AT + 8,
    TRAILER_HEADER_SIZE = TRAILER_CHECKSUM_AT + 4,
};

/* What a trailer may hold, so that a small hostile file cannot ask for much. */
enum { TRAILER_FACT_LIMIT = 1000, TRAILER_TREE_LIMIT = 100000 };

/* Appends the trailer, or nothing when the profile has neither trees nor facts.  0, or -1 with *error set. */
int trailer_encode(const struct profile *profile, struct buffer *out, struct error *error);

/* Reads what follows the dictionary, `start` bytes into the file, into a profile that has its statistics; without
 * STATFILE_RECORD among the parts it is only checked.  Bytes that are no trailer of a known version are left alone. */
int trailer_decode(struct profile *profile, const unsigned char *data, size_t size, size_t start, unsigned parts,
                   struct error *error);
/* The same for the data of a trailer, inflated; `file_size` is that of the whole file, compressed.  Errors are of
 * places in the data. */
int trailer_read_data(struct profile *profile, const struct buffer *data, size_t file_size, struct error *error);

/* Labels may share their texts, which every name that is made of them repeats: how much text all of them may have,
 * measured by the file. */
enum { LABEL_TEXT_FACTOR = 64, LABEL_TEXT_FREE = 1 << 20 };

/* All that follow return 0, or -1 with the reader's error set. */

/* Reads the head of a tuple of so many elements.  Fills in of `tuple` what marshal_leave and marshal_tag want, and the
 * offset. */
int tuple_read(struct marshal_reader *reader, struct marshal_value *tuple, uint32_t count, const char *wanted);
/* Whether the value read is such a tuple. */
int tuple_take(struct marshal_reader *reader, const struct marshal_value *value, uint32_t count, const char *wanted);
/* Reads the three elements of a label, which is then going to be looked for in `by_label`. */
int label_decode_fields(struct marshal_reader *reader, const struct index_map *by_label, struct label *label);
/* Counts the text of a label that began at `offset` and was not met before. */
int label_count_text(struct marshal_reader *reader, const struct label *label, size_t offset);

#endif
