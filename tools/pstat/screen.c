/* Line 0 is the title, line 1 the filter, line 2 the headings; the last line names the keys, and where there is room
 * the one above it the function under the cursor.  Narrow terminals have fewer columns, so that names stay in sight.
 * Everything is drawn anew after each key; ncurses sends what has changed.  Text is put out one character after the
 * other, since a name may hold any: what a terminal must not get, or this one cannot show, is escaped. */
#define NCURSES_WIDECHAR 1
#include "screen.h"

#include <curses.h>
#include <inttypes.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

#include "utf8.h"

enum { TITLE, FILTER, HEADINGS, BODY, ESCAPE_SIZE = 12, ESCAPE = 27, DELETE = 127, CTRL_C = 3 };
enum { LINE_SIZE = 400, CELL_SIZE = 64, WITH_FULL_NAME = 10 /* lines that a terminal needs for it */ };
enum { NO_KEY = -1, NAME_KEY = 3 };
enum { WARM = 1, HOT, DIM, HOT_PERCENT = 20, WARM_PERCENT = 5 };

struct screen {
    struct browse *browse;
    const struct time_unit *unit;
    const char *title;
    double total; /* seconds */
    bool unicode;
    bool colour;
    bool help;
    bool done;
};

static bool is_shown(const struct screen *screen, uint32_t code, int *width)
{
    *width = 1;
    if (code >= ' ' && code <= '~')
        return true;
    if (code < 0x80 || !screen->unicode || utf8_is_control(code) || utf8_is_surrogate(code))
        return false;
    *width = wcwidth((wchar_t)code);
    return *width > 0;
}

/* One character at this place; the columns that it takes, or that it would have taken beyond the edge. */
static int put_character(const struct screen *screen, int y, int x, uint32_t code)
{
    char text[ESCAPE_SIZE];
    int width;
    if (!is_shown(screen, code, &width))
        width = snprintf(text, sizeof text, code <= 0xFF ? "\\x%02x" : code <= 0xFFFF ? "\\u%04x" : "\\U%08x", code);
    else if (code < 0x80)
        snprintf(text, sizeof text, "%c", (char)code);
    else
        text[utf8_encode(code, text)] = '\0';
    if (x + width <= COLS)
        mvaddstr(y, x, text);
    return width;
}

/* The column behind it. */
static int put_text(const struct screen *screen, int y, int x, const char *bytes, size_t size)
{
    uint32_t code;
    for (size_t i = 0; i < size && x < COLS;) {
        i += utf8_decode(bytes + i, size - i, &code);
        x += put_character(screen, y, x, code);
    }
    return x;
}

static void put_line(const struct screen *screen, int y, attr_t attributes, const char *text)
{
    attron(attributes);
    mvhline(y, 0, ' ', COLS);
    put_text(screen, y, 0, text, strlen(text));
    attroff(attributes);
}

/* What stands before the names. */
static const struct column {
    const char *heading;
    int key;   /* of browse_keys */
    int width; /* with the blank behind it */
    int least; /* columns of the terminal from which on there is room for it */
} columns[] = {{"ncalls", 0, 11, 48},
               {"tottime", 1, 10, 36},
               {"percall", NO_KEY, 9, 72},
               {"cumtime", 2, 10, 24},
               {"percall", NO_KEY, 9, 72}};
enum { COLUMN_COUNT = sizeof columns / sizeof *columns, FIRST_TIME = 1 };

enum { MARK_WIDTH = 2, DOWN = 0x25BC };

/* What marks the column by which rows are sorted: a triangle, or a letter that looks like one, and a blank. */
static const char *sort_mark(const struct screen *screen)
{
    bool triangles = screen->unicode && wcwidth(DOWN) == 1;
    if (screen->browse->reverse)
        return triangles ? "\u25B2 " : "^ ";
    return triangles ? "\u25BC " : "v ";
}

