/* Floor 3.  `pstat --push`: sends profiles to a Pyroscope server. */
#ifndef PSTAT_CMD_PUSH_H
#define PSTAT_CMD_PUSH_H

#include "opt.h"

enum status cmd_push(const struct options *options);

#endif
