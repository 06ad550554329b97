#include "snapshot.h"

#include <math.h>
#include <string.h>

struct snapshot {
    struct profile *profile;
    const struct tracer *tracer;
    const struct totals *totals;
    double seconds; /* of a tick */
    uint32_t *function_of; /* the tracer's numbers -> positions in the profile */
    bool merged;           /* some functions have equal labels */
    PyObject *filename;    /* that of the code object seen last; NULL: none yet */
    const struct string *file;
};

/* Lone surrogates go through as the three bytes that marshal writes for them. */
static const struct string *intern_text(struct profile *profile, PyObject *text)
{
    Py_ssize_t size;
    const char *bytes = PyUnicode_AsUTF8AndSize(text, &size);
    PyObject *encoded = NULL;
    if (bytes == NULL) {
        PyErr_Clear();
        encoded = PyUnicode_AsEncodedString(text, "utf-8", "surrogatepass");
        if (encoded == NULL)
            return NULL;
        bytes = PyBytes_AS_STRING(encoded);
        size = PyBytes_GET_SIZE(encoded);
    }
    const struct string *string = string_pool_intern(&profile->strings, bytes, (size_t)size);
    Py_XDECREF(encoded);
    if (string == NULL)
        PyErr_NoMemory();
    return string;
}

/* One function's neighbours are of the same file more often than not. */
static const struct string *intern_filename(struct snapshot *snapshot, PyObject *filename)
{
    if (snapshot->filename != filename) {
        snapshot->file = intern_text(snapshot->profile, filename);
        snapshot->filename = snapshot->file != NULL ? filename : NULL;
    }
    return snapshot->file;
}

/* C functions are described by a str, Python functions by their code object. */
static int add_function(struct snapshot *snapshot, uint32_t number)
{
    struct profile *profile = snapshot->profile;
    PyObject *description = snapshot->tracer->functions.functions[number].description;
    const struct string *file, *name;
    int64_t line = 0;
    if (PyCode_Check(description)) {
        const PyCodeObject *code = (const PyCodeObject *)description;
        file = intern_filename(snapshot, code->co_filename);
        name = file != NULL ? intern_text(profile, code->co_name) : NULL;
        line = code->co_firstlineno;
    } else {
        file = string_pool_intern(&profile->strings, "~", 1);
        name = file != NULL ? intern_text(profile, description) : NULL;
    }
    if (name == NULL)
        return PyErr_Occurred() ? -1 : (PyErr_NoMemory(), -1);
    size_t known = profile->function_count;
    snapshot->function_of[number] = profile_function(profile, file, line, name);
    snapshot->merged |= snapshot->function_of[number] < known;
    return snapshot->function_of[number] != PROFILE_NO_FUNCTION ? 0 : (PyErr_NoMemory(), -1);
}

static int add_functions(struct snapshot *snapshot)
{
    for (uint32_t i = 0; i < snapshot->totals->function_count; i++) {
        const struct call_total *total = &snapshot->totals->functions[i];
        snapshot->function_of[i] = PROFILE_NO_FUNCTION;
        if (total->calls == 0)
            continue;
        if (add_function(snapshot, i) < 0)
            return -1;
        struct function *function = &snapshot->profile->functions[snapshot->function_of[i]];
        function->listed = true;
        function->ncalls += total->calls;
        function->primitive += total->calls - total->recursive;
        function->tottime += (double)total->self * snapshot->seconds;
        function->cumtime += (double)total->cumulative * snapshot->seconds;
    }
    return 0;
}

