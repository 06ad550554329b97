/* Floor 2.  What a command hands to an exporter, and the table of exporters.  A new format is one file and one row. */
#ifndef PSTAT_EXPORT_H
#define PSTAT_EXPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "columns.h"
#include "diff.h"
#include "listing.h"
#include "load.h"
#include "order.h"
#include "out.h"
#include "profile.h"
#include "suspension.h"
#include "grand_total.h"
#include "time_unit.h"

enum section_kind { SECTION_STATS, SECTION_CALLERS, SECTION_CALLEES, SECTION_ASYNC, SECTION_DIFF, SECTION_TREND };

/* One list of the report. */
struct section {
    enum section_kind kind;
    struct listing listing;
};

struct picture;

struct trend;

/* Everything about the files and the request; nothing of it belongs to the exporter. */
struct report {
    const struct source *sources;
    size_t source_count;
    const struct profile *profile; /* the sum of the files */
    struct grand_total total;      /* of the files */
    const uint32_t *top_level;     /* functions that pstats counts as entry points */
    size_t top_level_count;
    /* Of a comparison, which has one section, of this kind: what is compared, and the changes; `profile` is that of the
     * changes (diff.h). */
    const struct diff *diff; /* or NULL */
    const struct profile *now;
    const struct profile *before;
    const struct source *base;
    size_t base_count;
    struct grand_total base_total;
    /* Of many profiles, with one section, of this kind, of the functions of `profile`. */
    const struct trend *trend;
    const struct suspensions *suspensions; /* NULL: no section is about them */
    const struct columns *columns; /* of the table of functions */
    const struct time_unit *unit;  /* of the times that people read */
    const struct order_key *const *keys;
    size_t key_count;
    const struct section *sections;
    size_t section_count;
    const struct picture *picture;
    const char *thread; /* the one that it is about; NULL: all */
    const char *output; /* the path that is written to; NULL: standard output */
};

/* How a picture is wanted. */
struct picture {
    bool fold;   /* recursion */
    bool icicle; /* the flame graph upside down */
    double node; /* the call graph: shares of the whole time from which on functions and caller pairs are drawn */
    double edge;
    const struct pattern *root; /* only what these call; or NULL */
    const struct pattern *leaf; /* only what calls these; or NULL */
};

/* Groups of options that a format may take. */
enum takes {
    TAKES_ROWS = 1,        /* -s, -r, -p, -n, -g, --callers, --callees, --async: the report has sections */
    TAKES_DIRECTORIES = 2, /* -d: without it directories are stripped; in other formats functions stay as they are */
    TAKES_FLAME = 4,       /* --fold, --icicle */
    TAKES_GRAPH = 8,       /* --node, --edge, --root, --leaf */
    TAKES_DIFF = 16,       /* --diff, --match */
    TAKES_TREND = 32,      /* --trend */
    TAKES_COLUMNS = 64,    /* --columns, --percent-of-total, --unit */
};

struct exporter {
    const char *name;
    const char *suffixes; /* of the files that hold it, with the dot; separated by blanks.  "NAME.*": beginnings */
    bool binary;          /* not for a terminal */
    unsigned takes;       /* enum takes */
    unsigned parts;       /* enum statfile_part: what it needs beside functions and the callers that sections list */
    const char *summary;  /* for the help */
    /* 0, or -1 with *error set; ERROR_NOTHING when nothing matched, and nothing is written.  A failure of `out` need
     * not be reported. */
    int (*write)(const struct report *report, struct out *out, struct error *error);
};

/* Ends with an exporter without a name; the first is the default. */
extern const struct exporter exporters[];

int export_text(const struct report *report, struct out *out, struct error *error);
int export_callgrind(const struct report *report, struct out *out, struct error *error);
int export_csv(const struct report *report, struct out *out, struct error *error);
int export_folded(const struct report *report, struct out *out, struct error *error);
int export_json(const struct report *report, struct out *out, struct error *error);
int export_dot(const struct report *report, struct out *out, struct error *error);
int export_flame(const struct report *report, struct out *out, struct error *error);
int export_html(const struct report *report, struct out *out, struct error *error);
int export_graph(const struct report *report, struct out *out, struct error *error);
int export_pprof(const struct report *report, struct out *out, struct error *error);
int export_speedscope(const struct report *report, struct out *out, struct error *error);
int export_stat(const struct report *report, struct out *out, struct error *error);

#endif
