/* The flame graph as SVG: a plain picture, which page/flame.js brings to life in a browser.  Everything that the
 * script knows it reads from the picture: the geometry from the rectangles, names and numbers from their titles,
 * which browsers show as tooltips. */
#include "flame_graph.h"

#include "assets.h"
#include "colours.h"
#include "flame_drawing.h"
#include "picture.h"

#define NARROWEST  0.1   /* pixels */
#define THIN       3     /* pixels: a frame without a gap to its neighbour */
#define LEAST_PATH 1e-5  /* share of a path that is estimated */

void flame_put_text(const struct drawing *drawing)
{
    out_markup(drawing->out, (const char *)drawing->text.data, drawing->text.size);
}

static void shorten(struct buffer *text)
{
    size_t size = LONGEST_NAME;
    if (text->size <= size)
        return;
    while (size > 0 && (text->data[size] & 0xC0) == 0x80)
        size--;
    text->size = size;
    buffer_append_string(text, "\xe2\x80\xa6");
}

void flame_name_path(struct drawing *drawing, const struct path *path)
{
    buffer_clear(&drawing->text);
    if (path->thread)
        buffer_append(&drawing->text, path->thread->bytes, path->thread->size);
    else if (path->function == PATHS_NONE)
        buffer_append_string(&drawing->text, "all");
    else
        picture_name(&drawing->report->profile->functions[path->function].label, &drawing->text);
    shorten(&drawing->text);
    if (drawing->text.failed)
        error_set_memory(&drawing->out->error);
}

static const char *fill_of(const struct drawing *drawing, const struct path *path)
{
    if (drawing->tree.before)
        return flame_change_fill(drawing, path);
    if (path->function == PATHS_NONE)
        return path->thread ? "#b9c0ca" : "#dfe2e7";
    return colour_of_module(&drawing->report->profile->functions[path->function].label);
}

const char *flame_about(const struct drawing *drawing)
{
    return drawing->tree.paths.estimated ? "about " : "";
}

static double share_of(const struct drawing *drawing, int64_t nanoseconds)
{
    int64_t all = drawing->tree.paths.nodes[0].total;
    return all > 0 ? 100.0 * (double)nanoseconds / (double)all : 0;
}

static void put_numbers(const struct drawing *drawing, const struct path *path)
{
    const char *about = flame_about(drawing);
    char total[PICTURE_TIME_SIZE], self[PICTURE_TIME_SIZE], calls[PICTURE_COUNT_SIZE];
    out_format(drawing->out, "\n%s%s, %.2f %%", about, picture_time(path->total, total),
               share_of(drawing, path->total));
    if (path->function == PATHS_NONE)
        return;
    out_format(drawing->out, "\n%s%s itself\n%s%s %s", about, picture_time(path->self, self), about,
               picture_count(path->calls, calls), path->calls == 1 ? "call" : "calls");
}

static double top_of(const struct drawing *drawing, uint32_t level)
{
    uint32_t row = drawing->report->picture->icicle ? level : drawing->flame.levels - 1 - level;
    return drawing->top + (double)LEVEL * row;
}

/* What fits into the frame. */
static void put_label(struct drawing *drawing, double left, double top, double width)
{
    const char *bytes = (const char *)drawing->text.data;
    size_t size = drawing->text.size;
    size_t columns = width > 2 * INSET ? (size_t)((width - 2 * INSET) / LETTER) : 0;
    if (columns < LEAST_COLUMNS)
        return;
    out_format(drawing->out, "<text x=\"%.7g\" y=\"%g\">", left + INSET, top + 13);
    bool whole = picture_columns(bytes, size) <= columns;
    out_markup(drawing->out, bytes, whole ? size : picture_fitting(bytes, size, columns - 1));
    out_string(drawing->out, whole ? "</text>" : "\xe2\x80\xa6</text>");
}

static void put_frame(struct drawing *drawing, const struct frame *frame)
{
    const struct path *path = &drawing->tree.paths.nodes[frame->path];
    double left = MARGIN + drawing->scale * (double)frame->left, top = top_of(drawing, frame->level);
    double width = frame->path == 0 ? FRAMES_WIDTH : drawing->scale * (double)path->total;
    flame_name_path(drawing, path);
    out_format(drawing->out, "<g class=\"f%s%s\"", width < THIN ? " thin" : "",
               drawing->tree.before && paths_diff_is_new(&drawing->tree, frame->path) ? " new" : "");
    if (drawing->of_page && path->function != PATHS_NONE)
        out_format(drawing->out, " data-f=\"%u\"", path->function);
    out_string(drawing->out, "><title>");
    flame_put_text(drawing);
    if (drawing->tree.before)
        flame_change_put_numbers(drawing, path);
    else
        put_numbers(drawing, path);
    out_format(drawing->out, "</title><rect x=\"%.7g\" y=\"%g\" width=\"%.7g\" height=\"%d\" rx=\"2\" fill=\"%s\"/>",
               left, top, width, LEVEL - 1, fill_of(drawing, path));
    flame_name_path(drawing, path);
    put_label(drawing, left, top, width);
    out_string(drawing->out, "</g>\n");
}

static void put_title(struct drawing *drawing)
{
    if (drawing->of_page && drawing->tree.before) {
        out_string(drawing->out, "Change of each call path");
    } else {
        picture_title(drawing->report, &drawing->text);
        if (drawing->text.failed)
            error_set_memory(&drawing->out->error);
        flame_put_text(drawing);
    }
    if (drawing->tree.paths.estimated)
        out_string(drawing->out, " (estimated from caller pairs)");
}

