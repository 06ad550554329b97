/* Floor 1.  The orders in which functions can be listed: pstats' sort keys, and the time that coroutines waited. */
#ifndef PROFSTAT_ORDER_H
#define PROFSTAT_ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "names.h"
#include "profile.h"
#include "suspension.h"

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

/* An order of the functions of a profile: by the keys, the most significant first, and functions equal in all of them
 * as they stand in the dictionary.  Borrows the profile and the keys. */
struct order {
    const struct profile *profile;
    const struct order_key *const *keys;
    size_t key_count;
    bool reverse;
    struct names names; /* of all functions, where a key is about them */
    const struct suspension *suspensions; /* by position; not owned.  NULL: nothing waited */
};

/* Whether one of the keys is about suspensions. */
bool order_keys_need_suspensions(const struct order_key *const *keys, size_t key_count);

/* 0, or -1 with *error set (memory) and nothing to release.  Suspensions are for the caller to set. */
int order_init(struct order *order, const struct profile *profile, const struct order_key *const *keys,
               size_t key_count, bool reverse, struct error *error);
void order_release(struct order *order);

/* Leaves in rows[], which holds `count` positions of functions, the first `wanted` <= `count` of them in this order.
 * What is not wanted costs no sorting.  0, or -1 with *error set (memory). */
int order_rows(const struct order *order, uint32_t *rows, size_t count, size_t wanted, struct error *error);

/* <0, 0, >0: labels by file, line, name, as Python compares the tuples. */
int label_compare(const struct label *a, const struct label *b);

#endif
