#include "error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int error_set(struct error *error, enum error_code code, int64_t offset, const char *format, ...)
{
    va_list arguments;

    if (!error)
        return -1;
    error->code = code;
    error->system_errno = 0;
    error->offset = offset;
    va_start(arguments, format);
    vsnprintf(error->reason, sizeof error->reason, format, arguments);
    va_end(arguments);
    return -1;
}

int error_set_memory(struct error *error)
{
    return error_set(error, ERROR_MEMORY, ERROR_NO_OFFSET, "out of memory");
}

int error_set_system(struct error *error)
{
    int number = errno;

    error_set(error, ERROR_SYSTEM, ERROR_NO_OFFSET, "%s", strerror(number));
    if (error)
        error->system_errno = number;
    errno = number;
    return -1;
}
