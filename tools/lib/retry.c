#include "retry.h"

static int64_t wait_of(const struct retry *retry, unsigned tries, int64_t asked_ms)
{
    int64_t whole = (int64_t)RETRY_FIRST_WAIT_MS << (tries - 1);
    int64_t wait = whole - (int64_t)(retry->random(retry->context) % (uint32_t)(whole / 2 + 1));
    return wait > asked_ms ? wait : asked_ms;
}

enum trial retry_run(const struct retry *retry, int64_t limit_ms, unsigned *tries)
{
    int64_t end = retry->now_ms(retry->context) + limit_ms, left = limit_ms;
    for (*tries = 1;; ++*tries) {
        int64_t asked_ms = 0;
        enum trial trial = retry->attempt(retry->context, left, &asked_ms);
        if (trial != TRIAL_AGAIN || *tries == RETRY_MOST_TRIES)
            return trial;
        int64_t wait = wait_of(retry, *tries, asked_ms);
        left = end - retry->now_ms(retry->context) - wait;
        if (left <= 0)
            return trial;
        retry->wait(retry->context, wait);
    }
}
