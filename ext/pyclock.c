#include "pyclock.h"

#include <math.h>

enum { NS_PER_SECOND = 1000000000 };

static int ticks_from_integer(PyObject *reading, int64_t ticks_per_unit, int64_t *ticks)
{
    PyObject *integer = PyNumber_Index(reading); /* CPython 3.9 would truncate a float */
    long long value = integer != NULL ? PyLong_AsLongLong(integer) : -1;
    Py_XDECREF(integer);
    if (value == -1 && PyErr_Occurred())
        return -1;
    if (__builtin_mul_overflow((int64_t)value, ticks_per_unit, ticks)) {
        PyErr_SetString(PyExc_OverflowError, "timer reading out of range");
        return -1;
    }
    return 0;
}

static int ticks_from_seconds(double seconds, int64_t *ticks)
{
    double ns = floor(seconds * NS_PER_SECOND);
    if (!(ns >= -0x1p63 && ns < 0x1p63)) {
        PyErr_SetString(PyExc_OverflowError, "timer reading out of range");
        return -1;
    }
    *ticks = (int64_t)ns;
    return 0;
}

static int ticks_from_reading(const struct pyclock *pyclock, PyObject *reading, int64_t *ticks)
{
    if (pyclock->unit > 0.0)
        return ticks_from_integer(reading, 1, ticks);
    if (PyFloat_Check(reading))
        return ticks_from_seconds(PyFloat_AS_DOUBLE(reading), ticks);
    return ticks_from_integer(reading, NS_PER_SECOND, ticks);
}

static int64_t read_timer(void *context)
{
    struct pyclock *pyclock = context;
    int64_t ticks = 0;
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    Py_INCREF(pyclock->owner);
    occupation_begin(pyclock->occupation);
    PyObject *reading = PyObject_CallNoArgs(pyclock->timer);
    if (reading == NULL || ticks_from_reading(pyclock, reading, &ticks) < 0)
        PyErr_WriteUnraisable(pyclock->timer);
    Py_XDECREF(reading);
    occupation_end(pyclock->occupation);
    Py_DECREF(pyclock->owner);
    PyErr_Restore(type, value, traceback);
    return ticks;
}

struct clock pyclock_clock(struct pyclock *pyclock)
{
    return clock_custom(read_timer, pyclock, "timer", pyclock->unit != 0.0 ? pyclock->unit : 1.0 / NS_PER_SECOND);
}

const char *pyclock_name(PyObject *clock)
{
    bool is_text = clock != NULL && PyUnicode_Check(clock);
    if (clock == NULL || (is_text && PyUnicode_CompareWithASCIIString(clock, "wall") == 0))
        return "wall";
    if (is_text && PyUnicode_CompareWithASCIIString(clock, "cpu") == 0)
        return "cpu";
    PyErr_Format(is_text ? PyExc_ValueError : PyExc_TypeError, "clock is %R; it can be 'wall' or 'cpu'", clock);
    return NULL;
}
