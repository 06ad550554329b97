/* Floor 2.  Files that are put into what is written; meson.build names them, embed.py makes them part of pstat. */
#ifndef PSTAT_ASSETS_H
#define PSTAT_ASSETS_H

#include <stddef.h>

struct asset {
    const void *bytes;
    size_t size;
};

extern const struct asset asset_flame_script;
extern const struct asset asset_flame_style;
extern const struct asset asset_page_script;
extern const struct asset asset_page_script_hash; /* for a content security policy, without quotes */
extern const struct asset asset_page_style;

#endif
