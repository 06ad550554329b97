#include "load.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/strings.h"
#include "merge.h"
#include "statfile.h"

/* pstats sees the time as a float, whose rounding can carry it into the next second. */
static void date_source(struct source *source)
{
    struct stat status;
    source->dated = stat(source->path, &status) == 0;
    if (!source->dated)
        return;
    double seconds = (double)status.st_mtim.tv_sec + 1e-9 * (double)status.st_mtim.tv_nsec;
    source->modified = (int64_t)seconds;
    source->modified -= (double)source->modified > seconds;
}

/* Stats(a, b, c) reads a and then adds c and b: the order of names, and of sums, that pstats shows. */
static size_t pstats_place(size_t i, size_t count)
{
    return i == 0 ? 0 : count - i;
}

static int read_all(struct load *load, const char *const *paths, size_t count, const char **culprit,
                    struct error *error)
{
    for (size_t i = 0; i < count; i++) {
        size_t place = pstats_place(i, count);
        *culprit = paths[i];
        if (statfile_read(&load->profiles[place], paths[i], STATFILE_ALL, error) < 0)
            return -1;
        load->sources[place].path = paths[i];
        date_source(&load->sources[place]);
    }
    *culprit = NULL;
    return 0;
}

static int sum_up(struct load *load, struct error *error)
{
    for (size_t i = 0; i < load->count; i++)
        if (grand_total_add(&load->total, &load->profiles[i], error) < 0)
            return -1;
    load->whole = &load->profiles[0];
    if (load->count == 1)
        return 0;
    const struct profile **profiles = allocator_resize(load->allocator, NULL, load->count, sizeof *profiles);
    if (!profiles)
        return error_set_memory(error);
    for (size_t i = 0; i < load->count; i++)
        profiles[i] = &load->profiles[i];
    int result = merge_profiles(&load->sum, profiles, load->count, error);
    allocator_free(load->allocator, profiles);
    load->whole = &load->sum;
    return result;
}

int load_init(struct load *load, const char *const *paths, size_t count, const struct allocator *allocator,
              const char **culprit, struct error *error)
{
    *load = (struct load){.allocator = allocator};
    *culprit = NULL;
    profile_init(&load->sum, allocator);
    load->profiles = allocator_resize(allocator, NULL, count, sizeof *load->profiles);
    load->sources = allocator_zeroed(allocator, count, sizeof *load->sources);
    if (!load->profiles || !load->sources) {
        error_set_memory(error);
        goto failed;
    }
    for (; load->count < count; load->count++)
        profile_init(&load->profiles[load->count], allocator);
    if (read_all(load, paths, count, culprit, error) < 0 || sum_up(load, error) < 0)
        goto failed;
    return 0;
failed:
    load_release(load);
    return -1;
}

void load_release(struct load *load)
{
    for (size_t i = 0; i < load->count; i++)
        profile_release(&load->profiles[i]);
    profile_release(&load->sum);
    allocator_free(load->allocator, load->profiles);
    allocator_free(load->allocator, load->sources);
    *load = (struct load){.allocator = load->allocator};
    profile_init(&load->sum, load->allocator);
}

struct candidate {
    char *name;
    struct timespec modified;
};

/* Of files changed at the same time the first by name is taken, whatever the order of the directory. */
static bool is_newer(const struct candidate *best, const char *name, struct timespec modified)
{
    if (!best->name || modified.tv_sec != best->modified.tv_sec)
        return !best->name || modified.tv_sec > best->modified.tv_sec;
    if (modified.tv_nsec != best->modified.tv_nsec)
        return modified.tv_nsec > best->modified.tv_nsec;
    return strcmp(name, best->name) < 0;
}

static int consider(struct candidate *best, const char *name, const char *suffix, const struct allocator *allocator)
{
    struct stat status;
    if (name[0] == '.' || !text_ends_in(name, suffix) || stat(name, &status) < 0 || !S_ISREG(status.st_mode) ||
        !is_newer(best, name, status.st_mtim))
        return 0;
    size_t size = strlen(name) + 1;
    char *copy = allocator_resize(allocator, best->name, size, 1);
    if (!copy)
        return -1;
    best->name = memcpy(copy, name, size);
    best->modified = status.st_mtim;
    return 0;
}

char *load_newest(const char *suffix, const struct allocator *allocator, struct error *error)
{
    struct candidate best = {0};
    DIR *directory = opendir(".");
    if (!directory) {
        int number = errno;
        error_set(error, ERROR_SYSTEM, ERROR_NO_OFFSET, "the working directory, where no FILE is given: %s",
                  strerror(number));
        if (error)
            error->system_errno = number;
        return NULL;
    }
    int result = 0;
    for (struct dirent *entry; result == 0 && (entry = readdir(directory));)
        result = consider(&best, entry->d_name, suffix, allocator);
    closedir(directory);
    if (result < 0) {
        allocator_free(allocator, best.name);
        error_set_memory(error);
        return NULL;
    }
    if (!best.name)
        error_set(error, ERROR_ARGUMENT, ERROR_NO_OFFSET, "no FILE given, and no *%s in the working directory", suffix);
    return best.name;
}