static void put_headings(const struct screen *screen)
{
    char line[LINE_SIZE] = "";
    int end = 0, sorted = (int)screen->browse->key;
    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        if (COLS < columns[i].least)
            continue;
        bool marked = columns[i].key == sorted;
        int blanks = columns[i].width - 1 - (int)strlen(columns[i].heading) - (marked ? MARK_WIDTH : 0);
        end += snprintf(line + end, LINE_SIZE - (size_t)end, "%*s%s%s ", blanks, "",
                        marked ? sort_mark(screen) : "", columns[i].heading);
    }
    /* A mark before it would stand right behind the heading of the last number. */
    snprintf(line + end, LINE_SIZE - (size_t)end, "filename:lineno(function) %s",
             sorted == NAME_KEY ? sort_mark(screen) : "");
    put_line(screen, HEADINGS, A_BOLD | A_UNDERLINE, line);
}

static attr_t heat_of(const struct screen *screen, double tottime)
{
    if (!screen->colour || screen->total <= 0 || 100 * tottime < WARM_PERCENT * screen->total)
        return A_NORMAL;
    return COLOR_PAIR(100 * tottime < HOT_PERCENT * screen->total ? WARM : HOT);
}

static const char *mark_of(const struct browse *browse, const struct browse_row *row)
{
    if (browse_top(browse)->function == BROWSE_ALL)
        return "";
    return !row->pair ? "= " : row->is_caller ? "< " : "  > ";
}

/* In the columns that there is room for; the length. */
static int put_numbers(char line[LINE_SIZE], int64_t ncalls, int64_t primitive, const double times[], int decimals)
{
    char cell[CELL_SIZE];
    int end = 0;
    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        if (COLS < columns[i].least)
            continue;
        if (i >= FIRST_TIME)
            snprintf(cell, sizeof cell, "%.*f", decimals, times[i - FIRST_TIME]);
        else
            snprintf(cell, sizeof cell, ncalls == primitive ? "%" PRId64 : "%" PRId64 "/%" PRId64, ncalls, primitive);
        end += snprintf(line + end, LINE_SIZE - (size_t)end, "%*s ", columns[i].width - 1, cell);
    }
    return end;
}

static void put_row(const struct screen *screen, int y, size_t place)
{
    const struct browse *browse = screen->browse;
    const struct browse_row *row = &browse->rows[place];
    const struct function *function = &browse->profile->functions[row->function];
    const struct name *name = &browse->names.list[row->function];
    int64_t ncalls = row->pair ? row->pair->ncalls : function->ncalls;
    int64_t primitive = row->pair ? row->pair->primitive : function->primitive;
    double seconds = row->pair ? row->pair->tottime : function->tottime;
    double tottime = seconds * screen->unit->per_second;
    double cumtime = (row->pair ? row->pair->cumtime : function->cumtime) * screen->unit->per_second;
    const double times[] = {tottime, ncalls ? tottime / (double)ncalls : 0, cumtime,
                            primitive ? cumtime / (double)primitive : 0};
    char line[LINE_SIZE] = "";
    int size = put_numbers(line, ncalls, primitive, times, screen->unit->decimals);
    size += snprintf(line + size, LINE_SIZE - (size_t)size, "%s", mark_of(browse, row));
    attr_t attributes = place == browse_top(browse)->cursor ? A_REVERSE : heat_of(screen, seconds);
    put_line(screen, y, attributes | (browse_top(browse)->function == row->function ? A_BOLD : A_NORMAL), line);
    attron(attributes);
    put_text(screen, y, size, name->bytes, name->size);
    attroff(attributes);
}

/* Below the rows, where the ends of long names are beyond the edge. */
static void put_full_name(const struct screen *screen)
{
    const struct browse *browse = screen->browse;
    if (LINES < WITH_FULL_NAME || browse->count == 0)
        return;
    const struct name *name = &browse->names.list[browse->rows[browse_top(browse)->cursor].function];
    put_text(screen, LINES - 2, 1, name->bytes, name->size);
}

static size_t body_height(void)
{
    int below = LINES < WITH_FULL_NAME ? 1 : 2;
    return LINES > BODY + below ? (size_t)(LINES - BODY - below) : 1;
}

