#include "export.h"

#include "statfile.h"

enum { REPORT = TAKES_ROWS | TAKES_DIRECTORIES | TAKES_DIFF | TAKES_TREND, GRAPH = TAKES_DIRECTORIES | TAKES_GRAPH };

const struct exporter exporters[] = {
    {"text", ".txt", false, REPORT | TAKES_COLUMNS, 0, "the report that pstats prints", export_text},
    {"stat", ".stat", true, 0, STATFILE_ALL, "a profile: the sum of the files", export_stat},
    {"json", ".json", false, 0, STATFILE_ALL, "all that a profile holds, for programs", export_json},
    {"csv", ".csv", false, TAKES_ROWS | TAKES_DIFF, 0, "the rows of the report, for tables", export_csv},
    {"callgrind", ".callgrind callgrind.out.*", false, 0, STATFILE_ALL, "for KCachegrind", export_callgrind},
    {"pprof", ".pb.gz", true, 0, STATFILE_ALL, "for go tool pprof and Pyroscope", export_pprof},
    {"folded", ".folded", false, 0, STATFILE_ALL, "a line for each call path, for flame graphs", export_folded},
    {"speedscope", ".speedscope.json", false, 0, STATFILE_ALL, "for speedscope", export_speedscope},
    {"flame", ".svg", false, TAKES_DIRECTORIES | TAKES_FLAME | TAKES_DIFF, STATFILE_ALL, "a flame graph, for browsers",
     export_flame},
    {"graph", ".png .pdf", false, GRAPH, STATFILE_EDGES, "the call graph, laid out by Graphviz (also .svg)",
     export_graph},
    {"dot", ".dot .gv", false, GRAPH, STATFILE_EDGES, "the call graph, for Graphviz", export_dot},
    {"html", ".html .htm", false, TAKES_DIRECTORIES | TAKES_FLAME | TAKES_DIFF, STATFILE_ALL,
     "a page with all of this, for browsers", export_html},
    {NULL, NULL, false, 0, 0, NULL, NULL},
};
