/* Floor 2.  The flame graph as SVG, for the formats that show it. */
#ifndef PSTAT_FLAME_GRAPH_H
#define PSTAT_FLAME_GRAPH_H

#include "export.h"

/* Puts a whole file, or, for a page that has flame.js and flame.css, an element whose frames carry the positions of
 * their functions as data-f.  0, or -1 with *error set. */
int flame_graph_put(const struct report *report, bool of_page, struct out *out, struct error *error);

#endif
