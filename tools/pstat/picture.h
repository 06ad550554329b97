/* Floor 2.  What pictures have in common: how functions, times and the profile are named. */
#ifndef PSTAT_PICTURE_H
#define PSTAT_PICTURE_H

#include "export.h"

enum { PICTURE_TIME_SIZE = 32, PICTURE_COUNT_SIZE = 32 };

/* "1.234 s", "5.678 ms", "9.012 us".  Returns `text`. */
char *picture_time(int64_t nanoseconds, char text[PICTURE_TIME_SIZE]);
/* "1,234,567".  Returns `text`. */
char *picture_count(int64_t count, char text[PICTURE_COUNT_SIZE]);
/* Makes "name (file:line)", for C functions "{built-in ...}", in `text`, over what was there; UTF-8 as in the
 * profile. */
void picture_name(const struct label *label, struct buffer *text);
/* Makes the name of the first file without its directories, and how many more there are; of a comparison also that of
 * the base, and both with their directories where they are the same without; of a thread its name. */
void picture_title(const struct report *report, struct buffer *text);
/* The columns that the text takes, wide characters counted as two. */
size_t picture_columns(const char *bytes, size_t size);
/* The bytes of a text that fit into so many columns. */
size_t picture_fitting(const char *bytes, size_t size, size_t columns);

#endif