static void put_body(const struct screen *screen)
{
    const struct browse *browse = screen->browse;
    size_t height = body_height(), cursor = browse_top(browse)->cursor;
    size_t first = cursor - cursor % height; /* by pages */
    for (size_t i = 0; i < height && first + i < browse->count; i++)
        put_row(screen, BODY + (int)i, first + i);
    if (browse->count == 0)
        put_line(screen, BODY, A_NORMAL, "  nothing matches");
}

static void put_filter(const struct screen *screen)
{
    static const char as_text[] = "  (no regular expression, taken as text)";
    const struct browse *browse = screen->browse;
    bool list = browse_top(browse)->function == BROWSE_ALL;
    const char *label = list ? "Filter: " : "< callers  = the function  > callees";
    put_line(screen, FILTER, A_NORMAL, label);
    if (!list)
        return;
    int end = put_text(screen, FILTER, (int)strlen(label), (const char *)browse->filter.data, browse->filter.size);
    if (browse->filter_is_text)
        put_text(screen, FILTER, end, as_text, strlen(as_text));
    char count[64];
    int size = snprintf(count, sizeof count, " %zu %s", browse->count, browse->count == 1 ? "function" : "functions");
    if (COLS > 2 * size)
        mvaddstr(FILTER, COLS - size, count);
}

static void put_help(const struct screen *screen)
{
    static const char *const lines[] = {
        "Keys",
        "",
        "  letters          filter by a regular expression; Backspace takes one back",
        "  Up Down PgUp PgDn Home End    move",
        "  Enter            callers and callees of the function; again, to walk on",
        "  Left Right       sort by another column",
        "  Tab              turn the order round",
        "  Esc              back; without a filter, leave",
        "  Ctrl-C           leave",
        "",
        "  ncalls is calls/primitive calls; percall is the time of one call.",
        "",
        "Any key goes back.",
    };
    for (int i = 0; i < (int)(sizeof lines / sizeof *lines) && i < LINES; i++)
        put_line(screen, i, i ? A_NORMAL : A_BOLD, lines[i]);
}

static void draw(const struct screen *screen)
{
    erase();
    if (screen->help) {
        put_help(screen);
    } else {
        put_line(screen, TITLE, A_BOLD, screen->title);
        put_filter(screen);
        put_headings(screen);
        put_body(screen);
        put_full_name(screen);
        if (LINES > BODY)
            put_line(screen, LINES - 1, A_REVERSE, " ? help   Enter callers, callees   Left Right sort   Esc back");
    }
    refresh();
}

static int type(struct screen *screen, wint_t code, struct error *error)
{
    char bytes[4];
    if (code == '?') {
        screen->help = true;
        return 0;
    }
    return code < ' ' ? 0 : browse_type(screen->browse, bytes, utf8_encode((uint32_t)code, bytes), error);
}

static void move_cursor(struct screen *screen, wint_t key)
{
    int64_t page = (int64_t)body_height(), all = (int64_t)screen->browse->count;
    static const struct {
        wint_t key;
        int lines;
        int pages;
        int ends;
    } moves[] = {{KEY_UP, -1, 0, 0},   {KEY_DOWN, 1, 0, 0}, {KEY_PPAGE, 0, -1, 0},
                 {KEY_NPAGE, 0, 1, 0}, {KEY_HOME, 0, 0, -1}, {KEY_END, 0, 0, 1}};
    for (size_t i = 0; i < sizeof moves / sizeof *moves; i++)
        if (moves[i].key == key)
            browse_move(screen->browse, moves[i].lines + page * moves[i].pages + all * moves[i].ends);
}

static int press_key(struct screen *screen, wint_t key, struct error *error)
{
    if (key == KEY_LEFT || key == KEY_RIGHT)
        return browse_sort(screen->browse, key == KEY_RIGHT ? 1 : -1, error);
    if (key == KEY_BACKSPACE)
        return browse_erase(screen->browse, error);
    if (key == KEY_ENTER)
        return browse_enter(screen->browse, error);
    move_cursor(screen, key);
    return 0;
}

