/* Floor 2.  Sending a profile to a Pyroscope server. */
#ifndef PSTAT_PUSH_H
#define PSTAT_PUSH_H

#include "base/buffer.h"
#include "opt.h"
#include "profile.h"

/* A server, and the connection to it. */
struct pusher {
    const struct push_request *request;
    const char *secret; /* of the environment; NULL: none */
    struct http *http;
    struct buffer authorization; /* headers, each ending in NUL; empty: none */
    struct buffer tenant;
    bool tells; /* on standard error, that something is tried again */
};

/* 0, or -1 with *error set and nothing to release. */
int pusher_init(struct pusher *pusher, const struct push_request *request, struct error *error);
void pusher_release(struct pusher *pusher);

/* PUSH_REFUSED: the server did not want this profile.  PUSH_FAILED: it would fare no better with another. */
enum pushed { PUSH_DONE, PUSH_REFUSED, PUSH_FAILED };

/* Sends the profile of a file.  Says on standard error why it does not work. */
enum pushed push_profile(struct pusher *pusher, const char *file, const struct profile *profile);

#endif
