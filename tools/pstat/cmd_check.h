/* Floor 3.  Whether rules hold. */
#ifndef PSTAT_CMD_CHECK_H
#define PSTAT_CMD_CHECK_H

#include "opt.h"

enum status cmd_check(const struct options *options);

#endif
