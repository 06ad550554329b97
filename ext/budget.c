/* Most profiles have no function that the budget names: the totals are made only for those that do. */
#include "budget.h"

#include "core/totals.h"

struct check {
    const struct tracer *tracer;
    struct totals totals;
    PyObject *budget;  /* dict of name -> calls allowed */
    PyObject *calls;   /* dict of label -> calls, of the functions that are named there */
    PyObject *callers; /* dict of label -> dict of label -> calls */
};

static PyObject *description_of(const struct check *check, uint32_t function)
{
    return check->tracer->functions.functions[function].description;
}

/* 1: the budget names the function; 0: it does not; -1 with an exception. */
static int is_named(const struct check *check, uint32_t function)
{
    PyObject *description = description_of(check, function);
    if (description == NULL || check->tracer->functions.functions[function].hidden)
        return 0;
    return PyDict_Contains(check->budget,
                           PyCode_Check(description) ? ((PyCodeObject *)description)->co_name : description);
}

static PyObject *new_label(const struct check *check, uint32_t function)
{
    PyObject *description = description_of(check, function);
    if (!PyCode_Check(description))
        return Py_BuildValue("(siO)", "~", 0, description);
    const PyCodeObject *code = (const PyCodeObject *)description;
    return Py_BuildValue("(OiO)", code->co_filename, code->co_firstlineno, code->co_name);
}

/* Adds to what the dictionary has under the label. */
static int add(PyObject *counts, PyObject *label, int64_t calls)
{
    PyObject *before = PyDict_GetItemWithError(counts, label);
    PyObject *more = PyErr_Occurred() ? NULL : PyLong_FromLongLong(calls);
    PyObject *count = before != NULL && more != NULL ? PyNumber_Add(before, more) : Py_XNewRef(more);
    int result = count != NULL ? PyDict_SetItem(counts, label, count) : -1;
    Py_XDECREF(count);
    Py_XDECREF(more);
    return result;
}

/* How many of the calls, by that caller or with FUNCTION_NONE by any, only went on with a coroutine. */
static int64_t count_resumes(const struct totals *totals, uint32_t function, uint32_t caller)
{
    int64_t resumes = 0;
    for (size_t i = 0; totals->waits != NULL && i < totals->path_count; i++) {
        const struct path_total *path = &totals->paths[i];
        bool is_by_caller = caller == FUNCTION_NONE ||
                            (path->parent != FUNCTION_NONE && totals->paths[path->parent].function == caller);
        if (path->function == function && is_by_caller)
            resumes += totals->waits[i].resumes < path->calls ? totals->waits[i].resumes : path->calls;
    }
    return resumes;
}

static int add_callers(const struct check *check, uint32_t function, PyObject *callers)
{
    int result = 0;
    for (size_t i = 0; result == 0 && i < check->totals.edge_count; i++) {
        const struct edge_total *edge = &check->totals.edges[i];
        if (edge->callee != function)
            continue;
        int64_t calls = edge->total.calls - count_resumes(&check->totals, function, edge->caller);
        PyObject *label = calls > 0 ? new_label(check, edge->caller) : NULL;
        if (calls > 0)
            result = label != NULL ? add(callers, label, calls) : -1;
        Py_XDECREF(label);
    }
    return result;
}

static int add_function(const struct check *check, uint32_t function)
{
    int64_t calls = check->totals.functions[function].calls;
    PyObject *label = new_label(check, function);
    PyObject *fresh = PyDict_New();
    PyObject *callers = label != NULL && fresh != NULL ? PyDict_SetDefault(check->callers, label, fresh) : NULL;
    int result = -1;
    int64_t starts = calls - count_resumes(&check->totals, function, FUNCTION_NONE);
    if (callers != NULL && add(check->calls, label, starts) == 0)
        result = add_callers(check, function, callers);
    Py_XDECREF(fresh);
    Py_XDECREF(label);
    return result;
}

/* 1: the budget names a function that was called; 0: it does not; -1 with an exception. */
static int names_any(const struct check *check)
{
    int found = 0;
    for (uint32_t i = 0; found == 0 && i < check->tracer->functions.count; i++)
        found = is_named(check, i);
    return found;
}

static int add_named(struct check *check)
{
    if (totals_init(&check->totals, check->tracer) < 0) {
        PyErr_NoMemory();
        return -1;
    }
    int result = 0;
    for (uint32_t i = 0; result == 0 && i < check->totals.function_count; i++) {
        int named = check->totals.functions[i].calls > 0 ? is_named(check, i) : 0;
        result = named > 0 ? add_function(check, i) : named;
    }
    return result;
}

/* What one thread recorded. */
static int add_part(struct check *check, const Profiler *part)
{
    check->tracer = &part->tracer;
    int found = names_any(check);
    if (found <= 0)
        return found;
    int result = add_named(check);
    totals_release(&check->totals);
    return result;
}

static int append_over(const struct check *check, PyObject *over)
{
    PyObject *label, *calls;
    Py_ssize_t position = 0;
    int result = 0;
    while (result == 0 && PyDict_Next(check->calls, &position, &label, &calls)) {
        PyObject *allowed = PyDict_GetItemWithError(check->budget, PyTuple_GET_ITEM(label, 2));
        int is_over = allowed != NULL ? PyObject_RichCompareBool(calls, allowed, Py_GT) : -1;
        PyObject *item = NULL;
        if (is_over > 0)
            item = Py_BuildValue("(OOOO)", label, calls, allowed, PyDict_GetItemWithError(check->callers, label));
        if (is_over != 0)
            result = item != NULL ? PyList_Append(over, item) : -1;
        Py_XDECREF(item);
    }
    return result;
}

PyObject *budget_over(PyObject *profiler, PyObject *budget)
{
    Profiler *self = (Profiler *)profiler;
    if (!PyDict_Check(budget)) {
        PyErr_Format(PyExc_TypeError, "budget must be a dict, not %.100s", Py_TYPE(budget)->tp_name);
        return NULL;
    }
    struct check check = {.budget = budget, .calls = PyDict_New(), .callers = PyDict_New()};
    PyObject *over = PyList_New(0);
    int result = check.calls != NULL && check.callers != NULL && over != NULL ? profiler_check_memory(self) : -1;
    for (Py_ssize_t i = 0; result == 0 && profiler_part(self, i) != NULL; i++)
        result = add_part(&check, profiler_part(self, i));
    if (result == 0)
        result = append_over(&check, over);
    Py_XDECREF(check.calls);
    Py_XDECREF(check.callers);
    if (result < 0)
        Py_CLEAR(over);
    return over;
}
