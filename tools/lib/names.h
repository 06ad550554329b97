/* Floor 1.  Functions as reports name them: "file:line(name)", and C functions in braces, "{built-in ...}". */
#ifndef PROFSTAT_NAMES_H
#define PROFSTAT_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "profile.h"

/* The text is UTF-8 as in struct string (surrogates as three bytes), NUL-terminated. */
struct name {
    const char *bytes;
    uint32_t size;
    uint32_t width; /* code points */
    bool plain;     /* neither surrogates nor control characters: can be shown as it is */
};

/* One name for each function of a profile, at the same position.  Owns the text. */
struct names {
    const struct allocator *allocator;
    struct name *list;
    size_t count;
    char *text;
};

/* 0, or -1 with *error set (memory) and nothing to release. */
int names_init(struct names *names, const struct profile *profile, struct error *error);
void names_release(struct names *names);

#endif
