#include "edge_recorder.h"

#include "function_table.h"

void edge_recorder_init(struct edge_recorder *recorder, const struct allocator *allocator)
{
    *recorder = (struct edge_recorder){.allocator = allocator};
    edge_table_init(&recorder->table, allocator);
}

void edge_recorder_release(struct edge_recorder *recorder)
{
    edge_table_release(&recorder->table);
    allocator_free(recorder->allocator, recorder->frames);
}

struct edge_frame *edge_recorder_push(struct edge_recorder *recorder, struct edge_call call, bool *lost)
{
    if (allocator_reserve(recorder->allocator, &recorder->frames, &recorder->capacity, recorder->depth + 1,
                          sizeof *recorder->frames) < 0)
        return NULL;
    uint32_t caller = recorder->depth ? recorder->frames[recorder->depth - 1].function : FUNCTION_NONE;
    uint32_t edge = FUNCTION_NONE;
    if (!call.hidden) {
        edge = edge_table_edge(&recorder->table, call.edges ? caller : FUNCTION_NONE, call.function);
        if (edge == FUNCTION_NONE)
            *lost = true;
        else
            edge_table_enter(&recorder->table, edge);
    }
    struct edge_frame *frame = &recorder->frames[recorder->depth++];
    *frame = (struct edge_frame){
        .key = call.key, .edge = edge, .function = edge == FUNCTION_NONE ? caller : call.function, .kind = call.kind};
    return frame;
}

/* The own time of a call without an edge stays with its caller. */
void edge_recorder_pop(struct edge_recorder *recorder, const struct clock *clock)
{
    const struct edge_frame *frame = &recorder->frames[recorder->depth - 1];
    int64_t total = clock_now(clock) - frame->entered;
    int64_t inside = recorder->overhead.inside[frame->kind];
    int64_t outside = recorder->overhead.outside[frame->kind];
    int64_t self = overhead_take_off(&recorder->overhead, frame->kind, total - frame->callees, frame->outside + inside);
    struct edge_frame *caller = recorder->depth > 1 ? &recorder->frames[recorder->depth - 2] : NULL;
    bool counted = frame->edge != FUNCTION_NONE;
    if (counted)
        edge_table_leave(&recorder->table, frame->edge, self + frame->corrected, self);
    if (caller != NULL) {
        caller->callees += counted ? total : frame->callees;
        caller->corrected += counted ? self + frame->corrected : frame->corrected;
        caller->outside += counted ? outside : frame->outside + inside + outside;
    }
    recorder->depth--;
}

void edge_recorder_leave(struct edge_recorder *recorder, const void *key, const struct clock *clock)
{
    size_t at = recorder->depth;
    while (at > 0 && recorder->frames[at - 1].key != key)
        at--;
    if (at == 0)
        return;
    while (recorder->depth >= at)
        edge_recorder_pop(recorder, clock);
}