static int press_character(struct screen *screen, wint_t code, struct error *error)
{
    if (code == '\r' || code == '\n')
        return browse_enter(screen->browse, error);
    if (code == '\t')
        return browse_reverse(screen->browse, error);
    if (code == '\b' || code == DELETE)
        return browse_erase(screen->browse, error);
    if (code == ESCAPE)
        return browse_back(screen->browse, &screen->done, error);
    screen->done = code == CTRL_C;
    return type(screen, code, error);
}

/* ncurses looks at the size only when the signal meets it waiting for a key. */
static void follow_window(void)
{
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_row == 0 || size.ws_col == 0 ||
        (size.ws_row == LINES && size.ws_col == COLS))
        return;
    resizeterm(size.ws_row, size.ws_col);
    clearok(stdscr, TRUE); /* what the terminal made of what was there is not known */
}

/* Whether there is a key to be read; else it is time to draw anew. */
static bool wait_for_key(void)
{
    enum { MILLISECONDS = 250 };
    struct pollfd keys = {.fd = STDIN_FILENO, .events = POLLIN};
    return poll(&keys, 1, MILLISECONDS) > 0;
}

static int loop(struct screen *screen, struct error *error)
{
    int result = 0;
    while (result == 0 && !screen->done) {
        wint_t key;
        follow_window();
        draw(screen);
        if (!wait_for_key())
            continue;
        int kind = get_wch(&key);
        if (kind == ERR)
            return error_set(error, ERROR_SYSTEM, ERROR_NO_OFFSET, "the terminal is gone");
        if (kind == KEY_CODE_YES && key == KEY_RESIZE)
            continue;
        if (screen->help)
            screen->help = false;
        else
            result = kind == KEY_CODE_YES ? press_key(screen, key, error) : press_character(screen, key, error);
    }
    return result;
}

/* Makes it a key as others are; Ctrl-Z stays what it is. */
static void take_ctrl_c(void)
{
    struct termios modes;
    if (tcgetattr(STDIN_FILENO, &modes) < 0)
        return;
    modes.c_cc[VINTR] = _POSIX_VDISABLE;
    tcsetattr(STDIN_FILENO, TCSADRAIN, &modes);
    def_prog_mode();
}

static void prepare(struct screen *screen)
{
    const char *no_color = getenv("NO_COLOR");
    cbreak();
    noecho();
    nonl();
    keypad(stdscr, TRUE);
    set_escdelay(50);
    curs_set(0);
    take_ctrl_c();
    screen->unicode = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    screen->colour = !(no_color && *no_color) && has_colors();
    if (!screen->colour)
        return;
    start_color();
    use_default_colors();
    init_pair(WARM, COLOR_YELLOW, -1);
    init_pair(HOT, COLOR_RED, -1);
}

int screen_run(struct browse *browse, const struct time_unit *unit, const char *title, struct error *error)
{
    struct screen screen = {.browse = browse, .unit = unit, .title = title};
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
        return error_set(error, ERROR_ARGUMENT, ERROR_NO_OFFSET, "standard input and output are no terminal");
    for (size_t i = 0; i < browse->profile->function_count; i++)
        screen.total += browse->profile->functions[i].tottime;
    setlocale(LC_CTYPE, "");
    SCREEN *terminal = newterm(NULL, stdout, stdin);
    if (!terminal)
        return error_set(error, ERROR_ARGUMENT, ERROR_NO_OFFSET, "the terminal type '%.60s' is not known",
                         getenv("TERM") ? getenv("TERM") : "");
    const char *move = tigetstr("cup");
    bool moves = move && move != (char *)-1;
    int result = -1;
    if (moves) {
        prepare(&screen);
        result = loop(&screen, error);
    }
    endwin();
    delscreen(terminal);
    return moves ? result
                 : error_set(error, ERROR_ARGUMENT, ERROR_NO_OFFSET,
                             "a terminal of type '%.60s' cannot move its cursor", getenv("TERM"));
}
