/* Threads share nothing but the code: made to be run under ThreadSanitizer, too. */
#include <pthread.h>

#include "core/running.h"
#include "core/strands.h"
#include "core/totals.h"
#include "support.h"
#include "tracing.h"

enum { THREADS = 8, EVENTS = 50000, MAX_DEPTH = 20, FUNCTIONS = 6 };

struct job {
    uint32_t random;
    int64_t entered[FUNCTIONS]; /* how often, as the walk itself counted it */
    int64_t recorded[FUNCTIONS];
    bool hot;
};

static char names[2];

static uint32_t next_random(struct job *job)
{
    job->random = job->random * 1664525u + 1013904223u;
    return job->random >> 8;
}

static void walk(struct job *job, struct tracing *tracing)
{
    int stack[2][MAX_DEPTH], depth[2] = {0, 0}, strand = 0;
    for (int i = 0; i < EVENTS; i++) {
        if (!job->hot && next_random(job) % 16 == 0) {
            strand = !strand;
            tracer_switch(&tracing->tracer, &names[strand]);
        }
        if (depth[strand] == 0 || (depth[strand] < MAX_DEPTH && next_random(job) % 2)) {
            int function = (int)(next_random(job) % FUNCTIONS);
            stack[strand][depth[strand]++] = function;
            job->entered[function]++;
            tracing_enter(tracing, function, 1);
        } else {
            tracing_leave(tracing, stack[strand][--depth[strand]], 1);
        }
    }
    tracer_flush(&tracing->tracer);
}

static int count(struct job *job, const struct tracing *tracing)
{
    struct totals totals;
    int result = totals_init(&totals, &tracing->tracer);
    for (int i = 0; i < FUNCTIONS && result == 0; i++)
        job->recorded[i] = totals.functions[tracing_number(tracing, i)].calls;
    totals_release(&totals);
    return result;
}

static void *run(void *argument)
{
    struct job *job = argument;
    struct tracing tracing = {0};
    int result = job->hot ? tracing_init_hot(&tracing, &allocator_libc, SIZE_MAX)
                          : tracing_init(&tracing, &allocator_libc, true, 100000);
    thread_tracers.first = &tracing.tracer;
    thread_tracers_sort_out(&thread_tracers);
    struct clock wall = clock_wall();
    if (result == 0 && clock_seconds_per_tick(&wall) > 0.0) {
        walk(job, &tracing);
        result = count(job, &tracing);
    }
    thread_tracers.first = NULL;
    tracing_release(&tracing);
    return result == 0 ? NULL : job;
}

START_TEST(tracers_of_several_threads_do_not_meet)
{
    pthread_t threads[THREADS];
    struct job jobs[THREADS];
    for (int i = 0; i < THREADS; i++) {
        jobs[i] = (struct job){.random = (uint32_t)i, .hot = i % 2};
        ck_assert_int_eq(pthread_create(&threads[i], NULL, run, &jobs[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        void *failed;
        ck_assert_int_eq(pthread_join(threads[i], &failed), 0);
        ck_assert_ptr_null(failed);
        for (int function = 0; function < FUNCTIONS; function++)
            ck_assert_int_eq(jobs[i].recorded[function], jobs[i].entered[function]);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("threads");
    TCase *tests = tcase_create("threads");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, tracers_of_several_threads_do_not_meet);
    suite_add_tcase(suite, tests);
    return test_main(suite);
}
