/* Stacks change places as a whole, with their memory.  A call that stands still is charged nothing: what it has been
 * entered at is moved on by the time that went by.  The edge recorder counts running calls to tell recursion, and those
 * that stand still in another strand are none of the caller's. */
#include "strands.h"

enum { FIRST_FRAMES = 32 };

static bool is_running(const struct tracer *tracer)
{
    return tracer->top != tracer->frames || tracer->edges.depth > 0;
}

static struct parked_stack *find(struct tracer *tracer, const void *strand, bool used)
{
    struct parked_stack *stack = tracer->parked;
    while (stack != NULL && (stack->used != used || (used && stack->strand != strand)))
        stack = stack->next;
    return stack;
}

static struct parked_stack *add(struct tracer *tracer)
{
    struct parked_stack *stack = find(tracer, NULL, false);
    if (stack != NULL)
        return stack;
    stack = allocator_resize(tracer->allocator, NULL, 1, sizeof *stack);
    struct frame *frames =
        stack != NULL ? allocator_resize(tracer->allocator, NULL, FIRST_FRAMES, sizeof *frames) : NULL;
    if (frames == NULL) {
        allocator_free(tracer->allocator, stack);
        return NULL;
    }
    *stack = (struct parked_stack){
        .frames = frames, .top = frames, .frame_capacity = FIRST_FRAMES, .next = tracer->parked};
    return tracer->parked = stack;
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

static void exchange(struct tracer *tracer, struct parked_stack *stack)
{
    struct parked_stack running = {.frames = tracer->frames,
                                   .top = tracer->top,
                                   .frame_capacity = tracer->frame_capacity,
                                   .edge_frames = tracer->edges.frames,
                                   .edge_depth = tracer->edges.depth,
                                   .edge_capacity = tracer->edges.capacity,
                                   .next = stack->next};
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

static void take_up(struct tracer *tracer, struct parked_stack *stack, int64_t now)
{
    int64_t elapsed = now - stack->since;
    exchange(tracer, stack);
    move_on(tracer, elapsed);
    count_running(&tracer->edges, 1);
    settle(tracer);
}

void tracer_switch(struct tracer *tracer, const void *strand)
{
    const void *before = tracer->strand;
    if (before == strand)
        return;
    tracer->strand = strand;
    struct parked_stack *stack = tracer->parked != NULL ? find(tracer, strand, true) : NULL;
    bool parks = is_running(tracer);
    if (parks && stack == NULL && (stack = add(tracer)) == NULL) {
        tracer->out_of_memory = true;
        tracer_end_running(tracer);
    }
    if (stack == NULL)
        return;
    int64_t now = clock_now(&tracer->clock);
    count_running(&tracer->edges, -1);
    if (!stack->used)
        stack->since = now;
    take_up(tracer, stack, now);
    stack->strand = before;
    stack->used = parks;
    stack->since = now;
}

bool strands_take_up(struct tracer *tracer)
{
    struct parked_stack *stack = tracer->parked;
    while (stack != NULL && !stack->used)
        stack = stack->next;
    if (stack == NULL)
        return false;
    stack->used = false;
    take_up(tracer, stack, clock_now(&tracer->clock));
    return true;
}

void strands_release(struct tracer *tracer)
{
    while (tracer->parked != NULL) {
        struct parked_stack *stack = tracer->parked;
        tracer->parked = stack->next;
        allocator_free(tracer->allocator, stack->frames);
        allocator_free(tracer->allocator, stack->edge_frames);
        allocator_free(tracer->allocator, stack);
    }
}
