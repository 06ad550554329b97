/* What a profiler has recorded, in the forms in which it is asked for: entries, a dictionary, a file. */
#include <errno.h>
#include <string.h>

#include "core/running.h"
#include "core/totals.h"
#include "entries.h"
#include "merge.h"
#include "profiler.h"
#include "snapshot.h"
#include "statfile.h"

int profiler_check_memory(Profiler *self)
{
    bool exhausted = false;
    for (Py_ssize_t i = 0; profiler_part(self, i) != NULL; i++) {
        exhausted |= profiler_part(self, i)->tracer.out_of_memory;
        profiler_part(self, i)->tracer.out_of_memory = false;
    }
    if (!exhausted)
        return 0;
    PyErr_SetString(PyExc_MemoryError, "memory was exhausted while profiling");
    return -1;
}

/* What a tick is worth is measured once for a recording, lest two looks at it differ in the last digits. */
static void settle_clock(Profiler *self)
{
    if (!attachment_active(&self->attachment))
        self->tracer.clock.seconds_per_tick = clock_seconds_per_tick(&self->tracer.clock);
}

static PyObject *entries_of_part(Profiler *self)
{
    struct totals totals;
    PyObject *list = NULL;
    settle_clock(self);
    if (totals_init(&totals, &self->tracer) < 0)
        PyErr_NoMemory();
    else
        list = entries_list(&totals, &self->tracer.functions, clock_seconds_per_tick(&self->tracer.clock),
                            self->state->entry_type, self->state->subentry_type);
    totals_release(&totals);
    return list;
}

/* Takes over `list`, which may be NULL after an error. */
static PyObject *add_entries_of_members(Profiler *self, PyObject *list)
{
    for (Py_ssize_t i = 1; list != NULL && profiler_part(self, i) != NULL; i++) {
        PyObject *more = entries_of_part(profiler_part(self, i));
        if (more == NULL || PyList_SetSlice(list, PyList_GET_SIZE(list), PyList_GET_SIZE(list), more) < 0)
            Py_CLEAR(list);
        Py_XDECREF(more);
    }
    PyObject *sums = list != NULL ? entries_add_up(list) : NULL;
    Py_XDECREF(list);
    return sums;
}

PyObject *profiler_getstats(PyObject *object, PyObject *unused)
{
    Profiler *self = (Profiler *)object;
    PyObject *list = profiler_check_memory(self) == 0 ? entries_of_part(self) : NULL;
    return profiler_part(self, 1) != NULL ? add_entries_of_members(self, list) : list;
}

/* Of the profiled thread's clock, as far as it can be read from here. */
static bool can_tell_time(const Profiler *self)
{
    return attachment_is_here(&self->attachment) || strcmp(self->tracer.clock.name, "cpu") != 0;
}

/* Totals in which the calls that are running have ended now. */
static int totals_if_ended(struct totals *totals, struct tracer *tracer)
{
    struct running_calls running;
    *totals = (struct totals){.allocator = tracer->allocator};
    if (running_complete(&running, tracer, tracer->pauses ? tracer->paused : clock_now(&tracer->clock)) < 0)
        return -1;
    int result = totals_init(totals, tracer);
    running_resume(&running);
    return result;
}

PyObject *profiler_raise_error(const struct error *error, PyObject *path)
{
    if (error->code == ERROR_MEMORY)
        return PyErr_NoMemory();
    if (error->code != ERROR_SYSTEM)
        return PyErr_Format(PyExc_OSError, "%s", error->reason);
    errno = error->system_errno;
    return PyErr_SetFromErrnoWithFilenameObject(PyExc_OSError, path);
}

/* Fills an initialised, empty profile with what one thread did. */
static int take_part(Profiler *self, struct profile *profile, bool if_ended)
{
    struct totals totals;
    settle_clock(self);
    bool records = self->context || attachment_active(&self->attachment);
    bool ends_running = if_ended && records && can_tell_time(self);
    int result = ends_running ? totals_if_ended(&totals, &self->tracer) : totals_init(&totals, &self->tracer);
    if (result < 0)
        PyErr_NoMemory();
    else
        result = snapshot_fill(profile, &self->tracer, &totals, self->thread_name);
    totals_release(&totals);
    return result;
}

static int add_part(struct merge *merge, Profiler *part, bool if_ended)
{
    struct profile profile;
    struct error error = {0};
    profile_init(&profile, &allocator_libc);
    int result = take_part(part, &profile, if_ended);
    if (result == 0 && (result = merge_add(merge, &profile, &error)) < 0)
        profiler_raise_error(&error, NULL);
    profile_release(&profile);
    return result;
}

