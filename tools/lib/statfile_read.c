/* A file that has a size is mapped: its pages are there already, and memory for a copy would cost as much time as half
 * of the decoding.  Everything else that can be read from beginning to end, such as a pipe, is read. */
#include "statfile.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Far beyond any profile, and short of what would drive a machine to its knees (/dev/zero). */
enum { LARGEST_FILE = 1 << 30, READ_STEP = 65536 };

static int refuse_size(struct error *error)
{
    return error_set(error, ERROR_FORMAT, ERROR_NO_OFFSET, "is larger than 1 GiB");
}

/* Appends all that comes; the steps grow with what has come. */
static int read_all(int descriptor, struct buffer *out, struct error *error)
{
    while (out->size <= LARGEST_FILE) {
        size_t step = out->size < READ_STEP ? READ_STEP : out->size;
        unsigned char *end = buffer_extend(out, step);
        ssize_t got;

        if (!end)
            return error_set_memory(error);
        out->size -= step;
        do
            got = read(descriptor, end, step);
        while (got < 0 && errno == EINTR);
        if (got < 0)
            return error_set_system(error);
        if (got == 0)
            return 0;
        out->size += (size_t)got;
    }
    return refuse_size(error);
}

static int decode_stream(struct profile *profile, int descriptor, unsigned parts, struct error *error)
{
    struct buffer data;
    int status;

    buffer_init(&data, profile->allocator);
    status = read_all(descriptor, &data, error);
    if (status == 0)
        status = statfile_decode(profile, data.data, data.size, parts, error);
    buffer_release(&data);
    return status;
}

static int decode_file(struct profile *profile, int descriptor, size_t size, unsigned parts, struct error *error)
{
    void *data = mmap(NULL, size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, descriptor, 0);
    int status;

    if (data == MAP_FAILED)
        return error_set_system(error);
    status = statfile_decode(profile, data, size, parts, error);
    munmap(data, size);
    return status;
}

static int decode_opened(struct profile *profile, int descriptor, unsigned parts, struct error *error)
{
    struct stat found;

    if (fstat(descriptor, &found))
        return error_set_system(error);
    if (S_ISDIR(found.st_mode))
        return error_set(error, ERROR_FORMAT, ERROR_NO_OFFSET, "is a directory");
    if (!S_ISREG(found.st_mode) || found.st_size <= 0)
        return decode_stream(profile, descriptor, parts, error);
    if (found.st_size > LARGEST_FILE)
        return refuse_size(error);
    return decode_file(profile, descriptor, (size_t)found.st_size, parts, error);
}

int statfile_read(struct profile *profile, const char *path, unsigned parts, struct error *error)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    int status;

    if (descriptor < 0)
        return error_set_system(error);
    status = decode_opened(profile, descriptor, parts, error);
    close(descriptor);
    return status;
}
