#include "export.h"

#include "statfile.h"

enum { REPORT = TAKES_ROWS | TAKES_DIRECTORIES };

const struct exporter exporters[] = {
    {"text", ".txt", false, REPORT, 0, "the report that pstats prints", export_text},
    {"stat", ".stat", true, 0, STATFILE_ALL, "a profile: the sum of the files", export_stat},
    {NULL, NULL, false, 0, 0, NULL, NULL},
};
