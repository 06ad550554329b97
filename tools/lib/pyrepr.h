/* Floor 1.  Values as Python's repr() writes them. */
#ifndef PROFSTAT_PYREPR_H
#define PROFSTAT_PYREPR_H

#include "base/buffer.h"

enum { PYREPR_DOUBLE_SIZE = 32 };

/* The shortest digits that read back as the same number.  Returns `text`. */
char *pyrepr_double(double value, char text[PYREPR_DOUBLE_SIZE]);

/* Appends the string (valid UTF-8, surrogates as three bytes) in quotes, with escapes for what is not printable. */
void pyrepr_string(const char *bytes, size_t size, struct buffer *out);

#endif
