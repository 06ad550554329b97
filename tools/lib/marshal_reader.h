/* Floor 1.  Takes values out of CPython's marshal format, versions 0 to 5 (CPython 2.3 to 3.14), one at a time.
 *
 * The input is hostile: every length is held against what is left of the input before it is believed, and no input
 * makes this recurse deeply.  A container is its head followed by its elements; who reads knows the shape that it
 * wants, and takes a value of another kind as an error.
 */
#ifndef PROFSTAT_MARSHAL_READER_H
#define PROFSTAT_MARSHAL_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/strings.h"

enum marshal_kind {
    MARSHAL_END, /* of a dictionary */
    MARSHAL_NONE,
    MARSHAL_INTEGER, /* also truth values */
    MARSHAL_REAL,
    MARSHAL_TEXT,          /* also what stands for a code object */
    MARSHAL_BYTES,         /* text in files of Python 2 */
    MARSHAL_LARGE_INTEGER, /* of more than 64 bits; read over */
    MARSHAL_OTHER,         /* read over: a complex number, Ellipsis, ... */
    MARSHAL_TUPLE,         /* this and the following: containers */
    MARSHAL_LIST,
    MARSHAL_SET,
    MARSHAL_DICTIONARY,
};

#define MARSHAL_NO_TAG       UINT32_MAX
#define MARSHAL_NO_REFERENCE UINT32_MAX

union marshal_content {
    int64_t integer;
    double real;
    const struct string *text;
    struct {
        const unsigned char *data; /* in the input */
        size_t size;
    } bytes;
    struct {
        size_t start;             /* position of the first in the input */
        uint32_t start_reference; /* the number that the first object among them gets */
        uint32_t count;           /* 0 for dictionaries: they have an end mark instead */
    } elements;
};

struct marshal_value {
    enum marshal_kind kind;
    uint32_t tag;       /* what marshal_tag gave this object when it was met before, else MARSHAL_NO_TAG */
    uint32_t reference; /* the number under which references name it, or MARSHAL_NO_REFERENCE */
    bool repeated;      /* a reference to an object met before */
    size_t offset;      /* of the type byte */
    union marshal_content as;
    size_t resume; /* repeated containers: where the input goes on, and with which number */
    uint32_t resume_reference;
};

/* What is kept of an object that later references may name: simple ones as values, of all others the place. */
union marshal_object {
    int64_t integer;
    double real;
    const struct string *text;
    struct {
        uint32_t offset; /* of the type byte */
        uint32_t tag;
    } place;
};

/* Borrows the input, the pool (which gets the texts) and the error. */
struct marshal_reader {
    const struct allocator *allocator;
    struct string_pool *strings;
    struct error *error;
    const unsigned char *data;
    size_t size;
    size_t at;
    union marshal_object *objects;
    unsigned char *kinds; /* of each object the enum marshal_kind */
    uint64_t *tagged;     /* of each object a bit: has a tag */
    size_t object_count;
    size_t object_capacity;
    uint32_t next_reference;
    const struct string **interned; /* Python 2 numbers its interned strings apart */
    size_t interned_count;
    size_t interned_capacity;
    size_t repeated;       /* bytes that were read again through references */
    uint64_t label_text;   /* that labels may still add (statfile_parts.h) */
    uint32_t code_depth;   /* code objects that are being read, one within the other */
    uint32_t code_numbers; /* numbers that begin each of them */
};

void marshal_reader_init(struct marshal_reader *reader, const void *data, size_t size, struct string_pool *strings,
                         struct error *error);
void marshal_reader_release(struct marshal_reader *reader);

/* All that follow return 0, or -1 with the error set. */

/* Makes room for this many objects in all. */
int marshal_reserve(struct marshal_reader *reader, size_t count);

/* The next value.  A reference to a container continues with the elements of that container; so whoever has read the
 * elements of a container (or wants none of them, where it is `repeated`) calls marshal_leave. */
int marshal_read(struct marshal_reader *reader, struct marshal_value *value);
int marshal_leave(struct marshal_reader *reader, const struct marshal_value *container);
/* Passes over what belongs to a value that marshal_read gave; containers are left. */
int marshal_skip(struct marshal_reader *reader, const struct marshal_value *value);
/* Remembers what the program made of a container, for when a reference names it again. */
void marshal_tag(struct marshal_reader *reader, const struct marshal_value *value, uint32_t tag);

/* As text: what MARSHAL_TEXT and MARSHAL_BYTES hold.  Bytes that are not UTF-8 become lone surrogates U+DC80 to U+DCFF,
 * as in CPython's "surrogateescape". */
int marshal_text(struct marshal_reader *reader, const struct marshal_value *value, const struct string **text,
                 const char *wanted);
/* "a list where WANTED should be" */
int marshal_mismatch(struct marshal_reader *reader, const struct marshal_value *value, const char *wanted);

#endif
