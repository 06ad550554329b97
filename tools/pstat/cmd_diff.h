/* Floor 3.  What changed from one profile to another. */
#ifndef PSTAT_CMD_DIFF_H
#define PSTAT_CMD_DIFF_H

#include "opt.h"

enum status cmd_diff(const struct options *options);

#endif
