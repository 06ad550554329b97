/* Floor 2.  The two halves of the text exporter: export_text.c has the statistics, text_calls.c callers and callees. */
#ifndef PSTAT_EXPORT_TEXT_H
#define PSTAT_EXPORT_TEXT_H

#include "export.h"

struct text {
    const struct report *report;
    struct out *out;
    struct buffer *name; /* where names are made */
};

enum { TEXT_COUNTS_SIZE = 44 };

/* "3", or "3/1" when calls and primitive calls differ.  Returns `text`. */
char *text_counts(int64_t ncalls, int64_t primitive, char text[TEXT_COUNTS_SIZE]);
void text_put_name(const struct text *text, uint32_t function);
/* A duration, in the unit of the report. */
void text_put_time(const struct text *text, double seconds);
/* A time in seconds since the epoch, as pstats writes it. */
void text_put_date(const struct text *text, int64_t seconds);
/* The columns that it takes. */
size_t text_name_width(const struct text *text, uint32_t function);

/* Print the listed functions, each with its callers or its callees. */
int text_put_callers(const struct text *text, const struct listing *listing, struct error *error);
int text_put_callees(const struct text *text, const struct listing *listing, struct error *error);
/* Prints which profiles these are, and how shares went. */
void text_put_span(const struct text *text);
int text_put_trend(const struct text *text, const struct listing *listing, struct error *error);
/* Prints what changed. */
int text_put_diff(const struct text *text, const struct listing *listing, struct error *error);

#endif