static void put_what(const struct drawing *drawing)
{
    char total[PICTURE_TIME_SIZE], count[PICTURE_COUNT_SIZE];
    int64_t calls = drawing->report->total.ncalls;
    out_format(drawing->out, "%s in %s %s", picture_time(drawing->tree.paths.nodes[0].total, total),
               picture_count(calls, count), calls == 1 ? "call" : "calls");
    out_string(drawing->out, drawing->report->picture->fold || drawing->tree.paths.estimated
                                 ? ", width: cumulative time, recursion folded, colour: module"
                                 : ", width: cumulative time, colour: module");
}

static void put_note(const struct drawing *drawing)
{
    char count[PICTURE_COUNT_SIZE];
    uint32_t left_out = drawing->flame.left_out;
    if (drawing->tree.before) {
        left_out -= flame_change_gone_paths(drawing);
        flame_change_put_what(drawing);
    } else {
        put_what(drawing);
    }
    if (drawing->tree.paths.nodes[0].total == 0)
        out_string(drawing->out, "; no time was recorded");
    else if (left_out > 0)
        out_format(drawing->out, "; %s call paths are too narrow or too deep to be shown",
                   picture_count(left_out, count));
}

/* What only a file of its own needs. */
static void put_style(struct drawing *drawing)
{
    out_string(drawing->out, "<title>");
    put_title(drawing);
    out_string(drawing->out, "</title>\n<style>\n");
    out_bytes(drawing->out, asset_flame_style.bytes, asset_flame_style.size);
    out_string(drawing->out, "</style>\n");
}

static void put_script(const struct drawing *drawing)
{
    out_string(drawing->out, "<script><![CDATA[\n");
    out_bytes(drawing->out, asset_flame_script.bytes, asset_flame_script.size);
    out_string(drawing->out, "flameGraph(document.documentElement);\n]]></script>\n");
}

static void put_head(struct drawing *drawing, int height)
{
    struct out *out = drawing->out;
    if (!drawing->of_page)
        out_string(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    out_format(out,
               "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"flame\" id=\"flame-svg\" width=\"%d\" height=\"%d\" "
               "viewBox=\"0 0 %d %d\" data-direction=\"%s\">\n",
               WIDTH, height, WIDTH, height, drawing->report->picture->icicle ? "down" : "up");
    if (!drawing->of_page)
        put_style(drawing);
    out_string(out, "<rect class=\"paper\" width=\"100%\" height=\"100%\"/>\n");
    out_format(out, "<text class=\"title\" x=\"%d\" y=\"27\">", MARGIN);
    put_title(drawing);
    out_format(out, "</text>\n<text class=\"note\" x=\"%d\" y=\"48\">", MARGIN);
    put_note(drawing);
    out_format(out, "</text>\n<text class=\"note\" id=\"found\" x=\"%d\" y=\"52\" text-anchor=\"end\"></text>\n",
               WIDTH - MARGIN);
    if (drawing->tree.before)
        flame_change_put_legend(drawing);
}

static void put_picture(struct drawing *drawing)
{
    struct out *out = drawing->out;
    int bottom = drawing->top + LEVEL * (int)drawing->flame.levels;
    int height = bottom + LEVEL * (drawing->tree.before ? flame_change_gone_rows(drawing) : 0) + BOTTOM;
    put_head(drawing, height);
    out_string(out, "<g id=\"frames\">\n");
    for (uint32_t i = 0; i < drawing->flame.count; i++)
        put_frame(drawing, &drawing->flame.frames[i]);
    out_string(out, "</g>\n");
    if (drawing->tree.before)
        flame_change_put_gone(drawing, bottom);
    out_format(out, "<text class=\"note\" id=\"details\" x=\"%d\" y=\"%d\"></text>\n", MARGIN, height - 13);
    if (!drawing->of_page)
        put_script(drawing);
    out_string(out, "</svg>\n");
}

static int draw(struct drawing *drawing, struct error *error)
{
    struct paths *paths = &drawing->tree.paths;
    paths_sort(paths);
    uint32_t most = drawing->of_page ? MOST_FRAMES_OF_PAGE : MOST_FRAMES;
    if (flame_init(&drawing->flame, paths, NARROWEST / FRAMES_WIDTH, most, MOST_LEVELS, error) < 0)
        return -1;
    int64_t all = paths->nodes[0].total;
    drawing->scale = all > 0 ? FRAMES_WIDTH / (double)all : 0;
    put_picture(drawing);
    flame_release(&drawing->flame);
    return 0;
}

static int find_paths(struct drawing *drawing, struct error *error)
{
    const struct report *report = drawing->report;
    bool fold = report->picture->fold;
    if (report->diff)
        return paths_diff_init(&drawing->tree, report->diff, report->now, report->before, fold, LEAST_PATH, error);
    struct paths *paths = &drawing->tree.paths;
    if (paths_init(paths, report->profile, LEAST_PATH, error) < 0)
        return -1;
    if (!fold || paths->estimated || paths_fold(paths, error) == 0)
        return 0;
    paths_release(paths);
    return -1;
}

int flame_graph_put(const struct report *report, bool of_page, struct out *out, struct error *error)
{
    struct drawing drawing = {
        .report = report, .of_page = of_page, .out = out, .top = report->diff ? TOP + LEGEND : TOP};
    if (find_paths(&drawing, error) < 0)
        return -1;
    buffer_init(&drawing.text, report->profile->allocator);
    int result = draw(&drawing, error);
    buffer_release(&drawing.text);
    paths_diff_release(&drawing.tree);
    return result;
}
