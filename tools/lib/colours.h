/* Floor 1.  The colours of pictures. */
#ifndef PROFSTAT_COLOURS_H
#define PROFSTAT_COLOURS_H

#include "profile.h"

/* "#rrggbb", light enough for black letters: for each file the same in every picture, and grey for C functions. */
const char *colour_of_module(const struct label *label);

/* How much a call path or a function changed, as a share of all time: steps from -CHANGE_STEPS (it shrank, blue) over
 * 0 to CHANGE_STEPS (it grew, red), told apart by the colour-blind, and light enough for black letters. */
enum { CHANGE_STEPS = 4 };
/* change_shares[i] is the share from which on a change is of step i + 1. */
extern const double change_shares[CHANGE_STEPS];
int step_of_change(double share);
const char *colour_of_step(int step);

#endif
