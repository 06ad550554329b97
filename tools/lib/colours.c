/* The colours differ in hue alone, and are about as light as each other (in OKLCH, 80 and 86 percent), so that none of
 * them looks hotter than another. */
#include "colours.h"

#include <string.h>

static const char *const colours[] = {
    "#ff9ea6", "#ffbfb7", "#fda486", "#fac4a5", "#f2ad6c", "#eecb9a", "#deb961", "#ddd29a", "#c1c56a", "#c7daa3",
    "#9dcf82", "#b1dfb5", "#77d4a3", "#9ee2ca", "#56d6c5", "#95e1e0", "#4fd2e3", "#98ddf3", "#67cbfa", "#a7d7ff",
    "#8ac1ff", "#bbd0ff", "#aeb6ff", "#d0c9ff", "#cdabfb", "#e4c3f3", "#e5a3e4", "#f3bee1", "#f69ec7", "#fcbdcc",
};
static const char grey[] = "#c9ccd3";

/* FNV-1a: the hashes of strings differ from one process to the next. */
static uint32_t hash_of(const struct string *string)
{
    uint32_t hash = 2166136261u;
    for (uint32_t i = 0; i < string->size; i++)
        hash = (hash ^ (unsigned char)string->bytes[i]) * 16777619u;
    return hash ^ hash >> 15;
}

const char *colour_of_module(const struct label *label)
{
    if (strcmp(label->file->bytes, "~") == 0)
        return grey;
    return colours[hash_of(label->file) % (sizeof colours / sizeof *colours)];
}

const double change_shares[CHANGE_STEPS] = {0.005, 0.02, 0.1, 0.3};

int step_of_change(double share)
{
    double amount = share < 0 ? -share : share;
    int step = 0;
    while (step < CHANGE_STEPS && amount >= change_shares[step])
        step++;
    return share < 0 ? -step : step;
}

const char *colour_of_step(int step)
{
    static const char *const steps[] = {"#4a90cf", "#77afdf", "#abcdec", "#d7e6f5", "#e3e5e9",
                                        "#f9dccf", "#f6b795", "#f08a62", "#e8603c"};
    return steps[CHANGE_STEPS + step];
}
