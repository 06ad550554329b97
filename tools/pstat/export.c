#include "export.h"

const struct exporter exporters[] = {
    {"text", ".txt", false, false, "the report that pstats prints", export_text},
    {"stat", ".stat", true, true, "a profile: the sum of the files", export_stat},
    {NULL, NULL, false, false, NULL, NULL},
};
