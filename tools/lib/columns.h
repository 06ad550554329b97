/* Floor 1.  The columns of the report's table of functions. */
#ifndef PROFSTAT_COLUMNS_H
#define PROFSTAT_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum column {
    COLUMN_NCALLS,
    COLUMN_PCALLS,
    COLUMN_TOTTIME,
    COLUMN_TOTSHARE,
    COLUMN_TOTPERCALL,
    COLUMN_CUMTIME,
    COLUMN_CUMSHARE,
    COLUMN_CUMPERCALL,
    COLUMN_NAME,
    COLUMN_COUNT,
};

extern const char *const column_names[COLUMN_COUNT];

/* In the order in which they are shown, each once, the name last. */
struct columns {
    enum column list[COLUMN_COUNT];
    size_t count;
};

/* Those of pstats, with each time's share of the total behind it if that is wanted. */
void columns_default(struct columns *columns, bool shares);
/* Reads names with commas between them; the name of the function goes last wherever it stands.  0, or -1 with *error
 * set (ERROR_ARGUMENT, the reason names the valid ones). */
int columns_parse(struct columns *columns, const char *text, struct error *error);

#endif
