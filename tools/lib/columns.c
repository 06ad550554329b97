#include "columns.h"

#include <stdio.h>
#include <string.h>

#include "utf8.h"

enum { QUOTED_SIZE = 60 };

const char *const column_names[COLUMN_COUNT] = {
    [COLUMN_NCALLS] = "ncalls",   [COLUMN_PCALLS] = "pcalls",     [COLUMN_TOTTIME] = "tottime",
    [COLUMN_TOTSHARE] = "tot%",   [COLUMN_TOTPERCALL] = "totper", [COLUMN_CUMTIME] = "cumtime",
    [COLUMN_CUMSHARE] = "cum%",   [COLUMN_CUMPERCALL] = "cumper", [COLUMN_NAME] = "name",
};

void columns_default(struct columns *columns, bool shares)
{
    columns->count = 0;
    for (int i = 0; i < COLUMN_COUNT; i++)
        if (i != COLUMN_PCALLS && (shares || (i != COLUMN_TOTSHARE && i != COLUMN_CUMSHARE)))
            columns->list[columns->count++] = (enum column)i;
}

static int refuse(const char *what, const char *text, size_t size, struct error *error)
{
    char valid[120] = "";
    for (int i = 0; i < COLUMN_COUNT; i++) {
        size_t used = strlen(valid);
        snprintf(valid + used, sizeof valid - used, "%s%s", used ? ", " : "", column_names[i]);
    }
    int fitting = utf8_fitting(text, QUOTED_SIZE);
    return error_set(error, ERROR_ARGUMENT, ERROR_NO_OFFSET, "%s '%.*s'; valid are: %s", what,
                     size < (size_t)fitting ? (int)size : fitting, text, valid);
}

static int find(const char *text, size_t size)
{
    for (int i = 0; i < COLUMN_COUNT; i++)
        if (strlen(column_names[i]) == size && memcmp(column_names[i], text, size) == 0)
            return i;
    return -1;
}

/* Names are of any width, and would leave what follows ragged. */
static void put_name_last(struct columns *columns)
{
    size_t kept = 0;
    for (size_t i = 0; i < columns->count; i++)
        if (columns->list[i] != COLUMN_NAME)
            columns->list[kept++] = columns->list[i];
    if (kept < columns->count)
        columns->list[kept] = COLUMN_NAME;
}

int columns_parse(struct columns *columns, const char *text, struct error *error)
{
    bool seen[COLUMN_COUNT] = {false};
    columns->count = 0;
    for (;;) {
        size_t size = strcspn(text, ",");
        int column = find(text, size);
        if (column < 0)
            return refuse("no column", text, size, error);
        if (seen[column])
            return refuse("twice the column", text, size, error);
        seen[column] = true;
        columns->list[columns->count++] = (enum column)column;
        if (text[size] == '\0')
            break;
        text += size + 1;
    }
    put_name_last(columns);
    return 0;
}
