/* Floor 3.  The report: reads the files, selects the rows, and hands them to the exporter. */
#ifndef PSTAT_CMD_REPORT_H
#define PSTAT_CMD_REPORT_H

#include "opt.h"

/* Prints what there is to say about failures. */
enum status cmd_report(const struct options *options);

#endif
