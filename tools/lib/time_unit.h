/* Floor 1.  Units in which the report shows times. */
#ifndef PROFSTAT_TIME_UNIT_H
#define PROFSTAT_TIME_UNIT_H

#include "base/error.h"

struct time_unit {
    const char *name;  /* "ms" */
    const char *title; /* "milliseconds" */
    double per_second;
    int decimals; /* that fit in a column */
};

/* Begins with seconds, as pstats has them; ends with a unit without a name. */
extern const struct time_unit time_units[];

/* NULL with *error set (ERROR_ARGUMENT, the reason names the valid ones) if there is none of this name. */
const struct time_unit *time_unit_find(const char *name, struct error *error);

#endif
