#include "module.h"

#include <stdlib.h>

#include "entries.h"
#include "merging.h"
#include "profile_sum.h"
#include "profiler.h"
#include "redelivery.h"

static PyObject *module_hide_file(PyObject *module, PyObject *filename)
{
    struct module_state *state = PyModule_GetState(module);
    if (!PyUnicode_Check(filename)) {
        PyErr_Format(PyExc_TypeError, "filename must be str, not %.100s", Py_TYPE(filename)->tp_name);
        return NULL;
    }
    if (PySet_Add(state->labels.hidden_files, filename) < 0)
        return NULL;
    Py_RETURN_NONE;
}

PyDoc_STRVAR(hide_file_doc,
"hide_file(filename)\n\n"
"Hide functions whose code has this co_filename from every profile of this process: they have no row, and their own\n"
"time and their callees count as their caller's.  Functions that a profiler has seen already are not affected.");

static PyObject *module_untraced(PyObject *module, PyObject *const *arguments, Py_ssize_t count, PyObject *names)
{
    if (count < 1) {
        PyErr_SetString(PyExc_TypeError, "untraced() needs a callable");
        return NULL;
    }
    PyThreadState *thread = PyThreadState_Get();
    pycompat_suspend_events(thread);
    for (struct tracer *tracer = thread_tracers.first; tracer != NULL; tracer = tracer->next)
        tracer_pause(tracer);
    PyObject *result = PyObject_Vectorcall(arguments[0], arguments + 1, (size_t)(count - 1), names);
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    for (struct tracer *tracer = thread_tracers.first; tracer != NULL; tracer = tracer->next)
        tracer_resume(tracer);
    PyErr_Restore(type, value, traceback);
    pycompat_resume_events(thread);
    return result;
}

PyDoc_STRVAR(untraced_doc,
"untraced(function, /, *args, **kwargs)\n\n"
"Call the function while no profiler (and no other tracing tool) sees any event of this thread, nor counts the time;\n"
"return its result.");

/* The first HIDDEN_FUNCTIONS are hidden from every profile. */
enum { HIDDEN_FUNCTIONS = 2 };

static PyMethodDef module_methods[] = {
    {"untraced", (PyCFunction)(void (*)(void))module_untraced, METH_FASTCALL | METH_KEYWORDS, untraced_doc},
    {"answered", redelivery_answered, METH_NOARGS, redelivery_answered_doc},
    {"begin_in_child", profiler_begin_in_child, METH_NOARGS, profiler_begin_in_child_doc},
    {"hide_file", module_hide_file, METH_O, hide_file_doc},
    {"merge", merging_merge, METH_VARARGS, merging_doc},
    {"redeliver", redelivery_begin, METH_O, redelivery_begin_doc},
    {NULL, NULL, 0, NULL},
};

static int add_type(PyObject *module, const char *name, PyTypeObject *type)
{
    if (type == NULL)
        return -1;
    Py_INCREF(type);
    if (PyModule_AddObject(module, name, (PyObject *)type) == 0)
        return 0;
    Py_DECREF(type);
    return -1;
}

static int module_exec(PyObject *module)
{
    struct module_state *state = PyModule_GetState(module);
    if (PyInterpreterState_Get() != PyInterpreterState_Main()) {
        PyErr_SetString(PyExc_ImportError, "profstat works in the main interpreter only, not in subinterpreters");
        return -1;
    }
    state->source.hook = hook_choose(getenv("PROFSTAT_HOOK"));
    if (state->source.hook == NULL || (state->source.state = state->source.hook->create()) == NULL)
        return -1;
    state->labels.hidden_methods[0] = (struct method_range){profiler_methods, PROFILER_HIDDEN_METHODS};
    state->labels.hidden_methods[1] = (struct method_range){module_methods, HIDDEN_FUNCTIONS};
    if ((state->labels.hidden_files = PySet_New(NULL)) == NULL)
        return -1;
    state->profiler_type = profiler_type_new(module);
    state->sum_type = profile_sum_type_new(module);
    state->entry_type = entries_entry_type();
    state->subentry_type = entries_subentry_type();
    if (add_type(module, "Profiler", state->profiler_type) < 0 ||
        add_type(module, "ProfileSum", state->sum_type) < 0 ||
        add_type(module, "profiler_entry", state->entry_type) < 0 ||
        add_type(module, "profiler_subentry", state->subentry_type) < 0)
        return -1;
    return PyModule_AddStringConstant(module, "hook", state->source.hook->name) < 0 ||
                   PyModule_AddStringConstant(module, "__version__", PROFSTAT_VERSION) < 0
               ? -1
               : 0;
}

static int module_traverse(PyObject *module, visitproc visit, void *arg)
{
    struct module_state *state = PyModule_GetState(module);
    Py_VISIT(state->source.state);
    Py_VISIT(state->labels.hidden_files);
    Py_VISIT(state->profiler_type);
    Py_VISIT(state->sum_type);
    Py_VISIT(state->entry_type);
    Py_VISIT(state->subentry_type);
    return 0;
}

static int module_clear(PyObject *module)
{
    struct module_state *state = PyModule_GetState(module);
    Py_CLEAR(state->source.state);
    Py_CLEAR(state->labels.hidden_files);
    Py_CLEAR(state->profiler_type);
    Py_CLEAR(state->sum_type);
    Py_CLEAR(state->entry_type);
    Py_CLEAR(state->subentry_type);
    return 0;
}

static void module_free(void *module)
{
    module_clear(module);
}

static PyModuleDef_Slot module_slots[] = {
    {Py_mod_exec, module_exec},
    PYCOMPAT_MODULE_SLOTS
    {0, NULL},
};

PyDoc_STRVAR(module_doc, "The tracer of profstat.  Use the package profstat.");

struct PyModuleDef profstat_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "profstat._profstat",
    .m_doc = module_doc,
    .m_size = sizeof(struct module_state),
    .m_methods = module_methods,
    .m_slots = module_slots,
    .m_traverse = module_traverse,
    .m_clear = module_clear,
    .m_free = module_free,
};

PyMODINIT_FUNC PyInit__profstat(void); /* CPython 3.9 declares it only at its definition */

PyMODINIT_FUNC PyInit__profstat(void)
{
    return PyModuleDef_Init(&profstat_module);
}
