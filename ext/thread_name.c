#include "thread_name.h"

#include <pythread.h>

/* The thread's object in threading's list of those that run, borrowed. */
static PyObject *thread_object(PyObject *threading)
{
    PyObject *active = PyObject_GetAttrString(threading, "_active");
    PyObject *ident = PyLong_FromUnsignedLong(PyThread_get_thread_ident());
    bool is_known = active != NULL && ident != NULL && PyDict_CheckExact(active);
    PyObject *thread = is_known ? PyDict_GetItem(active, ident) : NULL;
    Py_XDECREF(ident);
    Py_XDECREF(active);
    return thread;
}

/* The attribute behind Thread.name, which is a property. */
PyObject *thread_name_here(void)
{
    PyObject *modules = pycompat_modules();
    PyObject *threading = modules != NULL ? PyDict_GetItemString(modules, "threading") : NULL;
    PyObject *thread = threading != NULL ? thread_object(threading) : NULL;
    PyObject *name = thread != NULL ? PyObject_GetAttrString(thread, "_name") : NULL;
    if (name != NULL && !PyUnicode_Check(name))
        Py_CLEAR(name);
    PyErr_Clear();
    return name;
}
