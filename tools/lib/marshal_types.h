/* Floor 1, within the marshal reader: what stands behind each type byte. */
#ifndef PROFSTAT_MARSHAL_TYPES_H
#define PROFSTAT_MARSHAL_TYPES_H

#include "marshal_reader.h"

enum { MARSHAL_FLAG_REF = 0x80, MARSHAL_TYPE_COUNT = 128 };

enum marshal_type_flags {
    TYPE_NUMBERED = 1,       /* FLAG_REF makes it an object that references can name */
    TYPE_NUMBERED_FIRST = 2, /* before what it is made of */
    TYPE_ASCII = 4,
    TYPE_INTERNED = 8, /* Python 2 numbers these, flag or not */
};

/* A row of the table.  `read` fills value->as from what follows the type byte; it may change value->kind. */
struct marshal_type {
    int (*read)(struct marshal_reader *reader, struct marshal_value *value, const struct marshal_type *type);
    enum marshal_kind kind;
    unsigned char width; /* bytes of the number, or of the length */
    unsigned char flags;
};

/* By type byte; rows without `read` are types that no file holds. */
extern const struct marshal_type marshal_types[MARSHAL_TYPE_COUNT];

int marshal_fail(struct marshal_reader *reader, size_t offset, const char *reason);
/* The next `size` bytes, or NULL with the error set. */
const unsigned char *marshal_take(struct marshal_reader *reader, size_t size);
uint64_t marshal_little_endian(const unsigned char *bytes, size_t size);
int marshal_intern(struct marshal_reader *reader, const char *bytes, size_t size, const struct string **text);
/* Bytes that are not UTF-8 become lone surrogates. */
int marshal_intern_escaped(struct marshal_reader *reader, const char *bytes, size_t size, const struct string **text);

/* Reads a code object and makes its text of it.  The old `profile` module, run as a program, has the code of the script
 * where the name of a function should be. */
int marshal_read_code(struct marshal_reader *reader, struct marshal_value *value, const struct marshal_type *type);

#endif
