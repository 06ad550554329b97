/* A coroutine keeps its place in the table after its end: the address comes back with the next one, and the table
 * grows no larger than the number of coroutines that were alive at a time. */
#include "waits.h"

#include <string.h>

void waits_init(struct waits *waits, const struct allocator *allocator)
{
    *waits = (struct waits){.allocator = allocator};
    index_map_init(&waits->by_address, allocator);
}

void waits_release(struct waits *waits)
{
    index_map_release(&waits->by_address);
    allocator_free(waits->allocator, waits->totals);
    allocator_free(waits->allocator, waits->coroutines);
}

static bool address_matches(const void *array, uint32_t position, const void *address)
{
    return ((const struct coroutine *)array)[position].address == address;
}

static uint32_t address_hash(const void *address)
{
    return hash_mix((uint64_t)(uintptr_t)address);
}

static struct coroutine *find(const struct waits *waits, const void *address)
{
    uint32_t at =
        index_map_find(&waits->by_address, address_hash(address), address_matches, waits->coroutines, address);
    return at != INDEX_MAP_NONE ? &waits->coroutines[at] : NULL;
}

static struct coroutine *add(struct waits *waits, const void *address)
{
    if (waits->count >= INDEX_MAP_NONE - 1 ||
        allocator_reserve(waits->allocator, &waits->coroutines, &waits->capacity, waits->count + 1,
                          sizeof *waits->coroutines) < 0 ||
        index_map_add(&waits->by_address, address_hash(address), (uint32_t)waits->count) < 0)
        return NULL;
    struct coroutine *coroutine = &waits->coroutines[waits->count++];
    *coroutine = (struct coroutine){.address = address};
    return coroutine;
}

static int reserve_totals(struct waits *waits, uint32_t node)
{
    if (node < waits->total_count)
        return 0;
    if (allocator_reserve(waits->allocator, &waits->totals, &waits->total_capacity, (size_t)node + 1,
                          sizeof *waits->totals) < 0)
        return -1;
    memset(waits->totals + waits->total_count, 0, ((size_t)node + 1 - waits->total_count) * sizeof *waits->totals);
    waits->total_count = (size_t)node + 1;
    return 0;
}

/* A clock may have gone backwards. */
static int64_t waited(const struct coroutine *coroutine, int64_t now)
{
    return coroutine->phase == COROUTINE_SUSPENDED && now > coroutine->since ? now - coroutine->since : 0;
}

/* The coroutine's place, with room for what its waits come to; NULL when memory is short. */
static struct coroutine *place(struct waits *waits, const void *address, uint32_t node)
{
    if (reserve_totals(waits, node) < 0)
        return NULL;
    struct coroutine *coroutine = find(waits, address);
    return coroutine != NULL ? coroutine : add(waits, address);
}

int waits_begin_step(struct waits *waits, const void *address, uint32_t node, bool resumes, int64_t now)
{
    struct coroutine *coroutine = place(waits, address, node);
    if (coroutine == NULL)
        return -1;
    if (resumes)
        waits->totals[node].awaited += waited(coroutine, now);
    coroutine->phase = resumes ? COROUTINE_RESUMED : COROUTINE_STARTED;
    coroutine->node = node;
    return 0;
}

static bool resumes(const struct coroutine *coroutine)
{
    return coroutine->phase == COROUTINE_RESUMED;
}

int waits_end_step(struct waits *waits, const void *address, uint32_t node, bool suspends, int64_t now)
{
    struct coroutine *coroutine = place(waits, address, node);
    if (coroutine == NULL)
        return -1;
    waits->totals[node].resumes += resumes(coroutine);
    coroutine->phase = suspends ? COROUTINE_SUSPENDED : COROUTINE_UNKNOWN;
    coroutine->node = node;
    coroutine->since = now;
    return 0;
}

void waits_look_ahead(struct waits *waits, int64_t now, int sign)
{
    for (size_t i = 0; i < waits->count; i++) {
        const struct coroutine *coroutine = &waits->coroutines[i];
        struct wait_total *total = &waits->totals[coroutine->node];
        total->resumes += sign * resumes(coroutine);
        total->awaited += sign * waited(coroutine, now);
    }
}

void waits_finish(struct waits *waits, int64_t now)
{
    waits_look_ahead(waits, now, 1);
    for (size_t i = 0; i < waits->count; i++)
        waits->coroutines[i].phase = COROUTINE_UNKNOWN;
}

struct wait_total waits_of(const struct waits *waits, uint32_t node)
{
    return node < waits->total_count ? waits->totals[node] : (struct wait_total){0};
}
