/* Floor 3.  pstat -i: a profile in the terminal. */
#ifndef PSTAT_CMD_BROWSE_H
#define PSTAT_CMD_BROWSE_H

#include "opt.h"

enum status cmd_browse(const struct options *options);

#endif
