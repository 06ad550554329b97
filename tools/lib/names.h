/* Floor 1.  Functions as reports name them: "file:line(name)", and C functions in braces, "{built-in ...}". */
#ifndef PROFSTAT_NAMES_H
#define PROFSTAT_NAMES_H

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "profile.h"

/* The text is UTF-8 as in struct string (surrogates as three bytes), NUL-terminated. */
struct name {
    const char *bytes;
    uint32_t size;
};

/* Makes a name in `text`, over what was there.  0, or -1 when memory is short. */
int name_make(struct name *name, const struct label *label, struct buffer *text);

/* One name for each function of a profile, at the same position.  Owns the text. */
struct names {
    const struct allocator *allocator;
    struct name *list;
    size_t count;
    char *text;
};

/* 0, or -1 with *error set (memory) and nothing to release. */
int names_init(struct names *names, const struct profile *profile, struct error *error);
/* The same without directories, but where functions would have one name then. */
int names_init_short(struct names *names, const struct profile *profile, struct error *error);
void names_release(struct names *names);

#endif
