/* In the call tree every step of completing a call is a sum, so it is taken back as a difference; the edge recorder
 * counts depths and takes overhead off, so what its running calls touch is kept and put back.  Calls that stand still
 * in another strand have ended when they were parked; those of them that the edge recorder counts are left running. */
#include "running.h"

static void complete_frame(struct frame *frame, int64_t now)
{
    int64_t total = now - frame->entered;
    frame->node->calls++;
    frame->node->self += total - frame->callees;
    frame[-1].callees += total;
}

/* Those further out have been reopened already. */
static void reopen_frame(struct frame *frame, int64_t now)
{
    int64_t total = now - frame->entered;
    frame[-1].callees -= total;
    frame->node->self -= total - frame->callees;
    frame->node->calls--;
}

static void keep_edge(struct running_calls *running, size_t at)
{
    const struct edge_recorder *recorder = &running->tracer->edges;
    running->frames[at] = recorder->frames[at];
    if (recorder->frames[at].edge == FUNCTION_NONE)
        return;
    running->edges[at] = recorder->table.edges[recorder->frames[at].edge];
    running->functions[at] = recorder->table.functions[running->edges[at].callee];
}

static void put_back_edge(struct running_calls *running, size_t at)
{
    struct edge_recorder *recorder = &running->tracer->edges;
    recorder->frames[at] = running->frames[at];
    if (running->frames[at].edge == FUNCTION_NONE)
        return;
    recorder->table.edges[running->frames[at].edge] = running->edges[at];
    recorder->table.functions[running->edges[at].callee] = running->functions[at];
}

static void release(struct running_calls *running)
{
    const struct allocator *allocator = running->tracer->allocator;
    allocator_free(allocator, running->frames);
    allocator_free(allocator, running->edges);
    allocator_free(allocator, running->functions);
}

static int keep_edges(struct running_calls *running)
{
    const struct allocator *allocator = running->tracer->allocator;
    size_t depth = running->depth = running->tracer->edges.depth;
    if (depth == 0)
        return 0;
    running->frames = allocator_resize(allocator, NULL, depth, sizeof *running->frames);
    running->edges = allocator_resize(allocator, NULL, depth, sizeof *running->edges);
    running->functions = allocator_resize(allocator, NULL, depth, sizeof *running->functions);
    if (running->frames == NULL || running->edges == NULL || running->functions == NULL)
        return -1;
    for (size_t i = 0; i < depth; i++)
        keep_edge(running, i);
    return 0;
}

static void complete_parked(struct strands *strands)
{
    for (size_t i = 0; i < strands->count; i++)
        for (struct frame *frame = strands->stacks[i].top; frame != strands->stacks[i].frames; frame--)
            complete_frame(frame, strands->stacks[i].since);
}

static void reopen_parked(struct strands *strands)
{
    for (size_t i = 0; i < strands->count; i++)
        for (struct frame *frame = strands->stacks[i].frames; frame != strands->stacks[i].top; frame++)
            reopen_frame(frame + 1, strands->stacks[i].since);
}

static int64_t read_now(void *context)
{
    return *(int64_t *)context;
}

int running_complete(struct running_calls *running, struct tracer *tracer, int64_t now)
{
    *running = (struct running_calls){.tracer = tracer, .top = tracer->top, .now = now};
    if (keep_edges(running) < 0) {
        release(running);
        return -1;
    }
    struct clock clock = clock_custom(read_now, &now, "", 1.0);
    while (tracer->edges.depth > 0)
        edge_recorder_pop(&tracer->edges, &clock);
    for (; tracer->top != tracer->frames; tracer->top--)
        complete_frame(tracer->top, now);
    if (tracer->mode == TRACER_PATHS)
        complete_parked(&tracer->strands);
    waits_look_ahead(&tracer->waits, now, 1);
    return 0;
}

void running_resume(struct running_calls *running)
{
    struct tracer *tracer = running->tracer;
    for (size_t i = 0; i < running->depth; i++)
        put_back_edge(running, i);
    tracer->edges.depth = running->depth;
    while (tracer->top != running->top)
        reopen_frame(++tracer->top, running->now);
    if (tracer->mode == TRACER_PATHS)
        reopen_parked(&tracer->strands);
    waits_look_ahead(&tracer->waits, running->now, -1);
    release(running);
}
