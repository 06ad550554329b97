#include "http.h"

struct http *http_new(struct error *error)
{
    error_set(error, ERROR_ARGUMENT, ERROR_NO_OFFSET,
              "this pstat was built without libcurl; install libcurl4-openssl-dev (Debian's name of the package), and "
              "build it with -Dpush=enabled");
    return NULL;
}

int http_send(struct http *http, const struct http_form *form, int64_t left_ms, struct http_answer *answer,
              struct error *error)
{
    return error_set(error, ERROR_ARGUMENT, ERROR_NO_OFFSET, "this pstat was built without libcurl");
}

void http_free(struct http *http)
{
}
