/* Every file is pushed by itself: their sum would no longer say which process of which host ran when, and the server
 * adds up whatever is asked for. */
#include "cmd_push.h"

#include <unistd.h>

#include "deliver.h"
#include "progress.h"
#include "push.h"
#include "statfile.h"

struct work {
    struct options options; /* those for reading one file, which is either read or not */
    bool skip_bad;
    struct pusher pusher;
    size_t pushed;
    size_t left_out;
};

static int read_one(const struct work *work, struct load *load, const char *const *file)
{
    struct error error = {0};
    const char *about = NULL;
    if (read_files(&work->options, load, file, 1, STATFILE_ALL, &about, &error) == 0)
        return 0;
    progress_clear();
    out_error(about, &error);
    return -1;
}

/* Nothing is pushed where one of several files is bad. */
static int check_all(const struct work *work, const char *const *files, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct load load;
        if (read_one(work, &load, &files[i]) < 0)
            return -1;
        load_release(&load);
    }
    return 0;
}

/* Whether to go on with the next. */
static bool push_one(struct work *work, const char *const *file)
{
    struct load load;
    if (read_one(work, &load, file) < 0) {
        work->left_out++;
        return work->skip_bad;
    }
    enum pushed pushed = push_profile(&work->pusher, *file, &load.sum);
    work->pushed += pushed == PUSH_DONE;
    load_release(&load);
    return pushed != PUSH_FAILED;
}

static enum status conclude(const struct work *work, size_t count)
{
    bool all = work->pushed + work->left_out == count && work->pushed > 0;
    if (work->left_out > 0 && work->skip_bad)
        out_note("%zu of %zu files left out", work->left_out, count);
    if (!all && count > 1)
        out_note("%zu of %zu files pushed", work->pushed, count);
    if (all && isatty(STDERR_FILENO))
        out_note("%zu %s pushed to %s", work->pushed, work->pushed == 1 ? "profile" : "profiles",
                 work->options.push.address.server);
    return all && (work->left_out == 0 || work->skip_bad) ? STATUS_OK : STATUS_TROUBLE;
}

static int push_all(struct work *work, const char *const *files, size_t count)
{
    struct error error = {0};
    if (count > 1 && !work->skip_bad && check_all(work, files, count) < 0)
        return -1;
    if (pusher_init(&work->pusher, &work->options.push, &error) < 0) {
        out_error("--push", &error);
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        progress_count(i, count);
        if (!push_one(work, &files[i]))
            break;
    }
    pusher_release(&work->pusher);
    return 0;
}

static enum status push_files(const struct options *options, const char *const *files, size_t count)
{
    struct work work = {.options = *options, .skip_bad = options->skip_bad};
    work.options.skip_bad = false;
    progress_begin("pushing", count == 1 ? files[0] : "files");
    int result = push_all(&work, files, count);
    progress_end();
    return result < 0 ? STATUS_TROUBLE : conclude(&work, count);
}

enum status cmd_push(const struct options *options)
{
    return with_files(options, push_files);
}
