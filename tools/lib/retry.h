/* Floor 1.  Trying again what may work the next time. */
#ifndef PROFSTAT_RETRY_H
#define PROFSTAT_RETRY_H

#include <stdint.h>

enum trial { TRIAL_DONE, TRIAL_AGAIN, TRIAL_FINAL };

enum { RETRY_MOST_TRIES = 8, RETRY_FIRST_WAIT_MS = 100 };

/* What is tried, and the time. */
struct retry {
    void *context;
    /* One try, which may take `left_ms`.  Where it may be repeated and somebody asked to wait, sets *asked_ms. */
    enum trial (*attempt)(void *context, int64_t left_ms, int64_t *asked_ms);
    int64_t (*now_ms)(void *context);
    void (*wait)(void *context, int64_t wait_ms);
    uint32_t (*random)(void *context);
};

/* Tries until it is done or final, RETRY_MOST_TRIES times at most and for limit_ms at most; a wait that would not fit
 * is the end.  Each wait is twice the one before, of which up to half is taken off by chance so that many who failed
 * together do not come again together; and at least what was asked for.  Returns what the last try came to; *tries
 * counts them. */
enum trial retry_run(const struct retry *retry, int64_t limit_ms, unsigned *tries);

#endif