/* The tracer has one edge for each pair of functions; only equal labels can bring two of them together. */
static int add_caller(struct snapshot *snapshot, uint32_t callee, uint32_t caller, const struct call_total *total)
{
    static const struct caller none;
    struct profile *profile = snapshot->profile;
    struct caller *place = snapshot->merged ? function_find_caller(&profile->functions[callee], caller) : NULL;
    const struct caller *before = place != NULL ? place : &none; /* not the new one: to read it at once is slow */
    if (place == NULL && (place = profile_append_caller(profile, callee, caller)) == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    place->ncalls = before->ncalls + total->calls;
    place->primitive = before->primitive + total->calls - total->recursive;
    place->tottime = before->tottime + (double)total->self * snapshot->seconds;
    place->cumtime = before->cumtime + (double)total->cumulative * snapshot->seconds;
    return 0;
}

/* Edges of functions without a completed call are left out, as by cProfile. */
static int add_callers(struct snapshot *snapshot)
{
    for (size_t i = 0; i < snapshot->totals->edge_count; i++) {
        const struct edge_total *edge = &snapshot->totals->edges[i];
        uint32_t callee = snapshot->function_of[edge->callee];
        uint32_t caller = snapshot->function_of[edge->caller];
        if (callee == PROFILE_NO_FUNCTION || caller == PROFILE_NO_FUNCTION)
            continue;
        if (add_caller(snapshot, callee, caller, &edge->total) < 0)
            return -1;
    }
    return 0;
}

static int64_t nanoseconds(const struct snapshot *snapshot, int64_t ticks)
{
    double ns = nearbyint((double)ticks * snapshot->seconds * 1e9);
    if (ns >= 0x1p63)
        return INT64_MAX;
    return ns > -0x1p63 ? (int64_t)ns : INT64_MIN;
}

static int name_column(struct profile *profile, struct path_column *column, const char *name, const char *unit)
{
    column->name = string_pool_intern_c(&profile->strings, name);
    column->unit = string_pool_intern_c(&profile->strings, unit);
    return column->name != NULL && column->unit != NULL ? 0 : (PyErr_NoMemory(), -1);
}

/* The columns of a tree; the last two only where coroutines ran. */
static const struct {
    const char *name;
    const char *unit;
} columns[] = {{PATH_CALLS, "calls"}, {PATH_SELF, "ns"}, {PATH_RESUMES, "calls"}, {PATH_AWAITED, "ns"}};

enum { COLUMNS = sizeof columns / sizeof columns[0], COLUMNS_WITHOUT_WAITS = 2 };

static void fill_waits(struct snapshot *snapshot, struct path_tree *tree, uint32_t path)
{
    struct wait_total wait = snapshot->totals->waits[path];
    int64_t calls = snapshot->totals->paths[path].calls;
    tree->columns[2].values[path] = wait.resumes < calls ? wait.resumes : calls;
    tree->columns[3].values[path] = wait.awaited > 0 ? nanoseconds(snapshot, wait.awaited) : 0;
}

static int fill_tree(struct snapshot *snapshot, struct path_tree *tree)
{
    bool has_waits = snapshot->totals->waits != NULL;
    for (size_t i = 0; i < tree->column_count; i++)
        if (name_column(snapshot->profile, &tree->columns[i], columns[i].name, columns[i].unit) < 0)
            return -1;
    for (uint32_t i = 0; i < tree->count; i++) {
        const struct path_total *path = &snapshot->totals->paths[i];
        uint32_t *function = &snapshot->function_of[path->function];
        if (*function == PROFILE_NO_FUNCTION && add_function(snapshot, path->function) < 0)
            return -1;
        tree->parent[i] = path->parent == FUNCTION_NONE ? PROFILE_NO_PARENT : path->parent;
        tree->function[i] = *function;
        tree->columns[0].values[i] = path->calls;
        tree->columns[1].values[i] = nanoseconds(snapshot, path->self);
        if (has_waits)
            fill_waits(snapshot, tree, i);
    }
    return 0;
}

static int add_tree(struct snapshot *snapshot, PyObject *thread)
{
    if (snapshot->totals->path_count == 0 || !snapshot->tracer->paths)
        return 0;
    size_t column_count = snapshot->totals->waits != NULL ? COLUMNS : COLUMNS_WITHOUT_WAITS;
    struct path_tree *tree =
        profile_append_tree(snapshot->profile, (uint32_t)snapshot->totals->path_count, column_count);
    if (tree == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    tree->thread = thread != NULL ? intern_text(snapshot->profile, thread) : NULL;
    return thread == NULL || tree->thread != NULL ? fill_tree(snapshot, tree) : -1;
}

int snapshot_fill(struct profile *profile, const struct tracer *tracer, const struct totals *totals, PyObject *thread)
{
    struct snapshot snapshot = {.profile = profile,
                                .tracer = tracer,
                                .totals = totals,
                                .seconds = clock_seconds_per_tick(&tracer->clock)};
    snapshot.function_of = PyMem_Malloc((totals->function_count + 1) * sizeof *snapshot.function_of);
    if (snapshot.function_of == NULL || profile_reserve_functions(profile, totals->function_count) < 0) {
        PyMem_Free(snapshot.function_of);
        PyErr_NoMemory();
        return -1;
    }
    int result = add_functions(&snapshot) < 0 || add_callers(&snapshot) < 0 || add_tree(&snapshot, thread) < 0 ? -1 : 0;
    PyMem_Free(snapshot.function_of);
    return result;
}

static PyObject *text_from_string(const struct string *string)
{
    return PyUnicode_DecodeUTF8(string->bytes, string->size, "surrogatepass");
}

static PyObject *label_tuple(const struct label *label)
{
    return Py_BuildValue("(NLN)", text_from_string(label->file), (long long)label->line, text_from_string(label->name));
}

static PyObject *callers_dictionary(const struct function *function, PyObject *labels)
{
    PyObject *callers = PyDict_New();
    for (size_t i = 0; i < function->caller_count && callers != NULL; i++) {
        const struct caller *caller = &function->callers[i];
        PyObject *value = Py_BuildValue("(LLdd)", (long long)caller->ncalls, (long long)caller->primitive,
                                        caller->tottime, caller->cumtime);
        if (value == NULL || PyDict_SetItem(callers, PyTuple_GET_ITEM(labels, caller->function), value) < 0)
            Py_CLEAR(callers);
        Py_XDECREF(value);
    }
    return callers;
}

static int add_entry(PyObject *dictionary, const struct function *function, PyObject *label, PyObject *labels)
{
    PyObject *callers = callers_dictionary(function, labels);
    if (callers == NULL)
        return -1;
    PyObject *value = Py_BuildValue("(LLddN)", (long long)function->primitive, (long long)function->ncalls,
                                    function->tottime, function->cumtime, callers);
    int result = value != NULL ? PyDict_SetItem(dictionary, label, value) : -1;
    Py_XDECREF(value);
    return result;
}

/* One tuple a function, shared by all entries that name it. */
static PyObject *label_tuples(const struct profile *profile)
{
    PyObject *labels = PyTuple_New((Py_ssize_t)profile->function_count);
    for (size_t i = 0; i < profile->function_count && labels != NULL; i++) {
        PyObject *label = label_tuple(&profile->functions[i].label);
        if (label == NULL)
            Py_CLEAR(labels);
        else
            PyTuple_SET_ITEM(labels, (Py_ssize_t)i, label);
    }
    return labels;
}

PyObject *snapshot_dictionary(const struct profile *profile)
{
    PyObject *labels = label_tuples(profile);
    PyObject *dictionary = labels != NULL ? PyDict_New() : NULL;
    for (size_t i = 0; i < profile->function_count && dictionary != NULL; i++) {
        const struct function *function = &profile->functions[i];
        if (function->listed &&
            add_entry(dictionary, function, PyTuple_GET_ITEM(labels, (Py_ssize_t)i), labels) < 0)
            Py_CLEAR(dictionary);
    }
    Py_XDECREF(labels);
    return dictionary;
}
