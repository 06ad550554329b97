#include "time_unit.h"

#include <stdio.h>
#include <string.h>

#include "utf8.h"

enum { QUOTED_SIZE = 60 };

const struct time_unit time_units[] = {
    {"s", "seconds", 1, 3},
    {"ms", "milliseconds", 1e3, 3},
    {"us", "microseconds", 1e6, 1},
    {"ns", "nanoseconds", 1e9, 0},
    {NULL, NULL, 0, 0},
};

const struct time_unit *time_unit_find(const char *name, struct error *error)
{
    char valid[40] = "";
    for (const struct time_unit *unit = time_units; unit->name; unit++) {
        if (strcmp(unit->name, name) == 0)
            return unit;
        size_t used = strlen(valid);
        snprintf(valid + used, sizeof valid - used, "%s%s", used ? ", " : "", unit->name);
    }
    error_set(error, ERROR_ARGUMENT, ERROR_NO_OFFSET, "'%.*s' is no unit of time (%s)", utf8_fitting(name, QUOTED_SIZE),
              name, valid);
    return NULL;
}
