/* Modes are told apart by the node of the innermost frame, so the hot path never asks for one: outside TRACER_PATHS
 * that node is call_node_none, on which every comparison of the hot path fails. */
#include "tracer.h"

#include <string.h>

enum { FIRST_FRAMES = 128 };

static const uint64_t no_version;

_Thread_local struct thread_tracers thread_tracers __attribute__((tls_model("initial-exec"))) = {
    .context_version = &no_version};

void thread_tracers_sort_out(struct thread_tracers *tracers)
{
    struct tracer *tracer = tracers->first;
    bool fast = tracer != NULL && tracer->next == NULL && tracer->clock.read == NULL && !tracers->watchful;
    tracers->functions = fast ? tracer : NULL;
    tracers->callables = fast && tracer->builtins ? tracer : NULL;
}

/* What tracer_clear resets as well. */
static void init_record(struct tracer *tracer, size_t max_path_bytes)
{
    function_table_init(&tracer->functions, tracer->allocator);
    call_tree_init(&tracer->tree, tracer->allocator, max_path_bytes);
    edge_recorder_init(&tracer->edges, tracer->allocator);
    tracer->edges.overhead = tracer->overhead;
    strands_init(&tracer->strands, tracer->allocator);
    waits_init(&tracer->waits, tracer->allocator);
    tracer->mode = TRACER_PATHS;
    tracer->open = NULL;
    tracer->open_count = 0;
    tracer->paths_cut = false;
    tracer->dropped = 0;
}

void tracer_init(struct tracer *tracer, const struct tracer_options *options)
{
    *tracer = (struct tracer){.clock = options->clock,
                              .allocator = options->allocator,
                              .client = options->client,
                              .overhead = options->overhead,
                              .paths = options->paths,
                              .subcalls = true,
                              .builtins = true};
    init_record(tracer, options->max_path_bytes);
}

static struct call_node *bottom_node(struct tracer *tracer)
{
    if (tracer->mode != TRACER_PATHS)
        return &call_node_none;
    return tracer->subcalls ? &tracer->tree.root : &tracer->tree.root_no_edges;
}

void tracer_set_bottom(struct tracer *tracer)
{
    struct call_node *node = bottom_node(tracer);
    tracer->frames[0] = (struct frame){.node = node, .expected = &node->first};
}

static void reset_stack(struct tracer *tracer)
{
    tracer->top = tracer->frames;
    if (tracer->frames != NULL)
        tracer_set_bottom(tracer);
}

/* Forgetting a description may run anything, this tracer's own functions included: it comes last, and `functions` is no
 * part of the tracer any more. */
static void release_record(struct tracer *tracer, size_t max_path_bytes)
{
    struct tracer_client client = tracer->client;
    struct function_table functions = tracer->functions;
    call_tree_release(&tracer->tree);
    edge_recorder_release(&tracer->edges);
    strands_release(&tracer->strands);
    waits_release(&tracer->waits);
    allocator_free(tracer->allocator, tracer->open);
    init_record(tracer, max_path_bytes);
    reset_stack(tracer);
    for (size_t i = 0; i < functions.count; i++)
        client.forget(client.context, functions.functions[i].description);
    function_table_release(&functions);
}

void tracer_release(struct tracer *tracer)
{
    struct frame *frames = tracer->frames;
    const struct allocator *allocator = tracer->allocator;
    tracer->frames = tracer->top = tracer->end = NULL;
    tracer->frame_capacity = 0;
    release_record(tracer, 0);
    allocator_free(allocator, frames);
}

void tracer_clear(struct tracer *tracer)
{
    release_record(tracer, tracer->tree.max_bytes);
}

int tracer_start(struct tracer *tracer, bool subcalls, bool builtins)
{
    if (tracer->frames == NULL) {
        tracer->frames = allocator_resize(tracer->allocator, NULL, FIRST_FRAMES, sizeof *tracer->frames);
        if (tracer->frames == NULL)
            return -1;
        tracer->frame_capacity = FIRST_FRAMES;
        tracer->end = tracer->frames + FIRST_FRAMES;
        reset_stack(tracer);
    }
    tracer->subcalls = subcalls;
    tracer->builtins = builtins;
    tracer_set_bottom(tracer);
    return 0;
}

static void leave_top(struct tracer *tracer)
{
    struct frame *frame = tracer->top;
    tracer->left = clock_now(&tracer->clock);
    tracer->left_node = frame->node;
    int64_t total = tracer->left - frame->entered;
    frame->node->calls++;
    frame->node->self += total - frame->callees;
    frame[-1].callees += total;
    tracer->top = frame - 1;
}

void tracer_end_running(struct tracer *tracer)
{
    while (tracer->edges.depth > 0)
        edge_recorder_pop(&tracer->edges, &tracer->clock);
    while (tracer->top != tracer->frames)
        leave_top(tracer);
}

/* Another clock than the counter may be a program's, which is to be read at events alone. */
static int64_t now_for_waits(const struct tracer *tracer)
{
    return tracer->clock.read == NULL ? clock_counter() : tracer->left;
}

