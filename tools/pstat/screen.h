/* Floor 2.  A profile on the screen of a terminal, through ncurses. */
#ifndef PSTAT_SCREEN_H
#define PSTAT_SCREEN_H

#include "base/error.h"
#include "browse.h"
#include "time_unit.h"

/* Shows it, with times in `unit`, until it is left.  0, or -1 with *error set: this is no terminal, or none that is
 * known; this pstat was built without ncurses; what browse.h refuses. */
int screen_run(struct browse *browse, const struct time_unit *unit, const char *title, struct error *error);

#endif
