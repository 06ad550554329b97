/* Floor 1.  The orders in which functions can be listed: pstats' sort keys. */
#ifndef PROFSTAT_ORDER_H
#define PROFSTAT_ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "names.h"
#include "profile.h"

struct order_field;

/* One sort key.  Static; `title` is what the report says behind "Ordered by:". */
struct order_key {
    const char *name;
    const char *title;
    const struct order_field *const *fields; /* ends with NULL */
};

/* The key of that name, of pstats' old numbers (-1, 0, 1, 2), or of a beginning that can mean one order only.
 * NULL with *error set (ERROR_ARGUMENT, the reason names the valid keys). */
const struct order_key *order_key_find(const char *word, struct error *error);
/* All keys; ends with a key without a name. */
extern const struct order_key order_keys[];

/* Fills rows[] with the positions of the `count` listed functions of the profile in the order of the keys, most
 * significant first; functions equal in all of them stay in dictionary order.  `rows` has room for function_count.
 * 0, or -1 with *error set (memory). */
int order_functions(const struct profile *profile, const struct names *names, const struct order_key *const *keys,
                    size_t key_count, uint32_t *rows, size_t *count, struct error *error);

/* <0, 0, >0: labels by file, line, name, as Python compares the tuples. */
int label_compare(const struct label *a, const struct label *b);

#endif
