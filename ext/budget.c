/* Most profiles have no function that the budget names: the totals are made only for those that do. */
#include "budget.h"

#include "core/totals.h"

struct check {
    const struct tracer *tracer;
    struct totals totals;
    PyObject *budget; /* dict of name -> calls allowed */
    PyObject *over;   /* list of what exceeds it */
};

static PyObject *description_of(const struct check *check, uint32_t function)
{
    return check->tracer->functions.functions[function].description;
}

/* Borrowed; NULL without an exception for a function that may be called at will. */
static PyObject *allowed_calls(const struct check *check, uint32_t function)
{
    PyObject *description = description_of(check, function);
    if (description == NULL || check->tracer->functions.functions[function].hidden)
        return NULL;
    PyObject *name = PyCode_Check(description) ? ((PyCodeObject *)description)->co_name : description;
    return PyDict_GetItemWithError(check->budget, name);
}

static PyObject *new_label(const struct check *check, uint32_t function)
{
    PyObject *description = description_of(check, function);
    if (!PyCode_Check(description))
        return Py_BuildValue("(siO)", "~", 0, description);
    const PyCodeObject *code = (const PyCodeObject *)description;
    return Py_BuildValue("(OiO)", code->co_filename, code->co_firstlineno, code->co_name);
}

/* Adds `calls` to what the dictionary has for the caller: functions may share a label. */
static int add_caller(PyObject *callers, PyObject *label, int64_t calls)
{
    PyObject *before = label != NULL ? PyDict_GetItemWithError(callers, label) : NULL;
    PyObject *count = NULL;
    if (!PyErr_Occurred())
        count = PyLong_FromLongLong(calls + (before != NULL ? PyLong_AsLongLong(before) : 0));
    int result = count != NULL ? PyDict_SetItem(callers, label, count) : -1;
    Py_XDECREF(count);
    Py_XDECREF(label);
    return result;
}

static PyObject *new_callers(const struct check *check, uint32_t function)
{
    PyObject *callers = PyDict_New();
    for (size_t i = 0; callers != NULL && i < check->totals.edge_count; i++) {
        const struct edge_total *edge = &check->totals.edges[i];
        if (edge->callee == function &&
            add_caller(callers, new_label(check, edge->caller), edge->total.calls) < 0)
            Py_CLEAR(callers);
    }
    return callers;
}

static int append(struct check *check, uint32_t function, PyObject *allowed)
{
    PyObject *label = new_label(check, function);
    PyObject *callers = label != NULL ? new_callers(check, function) : NULL;
    PyObject *item = NULL;
    if (callers != NULL)
        item = Py_BuildValue("(OLOO)", label, (long long)check->totals.functions[function].calls, allowed, callers);
    int result = item != NULL ? PyList_Append(check->over, item) : -1;
    Py_XDECREF(item);
    Py_XDECREF(callers);
    Py_XDECREF(label);
    return result;
}

static int check_function(struct check *check, uint32_t function)
{
    PyObject *allowed = allowed_calls(check, function);
    if (allowed == NULL)
        return PyErr_Occurred() ? -1 : 0;
    int overflow;
    long long limit = PyLong_AsLongLongAndOverflow(allowed, &overflow);
    if (PyErr_Occurred())
        return -1;
    if (overflow > 0 || check->totals.functions[function].calls <= limit)
        return 0;
    return append(check, function, allowed);
}

/* 1: the budget names a function that was called; 0: it does not; -1 with an exception. */
static int names_any(const struct check *check)
{
    for (uint32_t i = 0; i < check->tracer->functions.count; i++) {
        if (allowed_calls(check, i) != NULL)
            return 1;
        if (PyErr_Occurred())
            return -1;
    }
    return 0;
}

static int check_all(struct check *check)
{
    if (totals_init(&check->totals, check->tracer) < 0) {
        PyErr_NoMemory();
        return -1;
    }
    for (uint32_t i = 0; i < check->totals.function_count; i++)
        if (check->totals.functions[i].calls > 0 && check_function(check, i) < 0)
            return -1;
    return 0;
}

PyObject *budget_over(PyObject *profiler, PyObject *budget)
{
    Profiler *self = (Profiler *)profiler;
    struct check check = {.tracer = &self->tracer, .budget = budget};
    if (!PyDict_Check(budget)) {
        PyErr_Format(PyExc_TypeError, "budget must be a dict, not %.100s", Py_TYPE(budget)->tp_name);
        return NULL;
    }
    if (profiler_check_memory(self) < 0 || (check.over = PyList_New(0)) == NULL)
        return NULL;
    int found = names_any(&check);
    int result = found > 0 ? check_all(&check) : found;
    if (found > 0)
        totals_release(&check.totals);
    if (result < 0)
        Py_CLEAR(check.over);
    return check.over;
}
