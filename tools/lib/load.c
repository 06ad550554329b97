#include "load.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/strings.h"
#include "merge.h"
#include "statfile.h"
#include "thread_part.h"

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

/* What load_init was asked for, and how far it is. */
struct reading {
    struct load *load;
    const char *const *paths;
    size_t count;
    struct selection selection;
    const char *culprit; /* the path that is being read */
    size_t first;        /* the file that the others are added to */
    size_t done;
};

static int read_file(struct reading *reading, size_t file, struct profile *profile, struct error *error)
{
    reading->culprit = reading->paths[file];
    if (statfile_read(profile, reading->culprit, reading->selection.parts, error) < 0 ||
        (reading->selection.thread && thread_part_select(profile, reading->selection.thread, error) < 0))
        return -1;
    reading->culprit = NULL;
    return 0;
}

/* Whether a file that cannot be read is left out; then all is as before it. */
static bool leave_out(struct reading *reading, size_t file, struct profile *profile, const struct error *error)
{
    const struct load_watch *watch = reading->selection.watch;
    if (!watch || !watch->left_out || error->code == ERROR_MEMORY)
        return false;
    watch->left_out(watch->context, reading->paths[file], error);
    reading->culprit = NULL;
    profile_release(profile);
    return true;
}

static int count_file(struct reading *reading, size_t file, const struct profile *profile, struct error *error)
{
    struct load *load = reading->load;
    load->sources[load->count].path = reading->paths[file];
    date_source(&load->sources[load->count++]);
    return grand_total_add(&load->total, profile, error);
}

/* Reads a file and counts it.  1, 0 when it was left out, or -1. */
static int take_file(struct reading *reading, size_t file, struct profile *profile, struct error *error)
{
    const struct load_watch *watch = reading->selection.watch;
    struct error reason = {0};
    if (watch && watch->progress)
        watch->progress(watch->context, reading->done++, reading->count);
    if (read_file(reading, file, profile, &reason) < 0) {
        if (leave_out(reading, file, profile, &reason))
            return 0;
        if (error)
            *error = reason;
        return -1;
    }
    return count_file(reading, file, profile, error) < 0 ? -1 : 1;
}

static int add_file(struct reading *reading, size_t file, struct merge *merge, struct error *error)
{
    struct profile profile;
    profile_init(&profile, reading->load->allocator);
    int result = take_file(reading, file, &profile, error);
    if (result > 0)
        result = merge_add(merge, &profile, error);
    profile_release(&profile);
    return result;
}

/* Of several bad files the first is to blame; files before `file`, but the very first, have not been read yet. */
static void find_culprit(struct reading *reading, size_t file, struct error *error)
{
    const char *culprit = reading->culprit;
    for (size_t i = reading->first + 1; i < file; i++) {
        struct profile profile;
        profile_init(&profile, reading->load->allocator);
        int result = read_file(reading, i, &profile, error);
        profile_release(&profile);
        if (result < 0)
            return;
    }
    reading->culprit = culprit;
}

/* Stats(a, b, c) reads a and then adds c and b: the order of names, and of sums, that pstats shows. */
static int add_others(struct reading *reading, struct error *error)
{
    struct merge merge;
    size_t file = reading->count;
    int result = merge_init(&merge, &reading->load->sum, error);
    while (result == 0 && --file > reading->first)
        result = add_file(reading, file, &merge, error);
    if (result == 0)
        result = merge_finish(&merge, error);
    else
        find_culprit(reading, file, error);
    merge_release(&merge);
    return result;
}

static int take_first(struct reading *reading, struct error *error)
{
    for (; reading->first < reading->count; reading->first++) {
        int taken = take_file(reading, reading->first, &reading->load->sum, error);
        if (taken != 0)
            return taken < 0 ? -1 : 0;
    }
    return error_set(error, ERROR_ARGUMENT, ERROR_NO_OFFSET, "none of the files can be read");
}

int load_init(struct load *load, const char *const *paths, size_t count, struct selection selection,
              const struct allocator *allocator, const char **culprit, struct error *error)
{
    struct reading reading = {.load = load, .paths = paths, .count = count, .selection = selection};
    *load = (struct load){.allocator = allocator};
    profile_init(&load->sum, allocator);
    load->sources = allocator_zeroed(allocator, count, sizeof *load->sources);
    int result = load->sources ? take_first(&reading, error) : error_set_memory(error);
    if (result == 0 && count > reading.first + 1)
        result = add_others(&reading, error);
    if (result < 0)
        load_release(load);
    *culprit = reading.culprit;
    return result;
}

void load_release(struct load *load)
{
    profile_release(&load->sum);
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
