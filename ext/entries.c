#include "entries.h"

static PyStructSequence_Field entry_fields[] = {
    {"code", "code object, or description of a C function (str)"},
    {"callcount", "number of completed calls, recursive ones included"},
    {"reccallcount", "number of these that were recursive"},
    {"totaltime", "seconds spent in the function and its callees"},
    {"inlinetime", "seconds spent in the function itself"},
    {"calls", "list of profiler_subentry, one for each callee, or None"},
    {NULL, NULL},
};

static PyStructSequence_Field subentry_fields[] = {
    {"code", "code object of the callee, or description of a C function (str)"},
    {"callcount", "number of completed calls from this caller, recursive ones included"},
    {"reccallcount", "number of these that were recursive along this edge"},
    {"totaltime", "seconds spent in these calls and their callees"},
    {"inlinetime", "seconds spent in these calls themselves"},
    {NULL, NULL},
};

static PyStructSequence_Desc entry_desc = {
    .name = "profstat._profstat.profiler_entry",
    .doc = "Totals of one function.",
    .fields = entry_fields,
    .n_in_sequence = 6,
};

static PyStructSequence_Desc subentry_desc = {.name = "profstat._profstat.profiler_subentry",
                                              .doc = "Totals of one callee, as called by one caller.",
                                              .fields = subentry_fields,
                                              .n_in_sequence = 5};

PyTypeObject *entries_entry_type(void)
{
    return PyStructSequence_NewType(&entry_desc);
}

PyTypeObject *entries_subentry_type(void)
{
    return PyStructSequence_NewType(&subentry_desc);
}

struct listing {
    const struct totals *totals;
    PyObject **descriptions; /* by function, owned */
    double seconds;
    PyTypeObject *entry_type;
    PyTypeObject *subentry_type;
    PyObject **callees; /* by caller: a list of subentries, or NULL */
};

/* The five fields that both types share; takes over what it sets, and fails as a whole. */
static PyObject *new_entry(const struct listing *listing, PyTypeObject *type, uint32_t function,
                           const struct call_total *total)
{
    PyObject *entry = PyStructSequence_New(type);
    if (entry == NULL)
        return NULL;
    PyStructSequence_SET_ITEM(entry, 0, Py_NewRef(listing->descriptions[function]));
    PyStructSequence_SET_ITEM(entry, 1, PyLong_FromLongLong(total->calls));
    PyStructSequence_SET_ITEM(entry, 2, PyLong_FromLongLong(total->recursive));
    PyStructSequence_SET_ITEM(entry, 3, PyFloat_FromDouble((double)total->cumulative * listing->seconds));
    PyStructSequence_SET_ITEM(entry, 4, PyFloat_FromDouble((double)total->self * listing->seconds));
    for (Py_ssize_t i = 1; i < 5; i++) {
        if (PyStructSequence_GET_ITEM(entry, i) == NULL) {
            Py_DECREF(entry);
            return NULL;
        }
    }
    return entry;
}

static int append(PyObject *list, PyObject *item)
{
    int result = item != NULL ? PyList_Append(list, item) : -1;
    Py_XDECREF(item);
    return result;
}

static int list_callees(struct listing *listing)
{
    for (size_t i = 0; i < listing->totals->edge_count; i++) {
        const struct edge_total *edge = &listing->totals->edges[i];
        PyObject **list = &listing->callees[edge->caller];
        if (*list == NULL && (*list = PyList_New(0)) == NULL)
            return -1;
        if (append(*list, new_entry(listing, listing->subentry_type, edge->callee, &edge->total)) < 0)
            return -1;
    }
    return 0;
}

