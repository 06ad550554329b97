/* Floor 0 (libc only).  A hash index over an array that somebody else owns: hash -> position in that array.
 * The array keeps insertion order, the index finds entries in it. */
#ifndef PROFSTAT_BASE_INDEX_MAP_H
#define PROFSTAT_BASE_INDEX_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alloc.h"

#define INDEX_MAP_NONE UINT32_MAX

struct index_map_slot {
    uint32_t hash;
    uint32_t position; /* INDEX_MAP_NONE: empty */
};

/* Owns its slots, not the array. */
struct index_map {
    const struct allocator *allocator;
    struct index_map_slot *slots;
    uint32_t count;
    uint32_t slot_count; /* 0 or a power of two */
};

/* Says whether the entry at `position` of the array is the one that `key` describes. */
typedef bool index_map_matches(const void *array, uint32_t position, const void *key);

void index_map_init(struct index_map *map, const struct allocator *allocator);
void index_map_release(struct index_map *map);
/* Makes room for this many positions in all, so that adding them moves nothing.  Returns 0, or -1 when memory is short
 * (the map is as before). */
int index_map_reserve(struct index_map *map, uint32_t count);
/* Fetches what a search for this hash will look at, so that waiting for it overlaps with other work. */
static inline void index_map_prefetch(const struct index_map *map, uint32_t hash)
{
    if (map->slot_count)
        __builtin_prefetch(&map->slots[hash & (map->slot_count - 1)]);
}
/* The position, or INDEX_MAP_NONE.  Inline, and `matches` with it where that is a function of the caller's file. */
static inline uint32_t index_map_find(const struct index_map *map, uint32_t hash, index_map_matches *matches,
                                      const void *array, const void *key)
{
    uint32_t mask = map->slot_count - 1;

    if (map->count == 0)
        return INDEX_MAP_NONE;
    for (uint32_t i = hash & mask; map->slots[i].position != INDEX_MAP_NONE; i = (i + 1) & mask) {
        if (map->slots[i].hash == hash && matches(array, map->slots[i].position, key))
            return map->slots[i].position;
    }
    return INDEX_MAP_NONE;
}
/* Adds a position that is not in the map.  Returns 0, or -1 when memory is short (the map is as before). */
int index_map_add(struct index_map *map, uint32_t hash, uint32_t position);

/* Spreads the bits of a 64-bit value over 32; for keys that are pointers or packed integers.  Both hashes are seeded:
 * they differ from one process to the next. */
uint32_t hash_mix(uint64_t value);
uint32_t hash_bytes(const void *bytes, size_t size);

#endif
