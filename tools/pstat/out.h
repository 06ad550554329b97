/* Floor 2.  Checked output.  What is written is collected and sent in large pieces; the first failure is kept, and
 * everything behind it does nothing, so that one look at the end tells the truth. */
#ifndef PSTAT_OUT_H
#define PSTAT_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"

enum style { STYLE_PLAIN, STYLE_BOLD, STYLE_WARM, STYLE_HOT };

struct out {
    int fd; /* -1: everything stays in the buffer */
    struct buffer buffer;
    struct error error;
    bool terminal; /* control characters are shown escaped */
    bool colour;   /* styles are sent */
};

/* Onto an open file, which out_finish closes.  Colours a terminal unless NO_COLOR is set or TERM is "dumb". */
void out_init_file(struct out *out, int fd);
/* Into memory. */
void out_init_memory(struct out *out);
void out_release(struct out *out);

void out_bytes(struct out *out, const void *bytes, size_t size);
void out_string(struct out *out, const char *string);
void out_format(struct out *out, const char *format, ...) __attribute__((format(printf, 2, 3)));
void out_spaces(struct out *out, size_t count);
void out_integer(struct out *out, int64_t number);
/* The shortest decimal that is read as the same number. */
void out_real(struct out *out, double number);
/* Text from a profile (UTF-8): surrogates are written as \udXXX, and on a terminal control characters as \xXX or
 * \uXXXX, and bytes that are no UTF-8 (a file's name may have them) as \xXX. */
void out_text(struct out *out, const char *bytes, size_t size);
/* Text from a profile for files that have lines: control characters (but not those beyond ASCII) as \xXX and surrogates
 * as \udXXX, whatever `out` goes to. */
void out_line_text(struct out *out, const char *bytes, size_t size);
/* Text from a profile as a JSON string, with its quotes; surrogates as \udXXX. */
void out_json_text(struct out *out, const char *bytes, size_t size);
/* The same without the quotes. */
void out_json_part(struct out *out, const char *bytes, size_t size);
/* The columns that out_text takes for it: code points, escapes on a terminal counted as they are shown. */
size_t out_text_width(const struct out *out, const char *bytes, size_t size);
/* Text from a profile within SVG or HTML, be it in an element or in a quoted attribute. */
void out_markup(struct out *out, const char *bytes, size_t size);
void out_style(struct out *out, enum style style);

/* Sends what is left and closes the file.  0, or -1 with *error the first failure. */
int out_finish(struct out *out, struct error *error);

/* Lines on standard error, each with the name of the program before it.  `about`, a file or an option, may be NULL. */
void out_note(const char *format, ...) __attribute__((format(printf, 1, 2)));
void out_error(const char *about, const struct error *error);

#endif
