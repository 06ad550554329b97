#include "export.h"
#include "flame_graph.h"

int export_flame(const struct report *report, struct out *out, struct error *error)
{
    return flame_graph_put(report, false, out, error);
}
