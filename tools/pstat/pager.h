/* Floor 2.  What is longer than the terminal goes through a pager, as git's output does: $PSTAT_PAGER, else $PAGER,
 * else less; none when that is empty or "cat". */
#ifndef PSTAT_PAGER_H
#define PSTAT_PAGER_H

#include <stdbool.h>
#include <stddef.h>

/* Whether standard output is a terminal on which this text does not fit, and there is a pager to be asked. */
bool pager_wanted(const char *text, size_t size);
/* Shows the text until the pager is left.  False when there is no such program, and nothing was shown. */
bool pager_show(const char *text, size_t size);

#endif
