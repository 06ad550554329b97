/* A new file is written beside its name and renamed.  Three kinds of names are written in place instead, because a
 * rename would replace the thing and not fill it: what exists and is no regular file, the names under /dev and /proc
 * that stand for an open file, and a symbolic link to nothing.  A file in a folder that takes no other is written in
 * place, too: rather that than no profile.
 */
#include "statfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { TEMPORARY_NAME_TRIES = 100, TEMPORARY_BASE_SIZE = 128, NEW_FILE_MODE = 0666, PERMISSION_BITS = 0777 };

static int write_all(int descriptor, const unsigned char *data, size_t size)
{
    while (size > 0) {
        ssize_t written = write(descriptor, data, size);

        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return -1;
        data += written;
        size -= (size_t)written;
    }
    return 0;
}

/* Writes and closes; 0, or -1 with errno of the first failure. */
static int fill_and_close(int descriptor, const void *data, size_t size)
{
    int first_errno = write_all(descriptor, data, size) ? errno : 0;

    if (close(descriptor) && !first_errno)
        first_errno = errno;
    errno = first_errno;
    return first_errno ? -1 : 0;
}

static int store_in_place(const char *path, const void *data, size_t size)
{
    int descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, NEW_FILE_MODE);

    return descriptor < 0 ? -1 : fill_and_close(descriptor, data, size);
}

/* ".NAME.XXXXXXXX.tmp" in the directory of `path`, NAME cut where it is long. */
static int temporary_name(char name[PATH_MAX], const char *path, unsigned number)
{
    const char *slash = strrchr(path, '/');
    const char *base = slash ? slash + 1 : path;
    struct timespec now;
    int size;

    clock_gettime(CLOCK_MONOTONIC, &now);
    number += (unsigned)getpid() * 2654435761u ^ (unsigned)now.tv_nsec;
    size = snprintf(name, PATH_MAX, "%.*s.%.*s.%08x.tmp", (int)(base - path), path, TEMPORARY_BASE_SIZE, base, number);
    if (size < PATH_MAX)
        return 0;
    errno = ENAMETOOLONG;
    return -1;
}

static int open_temporary(char name[PATH_MAX], const char *path)
{
    for (unsigned i = 0; i < TEMPORARY_NAME_TRIES; i++) {
        int descriptor;

        if (temporary_name(name, path, i))
            return -1;
        descriptor = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, NEW_FILE_MODE);
        if (descriptor >= 0 || errno != EEXIST)
            return descriptor;
    }
    return -1;
}

/* Some file systems know no permissions and refuse to set them; there they are equal anyway. */
static int copy_permissions(int descriptor, const struct stat *replaced)
{
    mode_t wanted = replaced->st_mode & PERMISSION_BITS;
    struct stat found;

    if (fstat(descriptor, &found))
        return -1;
    return (found.st_mode & PERMISSION_BITS) == wanted ? 0 : fchmod(descriptor, wanted);
}

/* To rename over a file makes some file systems (ext4 above all) allocate the new one's blocks there and then; to
 * exchange the two and remove the old one is as atomic for a reader, and does not. */
static int take_place(const char *temporary, const char *path, bool replaces)
{
#ifdef RENAME_EXCHANGE
    if (replaces && renameat2(AT_FDCWD, temporary, AT_FDCWD, path, RENAME_EXCHANGE) == 0) {
        unlink(temporary);
        return 0;
    }
#endif
    return rename(temporary, path);
}

static int store_beside(const char *path, const struct stat *replaced, const void *data, size_t size)
{
    char temporary[PATH_MAX];
    int descriptor = open_temporary(temporary, path);
    int saved_errno;

    if (descriptor < 0)
        return errno == EACCES || errno == EPERM || errno == ENAMETOOLONG ? store_in_place(path, data, size) : -1;
    if (replaced && copy_permissions(descriptor, replaced)) {
        saved_errno = errno;
        close(descriptor);
        errno = saved_errno;
    } else if (fill_and_close(descriptor, data, size) == 0 && take_place(temporary, path, replaced != NULL) == 0) {
        return 0;
    }
    saved_errno = errno;
    unlink(temporary);
    errno = saved_errno;
    return -1;
}

/* Not all of /dev: /dev/shm is a folder like others. */
static bool stands_for_open_file(const char *path)
{
    static const char *const whole[] = {"/dev/stdin", "/dev/stdout", "/dev/stderr"};
    static const char *const folders[] = {"/dev/fd/", "/proc/"};

    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++)
        if (strcmp(path, whole[i]) == 0)
            return true;
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        if (strncmp(path, folders[i], strlen(folders[i])) == 0)
            return true;
    return false;
}

static int store(const char *path, const void *data, size_t size)
{
    char resolved[PATH_MAX];
    struct stat found;
    bool is_link;

    if (lstat(path, &found))
        return errno == ENOENT ? store_beside(path, NULL, data, size) : -1;
    is_link = S_ISLNK(found.st_mode);
    if (is_link && stat(path, &found))
        return errno == ENOENT ? store_in_place(path, data, size) : -1;
    if (!S_ISREG(found.st_mode) || stands_for_open_file(path))
        return store_in_place(path, data, size);
    if (is_link && !realpath(path, resolved))
        return -1;
    return store_beside(is_link ? resolved : path, &found, data, size);
}

int statfile_store(const char *path, const void *data, size_t size, struct error *error)
{
    return store(path, data, size) ? error_set_system(error) : 0;
}

int statfile_write(const struct profile *profile, const char *path, struct error *error)
{
    struct buffer out;
    int status;

    buffer_init(&out, profile->allocator);
    status = statfile_encode(profile, &out, error);
    if (status == 0)
        status = statfile_store(path, out.data, out.size, error);
    buffer_release(&out);
    return status;
}
