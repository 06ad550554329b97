/* What the interpreter alone charges for its events: hooks that do nothing with them, or nothing but read the clock.
 * They are switched on as profstat's are, so what profstat adds to them is its own.
 *
 * Up to CPython 3.11 the module has `hook(CLOCK)`, which is PyEval_SetProfile, and `unhook()`; from 3.12 on it has
 * `callback(CLOCK)`, which gives an object for sys.monitoring.register_callback. */
#include "pycompat.h"

#include "core/clock.h"

static volatile int64_t reading; /* so that the compiler leaves the clock in */

#if PYCOMPAT_HAS_MONITORING

typedef struct {
    PyObject_HEAD
    vectorcallfunc vectorcall;
} Callback;

static PyObject *do_nothing(PyObject *self, PyObject *const *arguments, size_t flags, PyObject *names)
{
    Py_RETURN_NONE;
}

static PyObject *read_clock(PyObject *self, PyObject *const *arguments, size_t flags, PyObject *names)
{
    reading = clock_counter();
    Py_RETURN_NONE;
}

static PyTypeObject callback_type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "empty_hook.Callback",
    .tp_basicsize = sizeof(Callback),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_VECTORCALL,
    .tp_vectorcall_offset = offsetof(Callback, vectorcall),
    .tp_call = PyVectorcall_Call,
};

static PyObject *callback(PyObject *module, PyObject *clock)
{
    int reads = PyObject_IsTrue(clock);
    if (reads < 0 || PyType_Ready(&callback_type) < 0)
        return NULL;
    Callback *object = PyObject_New(Callback, &callback_type);
    if (object != NULL)
        object->vectorcall = reads ? read_clock : do_nothing;
    return (PyObject *)object;
}

static PyMethodDef functions[] = {{"callback", callback, METH_O, NULL}, {NULL, NULL, 0, NULL}};

#else

static int do_nothing(PyObject *self, PyFrameObject *frame, int event, PyObject *argument)
{
    return 0;
}

static int read_clock(PyObject *self, PyFrameObject *frame, int event, PyObject *argument)
{
    reading = clock_counter();
    return 0;
}

static PyObject *hook(PyObject *module, PyObject *clock)
{
    int reads = PyObject_IsTrue(clock);
    if (reads < 0)
        return NULL;
    PyEval_SetProfile(reads ? read_clock : do_nothing, NULL);
    Py_RETURN_NONE;
}

static PyObject *unhook(PyObject *module, PyObject *unused)
{
    PyEval_SetProfile(NULL, NULL);
    Py_RETURN_NONE;
}

static PyMethodDef functions[] = {
    {"hook", hook, METH_O, NULL},
    {"unhook", unhook, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

#endif

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "empty_hook",
    .m_size = -1,
    .m_methods = functions,
};

PyMODINIT_FUNC PyInit_empty_hook(void);

PyMODINIT_FUNC PyInit_empty_hook(void)
{
    return PyModule_Create(&definition);
}