void tracer_flush(struct tracer *tracer)
{
    size_t parked = 0;
    tracer_end_running(tracer);
    while (strands_take_up(tracer, &parked))
        tracer_end_running(tracer);
    if (tracer->waits.count > 0)
        waits_finish(&tracer->waits, now_for_waits(tracer));
    tracer->pauses = 0; /* those begun for these calls are over with them */
}

static int64_t read_constant(void *context)
{
    return *(int64_t *)context;
}

void tracer_flush_at_last_event(struct tracer *tracer)
{
    struct clock clock = tracer->clock;
    int64_t last = 0;
    if (tracer->edges.depth > 0) {
        const struct edge_frame *frame = &tracer->edges.frames[tracer->edges.depth - 1];
        last = frame->entered + frame->callees;
    } else if (tracer->top != tracer->frames) {
        last = tracer->top->entered + tracer->top->callees;
    }
    tracer->clock = clock_custom(read_constant, &last, clock.name, clock.seconds_per_tick);
    tracer_flush(tracer);
    tracer->clock = clock;
}

/* Without a stack nothing can be told any more: what is running is completed, what follows is dropped. */
static void stop(struct tracer *tracer)
{
    tracer_flush(tracer);
    tracer->mode = TRACER_STOPPED;
    tracer->out_of_memory = true;
    tracer->dropped++;
    reset_stack(tracer);
}

static int grow_stack(struct tracer *tracer)
{
    size_t depth = (size_t)(tracer->top - tracer->frames);
    if (allocator_reserve(tracer->allocator, &tracer->frames, &tracer->frame_capacity, tracer->frame_capacity + 1,
                          sizeof *tracer->frames) < 0) {
        stop(tracer);
        return -1;
    }
    tracer->top = tracer->frames + depth;
    tracer->end = tracer->frames + tracer->frame_capacity;
    return 0;
}

/* The function's number; at its first call the client is asked to describe it. */
static uint32_t find_function(struct tracer *tracer, const void *key, enum subject_kind kind, const void *subject)
{
    uint32_t number = function_table_find(&tracer->functions, key);
    if (number != FUNCTION_NONE)
        return number;
    struct traced_function function = {.key = key};
    if (tracer->client.describe(tracer->client.context, kind, subject, &function) < 0)
        return FUNCTION_NONE;
    number = function_table_add(&tracer->functions, function);
    if (number == FUNCTION_NONE)
        tracer->client.forget(tracer->client.context, function.description);
    return number;
}

static struct edge_frame *push_edge(struct tracer *tracer, uint32_t number, bool edges)
{
    const struct traced_function *function = &tracer->functions.functions[number];
    struct edge_call call = {function->key, number, function->kind, function->hidden, edges};
    bool lost = false;
    struct edge_frame *frame = edge_recorder_push(&tracer->edges, call, &lost);
    if (frame != NULL && lost) {
        tracer->out_of_memory = true;
        tracer->dropped++;
    }
    return frame;
}

static void enter_edge(struct tracer *tracer, uint32_t number)
{
    if (tracer->mode == TRACER_STOPPED)
        return;
    struct edge_frame *frame = push_edge(tracer, number, tracer->subcalls);
    if (frame == NULL)
        stop(tracer);
    else
        frame->entered = clock_now(&tracer->clock);
}

int tracer_count_as_edges(struct tracer *tracer)
{
    size_t running = (size_t)(tracer->top - tracer->frames), before = tracer->open_count;
    struct open_call *open =
        allocator_resize(tracer->allocator, tracer->open, before + running, sizeof *tracer->open);
    if (open != NULL)
        tracer->open = open;
    else if (running > 0)
        return -1;
    for (size_t i = 1; i <= running; i++) {
        const struct frame *frame = &tracer->frames[i];
        uint32_t function = function_table_find(&tracer->functions, frame->node->key);
        struct edge_frame *edge = push_edge(tracer, function, tracer->subcalls);
        if (edge == NULL) {
            tracer->edges.depth = 0;
            tracer->open_count = before;
            return -1;
        }
        edge->entered = frame->entered;
        edge->callees = edge->corrected = frame->callees;
        tracer->open[tracer->open_count++] = (struct open_call){frame->node->number, frame->callees};
    }
    return 0;
}

/* The tree stays as it is: its running calls will complete as edges.  What their completed callees took is kept beside
 * it, because it stands in the tree below a call that will never complete there. */
static int switch_to_edges(struct tracer *tracer)
{
    tracer->paths_cut = true;
    if (tracer_count_as_edges(tracer) < 0)
        return -1;
    tracer->mode = TRACER_EDGES;
    reset_stack(tracer);
    return 0;
}

/* A new node for this path, or NULL when the call is to be counted as an edge from now on. */
static struct call_node *add_path(struct tracer *tracer, const struct call_node *caller, const void *key)
{
    if (tracer->mode != TRACER_PATHS)
        return NULL;
    struct call_node *node = call_tree_add(&tracer->tree, caller, key);
    if (node == NULL && switch_to_edges(tracer) < 0)
        stop(tracer);
    return node;
}

