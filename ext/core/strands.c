/* Stacks change places as a whole, with their memory.  A call that stands still is charged nothing: what it has been
 * entered at is moved on by the time that went by.  The edge recorder counts running calls to tell recursion, and those
 * that stand still in another strand are none of the caller's. */
#include "strands.h"

#include "tracer.h"

enum { FIRST_FRAMES = 32 };

static bool is_running(const struct tracer *tracer)
{
    return tracer->top != tracer->frames || tracer->edges.depth > 0;
}

void strands_init(struct strands *strands, const struct allocator *allocator)
{
    *strands = (struct strands){.allocator = allocator, .running = strands->running};
    index_map_init(&strands->by_strand, allocator);
}

void strands_release(struct strands *strands)
{
    for (size_t i = 0; i < strands->count; i++) {
        allocator_free(strands->allocator, strands->stacks[i].frames);
        allocator_free(strands->allocator, strands->stacks[i].edge_frames);
    }
    allocator_free(strands->allocator, strands->stacks);
    index_map_release(&strands->by_strand);
}

static bool strand_matches(const void *array, uint32_t position, const void *strand)
{
    return ((const struct parked_stack *)array)[position].strand == strand;
}

static uint32_t strand_hash(const void *strand)
{
    return hash_mix((uint64_t)(uintptr_t)strand);
}

/* NULL: nothing of this strand was ever parked. */
static struct parked_stack *find(const struct strands *strands, const void *strand)
{
    uint32_t at = index_map_find(&strands->by_strand, strand_hash(strand), strand_matches, strands->stacks, strand);
    return at != INDEX_MAP_NONE ? &strands->stacks[at] : NULL;
}

static struct parked_stack *add(struct strands *strands, const void *strand)
{
    if (strands->count >= INDEX_MAP_NONE - 1 ||
        allocator_reserve(strands->allocator, &strands->stacks, &strands->capacity, strands->count + 1,
                          sizeof *strands->stacks) < 0)
        return NULL;
    struct frame *frames = allocator_resize(strands->allocator, NULL, FIRST_FRAMES, sizeof *frames);
    if (frames == NULL)
        return NULL;
    if (index_map_add(&strands->by_strand, strand_hash(strand), (uint32_t)strands->count) < 0) {
        allocator_free(strands->allocator, frames);
        return NULL;
    }
    struct parked_stack *stack = &strands->stacks[strands->count++];
    *stack = (struct parked_stack){
        .strand = strand, .frames = frames, .top = frames, .frame_capacity = FIRST_FRAMES};
    return stack;
}

/* Counts the edge recorder's calls as running, or no longer. */
static void count_running(struct edge_recorder *edges, int sign)
{
    for (size_t i = 0; i < edges->depth; i++)
        if (edges->frames[i].edge != FUNCTION_NONE) {
            struct edge *edge = &edges->table.edges[edges->frames[i].edge];
            edge->depth += sign;
            edges->table.functions[edge->callee].depth += sign;
        }
}

/* The tracer's stack and a parked one change places. */
static void exchange(struct tracer *tracer, struct parked_stack *stack)
{
    struct parked_stack running = {.strand = stack->strand,
                                   .frames = tracer->frames,
                                   .top = tracer->top,
                                   .frame_capacity = tracer->frame_capacity,
                                   .edge_frames = tracer->edges.frames,
                                   .edge_depth = tracer->edges.depth,
                                   .edge_capacity = tracer->edges.capacity};
    tracer->frames = stack->frames;
    tracer->top = stack->top;
    tracer->frame_capacity = stack->frame_capacity;
    tracer->end = tracer->frames + tracer->frame_capacity;
    tracer->edges.frames = stack->edge_frames;
    tracer->edges.depth = stack->edge_depth;
    tracer->edges.capacity = stack->edge_capacity;
    *stack = running;
}

static void move_on(struct tracer *tracer, int64_t elapsed)
{
    for (struct frame *frame = tracer->frames; frame != tracer->top; frame++)
        frame[1].entered += elapsed;
    for (size_t i = 0; i < tracer->edges.depth; i++)
        tracer->edges.frames[i].entered += elapsed;
}

/* The tracer's record may be another than when the stack was parked. */
static void settle(struct tracer *tracer)
{
    if (tracer->mode == TRACER_EDGES && tracer->top != tracer->frames && tracer_count_as_edges(tracer) < 0)
        tracer->out_of_memory = true;
    if (tracer->mode != TRACER_PATHS)
        tracer->top = tracer->frames;
    tracer_set_bottom(tracer);
}

/* What runs is put into `to`, which is empty: nothing runs now. */
static void park(struct tracer *tracer, struct parked_stack *to, int64_t now)
{
    count_running(&tracer->edges, -1);
    exchange(tracer, to);
    to->used = true;
    to->since = now;
}

/* Nothing must be running. */
static void take_up(struct tracer *tracer, struct parked_stack *stack, int64_t now)
{
    int64_t elapsed = now - stack->since;
    exchange(tracer, stack);
    stack->used = false;
    move_on(tracer, elapsed);
    count_running(&tracer->edges, 1);
    settle(tracer);
}

/* Where the running calls are to be parked; short of memory for that, they end. */
static struct parked_stack *place_for_running(struct tracer *tracer)
{
    struct strands *strands = &tracer->strands;
    struct parked_stack *place = find(strands, strands->running);
    if (place == NULL && (place = add(strands, strands->running)) == NULL) {
        tracer->out_of_memory = true;
        tracer_end_running(tracer);
    }
    return place;
}

void tracer_switch(struct tracer *tracer, const void *strand)
{
    struct strands *strands = &tracer->strands;
    if (strands->running == strand)
        return;
    struct parked_stack *place = is_running(tracer) ? place_for_running(tracer) : NULL;
    struct parked_stack *next = find(strands, strand);
    strands->running = strand;
    if (place == NULL && (next == NULL || !next->used))
        return;
    int64_t now = clock_now(&tracer->clock);
    if (place != NULL)
        park(tracer, place, now);
    if (next != NULL && next->used)
        take_up(tracer, next, now);
    else
        settle(tracer);
}

bool strands_take_up(struct tracer *tracer, size_t *at)
{
    struct strands *strands = &tracer->strands;
    while (*at < strands->count && !strands->stacks[*at].used)
        ++*at;
    if (*at == strands->count)
        return false;
    take_up(tracer, &strands->stacks[*at], clock_now(&tracer->clock));
    return true;
}
