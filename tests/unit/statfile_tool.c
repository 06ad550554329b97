/* The library's reader and writer for tests that are not in C.
 *
 *   statfile_tool dump FILE        the profile as text
 *   statfile_tool copy FILE OUT    decodes and encodes
 *
 * Exit status: 0, or 1 with the reason and the byte on standard error. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "dump.h"
#include "statfile.h"

static int run(struct profile *profile, int count, char **arguments, struct error *error)
{
    struct buffer text;
    int status;

    if (statfile_read(profile, arguments[2], STATFILE_ALL, error))
        return -1;
    if (count == 4)
        return statfile_write(profile, arguments[3], error);
    buffer_init(&text, profile->allocator);
    dump_profile(profile, &text);
    status = text.failed || fwrite(text.data, 1, text.size, stdout) != text.size || fflush(stdout) ? -1 : 0;
    buffer_release(&text);
    return status;
}

int main(int count, char **arguments)
{
    struct error error = {0};
    struct profile profile;
    int status;

    if (!(count == 3 && strcmp(arguments[1], "dump") == 0) && !(count == 4 && strcmp(arguments[1], "copy") == 0)) {
        fputs("usage: statfile_tool dump FILE | copy FILE OUT\n", stderr);
        return 2;
    }
    profile_init(&profile, &allocator_libc);
    status = run(&profile, count, arguments, &error);
    profile_release(&profile);
    if (status)
        fprintf(stderr, "%s (byte %" PRId64 ")\n", error.reason, error.offset);
    return status ? 1 : 0;
}
