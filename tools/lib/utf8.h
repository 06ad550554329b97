/* Floor 1.  Code points in UTF-8 text. */
#ifndef PROFSTAT_UTF8_H
#define PROFSTAT_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { UTF8_REPLACEMENT = 0xFFFD };

/* Reads the code point at bytes[0..size), size > 0, and returns how many bytes it takes.  Surrogates encoded as three
 * bytes are read as such; a byte that begins nothing valid counts as one and reads as UTF8_REPLACEMENT. */
size_t utf8_decode(const char *bytes, size_t size, uint32_t *code);
/* Writes the code point (surrogates as three bytes) and returns the number of bytes, 1 to 4. */
size_t utf8_encode(uint32_t code, char bytes[4]);
/* The size of a NUL-terminated text, cut to `most` bytes but not within a character; for "%.*s". */
int utf8_fitting(const char *text, int most);
/* Whether this is well-formed UTF-8 without surrogates. */
bool utf8_is_valid(const char *bytes, size_t size);

/* Whether the code point is one half of a surrogate pair. */
bool utf8_is_surrogate(uint32_t code);
/* Whether the code point can move the cursor or turn the direction of a terminal: C0, DEL, C1, line and paragraph
 * separators, bidirectional marks and overrides; or is none, and not allowed in XML: U+FFFE, U+FFFF. */
bool utf8_is_control(uint32_t code);

#endif
