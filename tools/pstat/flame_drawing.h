/* Floor 2.  A flame graph while it is drawn: of one profile (flame_graph.c), or of what changed (flame_change.c). */
#ifndef PSTAT_FLAME_DRAWING_H
#define PSTAT_FLAME_DRAWING_H

#include "flame.h"
#include "flame_graph.h"
#include "paths_diff.h"

enum {
    WIDTH = 1200,
    MARGIN = 10,
    TOP = 62,    /* of the frames */
    LEGEND = 26, /* above them, of a comparison */
    BOTTOM = 34,
    LEVEL = 18,
    INSET = 4, /* of the text in a frame */
    LEAST_COLUMNS = 3,
    MOST_FRAMES = 20000,
    MOST_FRAMES_OF_PAGE = 6000,
    LONGEST_NAME = 300, /* bytes */
    MOST_LEVELS = 2000,
    FRAMES_WIDTH = WIDTH - 2 * MARGIN,
};

#define LETTER 6.93 /* pixels: a monospaced letter in flame.css */

struct drawing {
    const struct report *report;
    bool of_page; /* part of a page, which has style and script */
    struct out *out;
    struct paths_diff tree; /* without `before`: of one profile */
    struct flame flame;
    struct buffer text;
    double scale; /* pixels per nanosecond */
    int top;      /* pixels */
};

/* Makes the name of a path in drawing->text. */
void flame_name_path(struct drawing *drawing, const struct path *path);
/* Puts drawing->text. */
void flame_put_text(const struct drawing *drawing);
/* "about " where the paths are estimated. */
const char *flame_about(const struct drawing *drawing);

const char *flame_change_fill(const struct drawing *drawing, const struct path *path);
void flame_change_put_numbers(struct drawing *drawing, const struct path *path);
/* How much it was and is, and what widths and colours mean. */
void flame_change_put_what(const struct drawing *drawing);
uint32_t flame_change_gone_paths(const struct drawing *drawing);
void flame_change_put_legend(const struct drawing *drawing);
/* What the base alone has, below the frames. */
int flame_change_gone_rows(const struct drawing *drawing);
void flame_change_put_gone(struct drawing *drawing, int top);

#endif
