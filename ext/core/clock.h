/* Core, no Python.h.  Where the tracer takes the time from: a reading in ticks, and what a tick is worth. */
#ifndef PROFSTAT_CORE_CLOCK_H
#define PROFSTAT_CORE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#if defined(__x86_64__) || defined(__i386__)
#include <x86intrin.h>
#define CLOCK_HAS_COUNTER 1
#elif defined(__aarch64__)
#define CLOCK_HAS_COUNTER 1
#else
#define CLOCK_HAS_COUNTER 0
#endif

typedef int64_t clock_reader(void *context);

/* A value without ownership.  `read` is NULL when ticks come straight from the processor's counter. */
struct clock {
    clock_reader *read;
    void *context;
    const char *name;        /* as it stands in a file's facts */
    double seconds_per_tick; /* 0: the processor's counter, measured by clock_seconds_per_tick */
};

/* Elapsed time: the processor's counter where it can be trusted, else CLOCK_MONOTONIC. */
struct clock clock_wall(void);
/* CPU time of the calling thread; meaningful only in the thread that reads it. */
struct clock clock_cpu(void);
/* Any other source: `read(context)` gives ticks of `seconds_per_tick` each. */
struct clock clock_custom(clock_reader *read, void *context, const char *name, double seconds_per_tick);

/* What a tick is worth, in seconds.  The counter is compared with CLOCK_MONOTONIC over the time since the first
 * clock_wall() of this process; where that is too short to be exact, this waits until it is (some milliseconds,
 * once). */
double clock_seconds_per_tick(const struct clock *clock);

/* CLOCK_MONOTONIC in nanoseconds. */
int64_t clock_monotonic_ns(void);

static inline int64_t clock_counter(void)
{
#if defined(__x86_64__) || defined(__i386__)
    return (int64_t)__rdtsc();
#elif defined(__aarch64__)
    uint64_t ticks;
    __asm__ volatile("mrs %0, cntvct_el0" : "=r"(ticks));
    return (int64_t)ticks;
#else
    return 0;
#endif
}

static inline int64_t clock_now(const struct clock *clock)
{
    if (CLOCK_HAS_COUNTER && __builtin_expect(clock->read == 0, 1))
        return clock_counter();
    return clock->read(clock->context);
}

#endif
