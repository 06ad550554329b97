/* Floor 0 (libc only).  What went wrong, and where in the input. */
#ifndef PROFSTAT_BASE_ERROR_H
#define PROFSTAT_BASE_ERROR_H

#include <stdint.h>

enum error_code {
    ERROR_NONE = 0,
    ERROR_MEMORY,    /* an allocation failed */
    ERROR_SYSTEM,    /* a system call failed; system_errno says how */
    ERROR_FORMAT,    /* the input is not what it should be */
    ERROR_ARGUMENT,  /* the caller asked for what cannot be done */
    ERROR_NOTHING,   /* what the caller asked for fits nothing */
};

enum { ERROR_NO_OFFSET = -1, ERROR_REASON_SIZE = 320 };

/* A value without ownership; {0} is "no error". */
struct error {
    enum error_code code;
    int system_errno;
    int64_t offset; /* byte in the input, or ERROR_NO_OFFSET */
    char reason[ERROR_REASON_SIZE];
};

/* Each sets *error (NULL is allowed) and returns -1, so that a function can `return error_set(...)`. */
int error_set(struct error *error, enum error_code code, int64_t offset, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
int error_set_memory(struct error *error);
/* reason is strerror(errno). */
int error_set_system(struct error *error);

#endif
