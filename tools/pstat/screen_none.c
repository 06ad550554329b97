#include "screen.h"

int screen_run(struct browse *browse, const struct time_unit *unit, const char *title, struct error *error)
{
    return error_set(error, ERROR_ARGUMENT, ERROR_NO_OFFSET, "this pstat was built without ncurses");
}
