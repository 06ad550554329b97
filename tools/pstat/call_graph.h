/* Floor 2.  The call graph in the language of Graphviz, for the formats that show it. */
#ifndef PSTAT_CALL_GRAPH_H
#define PSTAT_CALL_GRAPH_H

#include "export.h"

/* Appends it to `out`.  0, or -1 with *error set. */
int call_graph_put(const struct report *report, struct out *out, struct error *error);
/* Lays it out with Graphviz; `kind` is svg, png or pdf. */
int call_graph_render(const struct report *report, const char *kind, struct out *out, struct error *error);

#endif