static int add_members(Profiler *self, struct profile *profile, bool if_ended)
{
    struct merge merge;
    struct error error = {0};
    int result = merge_init(&merge, profile, &error);
    for (Py_ssize_t i = 1; result == 0 && profiler_part(self, i) != NULL; i++)
        if (add_part(&merge, profiler_part(self, i), if_ended) < 0) {
            merge_release(&merge);
            return -1;
        }
    if (result < 0 || merge_finish(&merge, &error) < 0) {
        profiler_raise_error(&error, NULL);
        result = -1;
    }
    merge_release(&merge);
    return result;
}

/* Fills an uninitialised profile, to be released in either case. */
static int take_snapshot(Profiler *self, struct profile *profile, bool if_ended)
{
    profile_init(profile, &allocator_libc);
    if (profiler_check_memory(self) < 0 || take_part(self, profile, if_ended) < 0)
        return -1;
    return profiler_part(self, 1) != NULL ? add_members(self, profile, if_ended) : 0;
}

PyObject *profiler_stats(PyObject *object, PyObject *unused)
{
    struct profile profile;
    PyObject *dictionary = NULL;
    if (take_snapshot((Profiler *)object, &profile, false) == 0)
        dictionary = snapshot_dictionary(&profile);
    profile_release(&profile);
    return dictionary;
}

static struct losses all_losses(Profiler *self)
{
    struct losses losses = {0};
    for (Py_ssize_t i = 0; profiler_part(self, i) != NULL; i++) {
        losses.dropped += profiler_part(self, i)->tracer.dropped;
        losses.paths_cut |= profiler_part(self, i)->tracer.paths_cut;
    }
    return losses;
}

int profiler_take_profile(Profiler *self, struct profile *profile, bool if_ended)
{
    struct run_times times = self->times;
    struct losses losses = all_losses(self);
    if (if_ended && profiler_is_recording(self))
        run_times_disable(&times);
    int result = take_snapshot(self, profile, if_ended);
    return result == 0 ? facts_fill(profile, &self->tracer, &losses, &times) : result;
}

/* The bytes of the file, in an initialised buffer. */
static int encode(Profiler *self, PyObject *facts, bool if_ended, struct buffer *bytes)
{
    struct profile profile;
    struct error error = {0};
    int result = profiler_take_profile(self, &profile, if_ended);
    if (result == 0 && facts != Py_None)
        result = facts_add(&profile, facts);
    if (result == 0) {
        Py_BEGIN_ALLOW_THREADS
        result = statfile_encode(&profile, bytes, &error);
        Py_END_ALLOW_THREADS
        if (result < 0)
            profiler_raise_error(&error, NULL);
    }
    profile_release(&profile);
    return result;
}

PyObject *profiler_encode(PyObject *object, PyObject *arguments)
{
    PyObject *facts = Py_None;
    PyObject *result = NULL;
    struct buffer bytes;
    if (!PyArg_ParseTuple(arguments, "|O:_encode", &facts))
        return NULL;
    buffer_init(&bytes, &allocator_libc);
    if (encode((Profiler *)object, facts, false, &bytes) == 0)
        result = PyBytes_FromStringAndSize((const char *)bytes.data, (Py_ssize_t)bytes.size);
    buffer_release(&bytes);
    return result;
}

int profiler_store(PyObject *path, const struct buffer *bytes)
{
    PyObject *encoded_path;
    struct error error = {0};
    int result;
    if (!PyUnicode_FSConverter(path, &encoded_path))
        return -1;
    Py_BEGIN_ALLOW_THREADS
    result = statfile_store(PyBytes_AS_STRING(encoded_path), bytes->data, bytes->size, &error);
    Py_END_ALLOW_THREADS
    if (result < 0)
        profiler_raise_error(&error, path);
    Py_DECREF(encoded_path);
    return result;
}

PyObject *profiler_save(PyObject *object, PyObject *arguments)
{
    PyObject *path, *facts = Py_None;
    struct buffer bytes;
    int if_ended = 0;
    if (!PyArg_ParseTuple(arguments, "O|Op:_save", &path, &facts, &if_ended))
        return NULL;
    buffer_init(&bytes, &allocator_libc);
    int result = encode((Profiler *)object, facts, if_ended, &bytes);
    if (result == 0)
        result = profiler_store(path, &bytes);
    buffer_release(&bytes);
    return result == 0 ? Py_NewRef(Py_None) : NULL;
}
