/* The processor's counter costs 1-2 ns a reading where clock_gettime costs 13-20, and it is read twice a call.  It is
 * trusted only if it ticks at one rate in every power state (invariant TSC) and the kernel itself keeps time by it,
 * which also means that the cores agree; a paravirtual clock is such a counter with a scale. */
#include "clock.h"

#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#endif

enum {
    NS_PER_SECOND = 1000000000,
    /* Two readings some 100 ns apart at either end of this span err by 20 parts in a million at most. */
    CALIBRATION_SPAN_NS = 10000000,
    SETTLED_SPAN_NS = 500000000,
};

/* One pair of simultaneous readings. */
struct anchor {
    int64_t counter;
    int64_t ns;
};

static pthread_once_t wall_once = PTHREAD_ONCE_INIT;
static bool counter_trusted;
static struct anchor process_anchor;

static int64_t timespec_ns(clockid_t id)
{
    struct timespec now;
    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * NS_PER_SECOND + now.tv_nsec;
}

int64_t clock_monotonic_ns(void)
{
    return timespec_ns(CLOCK_MONOTONIC);
}

static int64_t read_monotonic(void *context)
{
    return timespec_ns(CLOCK_MONOTONIC);
}

static int64_t read_thread_cpu(void *context)
{
    return timespec_ns(CLOCK_THREAD_CPUTIME_ID);
}

#if defined(__x86_64__) || defined(__i386__)
static bool counter_is_invariant(void)
{
    unsigned eax, ebx, ecx, edx;
    return __get_cpuid(0x80000007, &eax, &ebx, &ecx, &edx) && (edx & (1u << 8));
}

static bool kernel_uses_counter(void)
{
    static const char *const counters[] = {"tsc", "kvm-clock", "hyperv_clocksource_tsc_page"};
    FILE *file = fopen("/sys/devices/system/clocksource/clocksource0/current_clocksource", "re");
    if (file == NULL)
        return false;
    char source[64] = "";
    bool read = fgets(source, sizeof source, file) != NULL;
    fclose(file);
    source[strcspn(source, "\n")] = '\0';
    for (size_t i = 0; read && i < sizeof counters / sizeof counters[0]; i++)
        if (strcmp(source, counters[i]) == 0)
            return true;
    return false;
}
#elif defined(__aarch64__)
/* The architecture fixes the rate of the virtual counter and keeps it the same on all cores. */
static bool counter_is_invariant(void)
{
    return true;
}

static bool kernel_uses_counter(void)
{
    return true;
}
#else
static bool counter_is_invariant(void)
{
    return false;
}

static bool kernel_uses_counter(void)
{
    return false;
}
#endif

/* The tightest of several pairs: an interrupt between the two readings of one of them does no harm. */
static struct anchor anchor_take(void)
{
    struct anchor best = {0, 0};
    int64_t best_width = INT64_MAX;
    for (int i = 0; i < 5; i++) {
        int64_t before = clock_counter();
        int64_t ns = clock_monotonic_ns();
        int64_t width = clock_counter() - before;
        if (width < best_width) {
            best_width = width;
            best = (struct anchor){before + width / 2, ns};
        }
    }
    return best;
}

static void wall_prepare(void)
{
    counter_trusted = counter_is_invariant() && kernel_uses_counter();
    process_anchor = anchor_take();
}

struct clock clock_wall(void)
{
    pthread_once(&wall_once, wall_prepare);
    if (counter_trusted)
        return (struct clock){NULL, NULL, "wall", 0.0};
    return clock_custom(read_monotonic, NULL, "wall", 1.0 / NS_PER_SECOND);
}

struct clock clock_cpu(void)
{
    return clock_custom(read_thread_cpu, NULL, "cpu", 1.0 / NS_PER_SECOND);
}

struct clock clock_custom(clock_reader *read, void *context, const char *name, double seconds_per_tick)
{
    return (struct clock){read, context, name, seconds_per_tick};
}

static double rate_since_start(const struct anchor *now)
{
    return (double)(now->ns - process_anchor.ns) / NS_PER_SECOND / (double)(now->counter - process_anchor.counter);
}

/* Once the span is long enough the rate is kept: a counter that stands still while the machine sleeps would spoil
 * it. */
double clock_seconds_per_tick(const struct clock *clock)
{
    static _Atomic double settled_rate;
    if (clock->seconds_per_tick != 0.0)
        return clock->seconds_per_tick;
    double rate = settled_rate;
    if (rate != 0.0)
        return rate;
    struct anchor now = anchor_take();
    while (now.ns - process_anchor.ns < CALIBRATION_SPAN_NS)
        now = anchor_take();
    rate = rate_since_start(&now);
    if (now.ns - process_anchor.ns >= SETTLED_SPAN_NS)
        settled_rate = rate;
    return rate;
}
