/* Open addressing with linear probing, at most half full.  Slots keep the whole hash, so that growing needs no look
 * at the entries and that a probe calls `matches` almost only for the right one.
 *
 * Keys come from files that may be hostile, so hashes are seeded with an address that the loader randomises: nobody
 * can write a file whose labels all fall into one slot.  No output depends on a hash.
 */
#include "index_map.h"

#include <string.h>

enum { INDEX_MAP_FIRST_SLOTS = 16 };
enum { EMPTY_BYTE = 0xff }; /* four of them are INDEX_MAP_NONE */

void index_map_init(struct index_map *map, const struct allocator *allocator)
{
    *map = (struct index_map){.allocator = allocator};
}

void index_map_release(struct index_map *map)
{
    allocator_free(map->allocator, map->slots);
    index_map_init(map, map->allocator);
}

static void index_map_place(struct index_map_slot *slots, uint32_t slot_count, struct index_map_slot slot)
{
    uint32_t mask = slot_count - 1;
    uint32_t i = slot.hash & mask;

    while (slots[i].position != INDEX_MAP_NONE)
        i = (i + 1) & mask;
    slots[i] = slot;
}

static int index_map_resize(struct index_map *map, uint32_t slot_count)
{
    struct index_map_slot *slots = allocator_resize(map->allocator, NULL, slot_count, sizeof *slots);

    if (!slots)
        return -1;
    memset(slots, EMPTY_BYTE, slot_count * sizeof *slots);
    for (uint32_t i = 0; i < map->slot_count; i++) {
        if (map->slots[i].position != INDEX_MAP_NONE)
            index_map_place(slots, slot_count, map->slots[i]);
    }
    allocator_free(map->allocator, map->slots);
    map->slots = slots;
    map->slot_count = slot_count;
    return 0;
}

int index_map_reserve(struct index_map *map, uint32_t count)
{
    uint32_t slot_count = map->slot_count ? map->slot_count : INDEX_MAP_FIRST_SLOTS;

    while (slot_count && slot_count / 2 < count)
        slot_count *= 2;
    if (slot_count == map->slot_count)
        return 0;
    return slot_count ? index_map_resize(map, slot_count) : -1;
}

int index_map_add(struct index_map *map, uint32_t hash, uint32_t position)
{
    if (map->count >= map->slot_count / 2 && index_map_reserve(map, map->count + 1))
        return -1;
    index_map_place(map->slots, map->slot_count, (struct index_map_slot){.hash = hash, .position = position});
    map->count++;
    return 0;
}

static uint64_t hash_seed(void)
{
    return (uint64_t)(uintptr_t)&allocator_libc * 0x9e3779b97f4a7c15u;
}

#ifdef __SIZEOF_INT128__
__extension__ typedef unsigned __int128 uint128;
#endif

/* Both halves of the 128-bit product, folded: every bit of either factor reaches every bit of the result. */
static uint64_t fold_multiply(uint64_t a, uint64_t b)
{
#ifdef __SIZEOF_INT128__
    uint128 product = (uint128)a * b;

    return (uint64_t)product ^ (uint64_t)(product >> 64);
#else
    uint64_t low = (a & UINT32_MAX) * (b & UINT32_MAX), high = (a >> 32) * (b >> 32);
    uint64_t cross = (a >> 32) * (b & UINT32_MAX), across = (a & UINT32_MAX) * (b >> 32);

    return (low + (cross << 32)) ^ (high + (across >> 32)) ^ (cross >> 32) ^ (across << 32);
#endif
}

uint32_t hash_mix(uint64_t value)
{
    uint64_t seed = hash_seed();
    uint64_t mixed = fold_multiply(value ^ seed, seed ^ 0xa0761d6478bd642fu);

    return (uint32_t)(mixed ^ (mixed >> 32));
}

/* Sixteen bytes a step; what is left over is read as two words that may overlap, or gathered when it is short. */
uint32_t hash_bytes(const void *bytes, size_t size)
{
    const unsigned char *at = bytes;
    uint64_t seed = hash_seed();
    uint64_t hash = seed ^ 0xe7037ed1a0b428dbu, first = 0, second = 0;
    size_t left = size;

    for (; left > 16; left -= 16, at += 16) {
        memcpy(&first, at, 8);
        memcpy(&second, at + 8, 8);
        hash = fold_multiply(first ^ hash, second ^ seed);
    }
    first = second = 0;
    if (left >= 8) {
        memcpy(&first, at, 8);
        memcpy(&second, at + left - 8, 8);
    } else if (left > 0) {
        memcpy(&first, at, left);
    }
    hash = fold_multiply(first ^ hash, second ^ seed);
    return hash_mix(hash ^ size);
}
