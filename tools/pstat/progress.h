/* Floor 2.  What takes longer than a second is told on standard error, if that is a terminal: in one line, which is
 * written over several times a second and taken away in the end. */
#ifndef PSTAT_PROGRESS_H
#define PSTAT_PROGRESS_H

#include <stddef.h>

/* From now on "DOING WHAT" is going on, such as "writing", "x.svg".  Within another begin and end these do nothing, nor
 * does progress_count(). */
void progress_begin(const char *doing, const char *what);
void progress_end(void);
/* So many parts of it are done; told where there are several. */
void progress_count(size_t done, size_t count);
/* It is something else that takes the time. */
void progress_say(const char *what);
/* Before something else is written to standard error. */
void progress_clear(void);

#endif
