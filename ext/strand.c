#include "strand.h"

#include "attach.h"

static PyObject *getcurrent; /* greenlet.getcurrent; NULL: greenlet has not been imported */
static Py_ssize_t modules_seen; /* how many there were at the last look */

/* A running tracer has the calls of the greenlet on its stack that runs now: there has been no other. */
static void name_strands(void)
{
    const void *strand = strand_here();
    for (struct tracer *tracer = thread_tracers.first; tracer != NULL; tracer = tracer->next)
        if (tracer->strands.running == NULL)
            tracer->strands.running = strand;
}

void strand_look_for_greenlets(void)
{
    PyObject *modules = getcurrent == NULL ? pycompat_modules() : NULL;
    if (modules == NULL || PyDict_GET_SIZE(modules) == modules_seen)
        return;
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    modules_seen = PyDict_GET_SIZE(modules);
    PyObject *module = PyDict_GetItemString(modules, "greenlet._greenlet");
    if (module != NULL && (getcurrent = PyObject_GetAttrString(module, "getcurrent")) != NULL) {
        name_strands();
        attach_watch(true);
    }
    PyErr_Restore(type, value, traceback);
}

const void *strand_here(void)
{
    PyObject *current = getcurrent != NULL ? PyObject_CallNoArgs(getcurrent) : NULL;
    if (current == NULL)
        PyErr_Clear();
    Py_XDECREF(current);
    return current;
}

/* Its first event need not be that of its first call: before it, that of a finalizer may come. */
static bool is_beginning(void)
{
    PyFrameObject *frame = (PyFrameObject *)Py_XNewRef((PyObject *)PyEval_GetFrame()), *back = NULL;
    while (frame != NULL && (back = PyFrame_GetBack(frame)) != NULL) {
        Py_DECREF(frame);
        frame = back;
    }
    bool begins = frame != NULL && !pycompat_resumes(frame, pycompat_frame_code(frame));
    Py_XDECREF(frame);
    return begins;
}

/* gevent keeps a weak reference to who it was; a plain greenlet's parent is who made it. */
static PyObject *spawner(PyObject *greenlet)
{
    PyObject *reference = PyObject_GetAttrString(greenlet, "spawning_greenlet");
    if (reference == NULL) {
        PyErr_Clear();
        return PyObject_GetAttrString(greenlet, "parent");
    }
    PyObject *found = PyObject_CallNoArgs(reference);
    Py_DECREF(reference);
    return found;
}

PyObject *strand_spawner_context(void)
{
    if (getcurrent == NULL || !is_beginning())
        return NULL;
    PyObject *greenlet = PyObject_CallNoArgs(getcurrent);
    PyObject *from = greenlet != NULL ? spawner(greenlet) : NULL;
    PyObject *context = from != NULL && from != Py_None ? PyObject_GetAttrString(from, "gr_context") : NULL;
    Py_XDECREF(from);
    Py_XDECREF(greenlet);
    if (context == NULL)
        PyErr_Clear();
    else if (!PyContext_CheckExact(context))
        Py_CLEAR(context);
    return context;
}

void strand_follow(void)
{
    if (getcurrent == NULL || thread_tracers.first == NULL)
        return;
    const void *strand = strand_here();
    for (struct tracer *tracer = thread_tracers.first; tracer != NULL; tracer = tracer->next)
        tracer_switch(tracer, strand);
}