static int list_functions(struct listing *listing, PyObject *list)
{
    for (uint32_t i = 0; i < listing->totals->function_count; i++) {
        const struct call_total *total = &listing->totals->functions[i];
        if (total->calls == 0)
            continue;
        PyObject *entry = new_entry(listing, listing->entry_type, i, total);
        if (entry != NULL)
            PyStructSequence_SET_ITEM(entry, 5, Py_NewRef(listing->callees[i] ? listing->callees[i] : Py_None));
        if (append(list, entry) < 0)
            return -1;
    }
    return 0;
}

PyObject *entries_list(const struct totals *totals, const struct function_table *functions, double seconds,
                       PyTypeObject *entry_type, PyTypeObject *subentry_type)
{
    size_t count = totals->function_count;
    PyObject **objects = PyMem_Calloc(2 * count + 1, sizeof(PyObject *));
    if (objects == NULL)
        return PyErr_NoMemory();
    struct listing listing = {totals, objects, seconds, entry_type, subentry_type, objects + count};
    for (size_t i = 0; i < count; i++)
        listing.descriptions[i] = Py_NewRef(functions->functions[i].description);
    PyObject *list = PyList_New(0);
    if (list != NULL && (list_callees(&listing) < 0 || list_functions(&listing, list) < 0))
        Py_CLEAR(list);
    for (size_t i = 0; i < 2 * count; i++)
        Py_XDECREF(objects[i]);
    PyMem_Free(objects);
    return list;
}

/* What tells functions apart: code objects of different files may be equal. */
static PyObject *identity(PyObject *entry)
{
    PyObject *code = PyStructSequence_GET_ITEM(entry, 0);
    return PyUnicode_Check(code) ? Py_NewRef(code) : PyLong_FromVoidPtr(code);
}

/* Takes over `value`, which may be NULL after an error. */
static int replace(PyObject *entry, Py_ssize_t i, PyObject *value)
{
    if (value == NULL)
        return -1;
    PyObject *old = PyStructSequence_GET_ITEM(entry, i);
    PyStructSequence_SET_ITEM(entry, i, value);
    Py_DECREF(old);
    return 0;
}

static int add_callees(PyObject *entry, PyObject *more)
{
    PyObject *callees = PyStructSequence_GET_ITEM(entry, 5);
    if (more == Py_None)
        return 0;
    if (callees == Py_None)
        return replace(entry, 5, Py_NewRef(more));
    PyObject *both = PySequence_Concat(callees, more);
    int result = both != NULL ? replace(entry, 5, entries_add_up(both)) : -1;
    Py_XDECREF(both);
    return result;
}

static int add_entry(PyObject *entry, PyObject *more)
{
    for (Py_ssize_t i = 1; i < 5; i++) {
        PyObject *sum = PyNumber_Add(PyStructSequence_GET_ITEM(entry, i), PyStructSequence_GET_ITEM(more, i));
        if (replace(entry, i, sum) < 0)
            return -1;
    }
    return Py_SIZE(entry) > 5 ? add_callees(entry, PyStructSequence_GET_ITEM(more, 5)) : 0;
}

/* `first` knows the entry of each identity that is in `sums`. */
static int add_to(PyObject *sums, PyObject *first, PyObject *entry)
{
    PyObject *key = identity(entry);
    if (key == NULL)
        return -1;
    int result = -1;
    PyObject *sum = PyDict_GetItemWithError(first, key);
    if (sum != NULL)
        result = add_entry(sum, entry);
    else if (!PyErr_Occurred() && PyDict_SetItem(first, key, entry) == 0)
        result = PyList_Append(sums, entry);
    Py_DECREF(key);
    return result;
}

PyObject *entries_add_up(PyObject *entries)
{
    PyObject *sums = PyList_New(0);
    PyObject *first = PyDict_New();
    int result = sums != NULL && first != NULL ? 0 : -1;
    for (Py_ssize_t i = 0; result == 0 && i < PyList_GET_SIZE(entries); i++)
        result = add_to(sums, first, PyList_GET_ITEM(entries, i));
    Py_XDECREF(first);
    if (result < 0)
        Py_CLEAR(sums);
    return sums;
}
