#include <string.h>
#include <strings.h>

#include "call_graph.h"
#include "export.h"

int export_dot(const struct report *report, struct out *out, struct error *error)
{
    return call_graph_put(report, out, error);
}

static bool has_suffix(const char *path, const char *suffix)
{
    size_t length = strlen(path), size = strlen(suffix);
    return length >= size && strcasecmp(path + length - size, suffix) == 0;
}

/* The suffix says what Graphviz makes of it. */
int export_graph(const struct report *report, struct out *out, struct error *error)
{
    static const char *const kinds[] = {".svg", ".png", ".pdf"};
    const char *path = report->output ? report->output : kinds[0];
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (has_suffix(path, kinds[i]))
            return call_graph_render(report, kinds[i] + 1, out, error);
    return error_set(error, ERROR_ARGUMENT, ERROR_NO_OFFSET,
                     "no known suffix for format graph; valid are: .svg .png .pdf");
}
