/* Floor 1.  The colours of pictures. */
#ifndef PROFSTAT_COLOURS_H
#define PROFSTAT_COLOURS_H

#include "profile.h"

/* "#rrggbb", light enough for black letters: for each file the same in every picture, and grey for C functions. */
const char *colour_of_module(const struct label *label);

#endif
