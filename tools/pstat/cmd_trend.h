/* Floor 3.  How the shares of functions went over many profiles. */
#ifndef PSTAT_CMD_TREND_H
#define PSTAT_CMD_TREND_H

#include "opt.h"

enum status cmd_trend(const struct options *options);

#endif
