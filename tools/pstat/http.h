/* Floor 2.  Sending forms to a server over HTTP. */
#ifndef PSTAT_HTTP_H
#define PSTAT_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct http;

/* A file in a form. */
struct http_part {
    const char *name;
    const char *file_name;
    const void *bytes;
    size_t size;
};

struct http_form {
    const char *url;
    const char *const *headers; /* "Name: value" */
    size_t header_count;
    const struct http_part *parts;
    size_t part_count;
};

enum { HTTP_BODY_SIZE = 1024, HTTP_TEXT_SIZE = 256 };

/* What came of it.  Nothing of it belongs to the server: bytes are as they came. */
struct http_answer {
    int status;                  /* 0: there was no answer */
    bool never_connected;        /* or lost: then nothing is known of the server, and it may be tried again */
    char trouble[HTTP_TEXT_SIZE]; /* why there was none */
    int64_t asked_ms;            /* to wait before the next try; 0: nothing said */
    char location[HTTP_TEXT_SIZE]; /* where the server sends one to; "" when it does not */
    char body[HTTP_BODY_SIZE];   /* the beginning */
    size_t body_size;
};

/* NULL with *error set (ERROR_ARGUMENT) where there is no library for it. */
struct http *http_new(struct error *error);
/* Sends a form; redirections are not followed, and certificates are checked.  Takes left_ms at most.  0, or -1 with
 * *error set when nothing could be sent for want of memory. */
int http_send(struct http *http, const struct http_form *form, int64_t left_ms, struct http_answer *answer,
              struct error *error);
/* NULL is allowed. */
void http_free(struct http *http);

#endif
