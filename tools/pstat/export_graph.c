#include "base/strings.h"
#include "call_graph.h"
#include "export.h"

int export_dot(const struct report *report, struct out *out, struct error *error)
{
    return call_graph_put(report, out, error);
}

/* The suffix says what Graphviz makes of it. */
int export_graph(const struct report *report, struct out *out, struct error *error)
{
    static const char *const kinds[] = {".svg", ".png", ".pdf"};
    const char *path = report->output ? report->output : kinds[0];
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (text_ends_in(path, kinds[i]))
            return call_graph_render(report, kinds[i] + 1, out, error);
    return error_set(error, ERROR_ARGUMENT, ERROR_NO_OFFSET,
                     "no known suffix for format graph; valid are: .svg .png .pdf");
}
