#include "tracing.h"

static int64_t read_clock(void *context)
{
    struct tracing *tracing = context;
    tracing->readings++;
    return tracing->now;
}

static int describe(void *context, enum subject_kind kind, const void *subject, struct traced_function *function)
{
    struct tracing *tracing = context;
    function->description = (void *)function->key;
    ptrdiff_t number = (const char *)function->key - tracing->keys;
    function->hidden = tracing->hidden >> number & 1;
    function->kind = tracing->c_functions >> number & 1 ? CALL_C : CALL_PYTHON;
    tracing->described++;
    return 0;
}

static void forget(void *context, void *description)
{
    struct tracing *tracing = context;
    tracing->described--;
}

static int init(struct tracing *tracing, const struct allocator *allocator, struct clock clock, bool paths,
                size_t max_path_bytes)
{
    struct tracer_options options = {
        .allocator = allocator,
        .clock = clock,
        .client = {describe, forget, tracing},
        .paths = paths,
        .max_path_bytes = paths ? max_path_bytes : 0,
    };
    tracing->hot = clock.read == NULL;
    tracing->now = 1000;
    tracing->readings = 0;
    tracing->described = 0;
    tracer_init(&tracing->tracer, &options);
    return tracer_start(&tracing->tracer, true, true);
}

int tracing_init(struct tracing *tracing, const struct allocator *allocator, bool paths, size_t max_path_bytes)
{
    struct clock clock = clock_custom(read_clock, tracing, "test", 1.0);
    return init(tracing, allocator, clock, paths, max_path_bytes);
}

int tracing_init_hot(struct tracing *tracing, const struct allocator *allocator, size_t max_path_bytes)
{
    struct clock clock = {.name = "hot", .seconds_per_tick = 1.0};
    return init(tracing, allocator, clock, true, max_path_bytes);
}

void tracing_release(struct tracing *tracing)
{
    tracer_release(&tracing->tracer);
}

void tracing_enter(struct tracing *tracing, int function, int64_t ticks)
{
    tracing->now += ticks;
    if (tracing->hot)
        tracer_enter(&tracing->tracer, &tracing->keys[function], SUBJECT_CODE, NULL);
    else
        tracer_enter_slowly(&tracing->tracer, &tracing->keys[function], SUBJECT_CODE, NULL);
}

void tracing_leave(struct tracing *tracing, int function, int64_t ticks)
{
    tracing->now += ticks;
    if (tracing->hot)
        tracer_leave(&tracing->tracer, &tracing->keys[function]);
    else
        tracer_leave_slowly(&tracing->tracer, &tracing->keys[function]);
}

uint32_t tracing_number(const struct tracing *tracing, int function)
{
    return function_table_find(&tracing->tracer.functions, &tracing->keys[function]);
}
