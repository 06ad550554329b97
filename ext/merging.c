#include "merging.h"

#include <errno.h>

#include "base/buffer.h"
#include "facts.h"
#include "merge.h"
#include "statfile.h"

const char merging_doc[] =
"merge(paths, path, facts=None)\n\n"
"Add up the .stat files of a list and write the sum to `path`, through a temporary file and a rename.  The call trees\n"
"of a process are kept as those of threads PID/NAME.  facts: dict of str to str, int, float or bool that is added to\n"
"the facts of the sum.  Raises OSError.";

/* A string of the profile's pool, or NULL: "PID/NAME", "PID" where there is no name. */
static const struct string *process_thread(struct profile *profile, int64_t pid, const struct string *thread)
{
    struct buffer name;
    buffer_init(&name, profile->allocator);
    buffer_append_format(&name, "%lld%s", (long long)pid, thread != NULL ? "/" : "");
    if (thread != NULL)
        buffer_append(&name, thread->bytes, thread->size);
    const struct string *string =
        name.failed ? NULL : string_pool_intern(&profile->strings, (const char *)name.data, name.size);
    buffer_release(&name);
    return string;
}

/* Call trees are added up by thread, and those of different processes are to stay apart. */
static int name_by_process(struct profile *profile, struct error *error)
{
    const struct fact *pid = profile_fact(profile, "pid"), *thread = profile_fact(profile, "thread");
    if (pid == NULL || pid->kind != FACT_INTEGER)
        return 0;
    for (size_t i = 0; i < profile->tree_count; i++) {
        struct path_tree *tree = &profile->trees[i];
        const struct string *name = tree->thread == NULL && thread != NULL ? thread->text : tree->thread;
        tree->thread = process_thread(profile, pid->integer, name);
        if (tree->thread == NULL)
            return error_set_memory(error);
    }
    return 0;
}

/* To be released even after a failure. */
static int read_part(struct profile *part, const char *path, struct error *error)
{
    profile_init(part, &allocator_libc);
    return statfile_read(part, path, STATFILE_ALL, error) < 0 ? -1 : name_by_process(part, error);
}

/* *culprit is the file that is being read. */
static int add_up(struct profile *sum, PyObject *paths, const char **culprit, struct error *error)
{
    struct merge merge;
    *culprit = PyBytes_AS_STRING(PyTuple_GET_ITEM(paths, 0));
    if (read_part(sum, *culprit, error) < 0)
        return -1;
    int result = merge_init(&merge, sum, error);
    for (Py_ssize_t i = 1; i < PyTuple_GET_SIZE(paths) && result == 0; i++) {
        struct profile part;
        *culprit = PyBytes_AS_STRING(PyTuple_GET_ITEM(paths, i));
        result = read_part(&part, *culprit, error);
        if (result == 0)
            result = merge_add(&merge, &part, error);
        profile_release(&part);
    }
    if (result == 0)
        result = merge_finish(&merge, error);
    merge_release(&merge);
    return result;
}

static void raise_error(const struct error *error, const char *path)
{
    if (error->code == ERROR_MEMORY) {
        PyErr_NoMemory();
        return;
    }
    if (error->code != ERROR_SYSTEM) {
        PyErr_Format(PyExc_OSError, "%s: %s", path, error->reason);
        return;
    }
    errno = error->system_errno;
    PyErr_SetFromErrnoWithFilename(PyExc_OSError, path);
}

static int merge(PyObject *paths, const char *path, PyObject *facts)
{
    struct profile sum;
    struct error error = {0};
    const char *culprit;
    int result;
    Py_BEGIN_ALLOW_THREADS
    result = add_up(&sum, paths, &culprit, &error);
    Py_END_ALLOW_THREADS
    if (result < 0)
        raise_error(&error, culprit);
    else if (facts != Py_None)
        result = facts_add(&sum, facts);
    if (result == 0) {
        Py_BEGIN_ALLOW_THREADS
        result = statfile_write(&sum, path, &error);
        Py_END_ALLOW_THREADS
        if (result < 0)
            raise_error(&error, path);
    }
    profile_release(&sum);
    return result;
}

/* A tuple of bytes, or NULL with an exception.  A path's __fspath__ may change the list. */
static PyObject *encoded_paths(PyObject *list)
{
    PyObject *items = PyList_AsTuple(list);
    Py_ssize_t count = items != NULL ? PyTuple_GET_SIZE(items) : 0;
    if (items != NULL && count == 0)
        PyErr_SetString(PyExc_ValueError, "merge() needs a file");
    PyObject *paths = count > 0 ? PyTuple_New(count) : NULL;
    for (Py_ssize_t i = 0; paths != NULL && i < count; i++) {
        PyObject *path;
        if (PyUnicode_FSConverter(PyTuple_GET_ITEM(items, i), &path))
            PyTuple_SET_ITEM(paths, i, path);
        else
            Py_CLEAR(paths);
    }
    Py_XDECREF(items);
    return paths;
}

PyObject *merging_merge(PyObject *module, PyObject *arguments)
{
    PyObject *list, *path, *facts = Py_None;
    if (!PyArg_ParseTuple(arguments, "O!O&|O:merge", &PyList_Type, &list, PyUnicode_FSConverter, &path, &facts))
        return NULL;
    PyObject *paths = encoded_paths(list);
    int result = paths != NULL ? merge(paths, PyBytes_AS_STRING(path), facts) : -1;
    Py_XDECREF(paths);
    Py_DECREF(path);
    return result == 0 ? Py_NewRef(Py_None) : NULL;
}