/* The node of a callee that the tree does not have; NULL when the call is none of the tree's, and has been dealt
 * with. */
static struct call_node *add_callee(struct tracer *tracer, const void *key, enum subject_kind kind, const void *subject)
{
    struct call_node *caller = tracer->top->node, *node = NULL;
    uint32_t number = find_function(tracer, key, kind, subject);
    if (number == FUNCTION_NONE)
        stop(tracer);
    else if ((node = add_path(tracer, caller, key)) == NULL)
        enter_edge(tracer, number);
    return node;
}

/* The callee stands elsewhere, and does from now on.  A callee that is expected to follow itself goes on to be: of the
 * two wrong guesses that a loop costs, where it ends and where it begins again, that saves one. */
static inline void expect(struct call_node **expected, struct call_node *node)
{
    if (&(*expected)->follower != expected)
        *expected = node;
}

static inline struct frame *push(struct tracer *tracer, struct call_node *node)
{
    tracer->top->expected = &node->follower;
    struct frame *frame = ++tracer->top;
    frame->node = node;
    frame->expected = &node->first;
    frame->callees = 0;
    return frame;
}

/* 0 always. */
static int enter_node(struct tracer *tracer, struct call_node *node)
{
    if (tracer->top + 1 == tracer->end && grow_stack(tracer) < 0)
        return 0;
    struct frame *frame = push(tracer, node);
    frame->entered = clock_now(&tracer->clock);
    return 0;
}

/* 0 always. */
static int enter_new(struct tracer *tracer, const void *key, enum subject_kind kind, const void *subject)
{
    if (tracer->mode == TRACER_STOPPED) {
        tracer->dropped++;
        return 0;
    }
    struct call_node *node = add_callee(tracer, key, kind, subject);
    if (node == NULL)
        return 0;
    expect(tracer->top->expected, node);
    return enter_node(tracer, node);
}

int tracer_enter_slowly(struct tracer *tracer, const void *key, enum subject_kind kind, const void *subject)
{
    struct call_node *node = *tracer->top->expected;
    if (node->key == key)
        return enter_node(tracer, node);
    node = tracer->mode == TRACER_PATHS ? call_tree_find(&tracer->tree, tracer->top->node, key) : NULL;
    if (node == NULL)
        return enter_new(tracer, key, kind, subject);
    expect(tracer->top->expected, node);
    return enter_node(tracer, node);
}

int tracer_enter_elsewhere(struct tracer *tracer, const void *key, enum subject_kind kind, const void *subject)
{
    struct call_node *node = call_tree_find(&tracer->tree, tracer->top->node, key);
    if (node == NULL)
        return enter_new(tracer, key, kind, subject);
    expect(tracer->top->expected, node);
    struct frame *frame = push(tracer, node);
    frame->entered = clock_counter();
    return 0;
}

static void leave_unmatched(struct tracer *tracer, const void *key)
{
    const struct frame *found = tracer->top;
    while (found != tracer->frames && found->node->key != key)
        found--;
    if (found == tracer->frames)
        return;
    while (tracer->top >= found)
        leave_top(tracer);
}

int tracer_leave_slowly(struct tracer *tracer, const void *key)
{
    tracer->left_node = NULL;
    if (tracer->mode != TRACER_PATHS)
        edge_recorder_leave(&tracer->edges, key, &tracer->clock);
    else if (tracer->top->node->key == key)
        leave_top(tracer);
    else
        leave_unmatched(tracer, key);
    return 0;
}

void tracer_pause(struct tracer *tracer)
{
    if (tracer->pauses++ == 0)
        tracer->paused = clock_now(&tracer->clock);
}

void tracer_resume(struct tracer *tracer)
{
    if (tracer->pauses == 0 || --tracer->pauses > 0)
        return;
    int64_t elapsed = clock_now(&tracer->clock) - tracer->paused;
    for (struct frame *frame = tracer->frames; frame != tracer->top; frame++)
        frame[1].entered += elapsed;
    for (size_t i = 0; i < tracer->edges.depth; i++)
        tracer->edges.frames[i].entered += elapsed;
}

void tracer_step_begun(struct tracer *tracer, const void *coroutine, bool resumes)
{
    if (tracer->mode != TRACER_PATHS || tracer->top == tracer->frames)
        return;
    const struct frame *frame = tracer->top;
    if (waits_begin_step(&tracer->waits, coroutine, frame->node->number, resumes, frame->entered) < 0)
        tracer->out_of_memory = true;
}

void tracer_step_ended(struct tracer *tracer, const void *coroutine, bool suspends)
{
    const struct call_node *node = tracer->left_node;
    if (tracer->mode == TRACER_PATHS && node != NULL &&
        waits_end_step(&tracer->waits, coroutine, node->number, suspends, tracer->left) < 0)
        tracer->out_of_memory = true;
}
