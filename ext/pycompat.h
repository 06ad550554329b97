/* Floor 2.  Every difference between the CPython versions that the extension knows of stands here. */
#ifndef PROFSTAT_PYCOMPAT_H
#define PROFSTAT_PYCOMPAT_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <frameobject.h>
#include <stdbool.h>
#include <stddef.h>

#if PY_VERSION_HEX >= 0x030B0000 && PY_VERSION_HEX < 0x030C0000
#define Py_BUILD_CORE 1
#include <internal/pycore_frame.h>
#undef Py_BUILD_CORE
#endif

/* sys.monitoring (PEP 669).  There PyEval_SetProfile is a shim that makes a frame object for every call. */
#define PYCOMPAT_HAS_MONITORING (PY_VERSION_HEX >= 0x030C0000)

#if PY_VERSION_HEX < 0x030A0000
static inline PyObject *Py_NewRef(PyObject *object)
{
    Py_INCREF(object);
    return object;
}

static inline PyObject *Py_XNewRef(PyObject *object)
{
    Py_XINCREF(object);
    return object;
}
#endif

/* Borrowed: the frame keeps its code alive.  It is asked twice a call, and the public function of 3.11 takes longer
 * than the rest of the hook. */
static inline PyCodeObject *pycompat_frame_code(PyFrameObject *frame)
{
#if PY_VERSION_HEX < 0x030B0000
    return frame->f_code;
#elif PY_VERSION_HEX < 0x030C0000
    return frame->f_frame->f_code;
#else
    PyCodeObject *code = PyFrame_GetCode(frame);
    Py_DECREF(code);
    return code;
#endif
}

/* What a step of a coroutine is told by: something that is its own as long as it lives.  To be called from the hook
 * of the step's event. */
static inline const void *pycompat_running_coroutine(PyFrameObject *frame)
{
#if PY_VERSION_HEX < 0x030B0000
    return frame;
#elif PY_VERSION_HEX < 0x030C0000
    return frame->f_frame;
#elif PY_VERSION_HEX < 0x030D0000
    return PyThreadState_Get()->cframe->current_frame;
#else
    return PyThreadState_Get()->current_frame;
#endif
}

/* Whether the step that is about to be left, as pycompat_running_coroutine() has it, only suspends its coroutine. */
static inline bool pycompat_suspends(const void *coroutine)
{
#if PY_VERSION_HEX < 0x030A0000
    return ((const PyFrameObject *)coroutine)->f_stacktop != NULL;
#elif PY_VERSION_HEX < 0x030B0000
    return ((const PyFrameObject *)coroutine)->f_state == FRAME_SUSPENDED;
#else
    const char *generator = (const char *)coroutine - offsetof(PyGenObject, gi_iframe);
    return ((const PyGenObject *)generator)->gi_frame_state < 0;
#endif
}

/* Whether the step that has just been entered is not the coroutine's first. */
static inline bool pycompat_resumes(PyFrameObject *frame, const PyCodeObject *code)
{
#if PY_VERSION_HEX < 0x030B0000
    return frame->f_lasti >= 0;
#else
    return PyFrame_GetLasti(frame) > 2 * code->_co_firsttraceable; /* bytes, and instructions of two bytes each */
#endif
}

/* sys.modules, borrowed; NULL when the interpreter is at its end, where asking for it is fatal. */
static inline PyObject *pycompat_modules(void)
{
#if PY_VERSION_HEX < 0x030D0000
    return !_Py_IsFinalizing() ? PyImport_GetModuleDict() : NULL;
#else
    return !Py_IsFinalizing() ? PyImport_GetModuleDict() : NULL;
#endif
}

#if PY_VERSION_HEX >= 0x030D0000
PyAPI_FUNC(int) _PyEval_SetProfile(PyThreadState *thread, Py_tracefunc function, PyObject *object);
#endif

/* As PyEval_SetProfile, for another thread of this interpreter.  Up to 3.11 without asking the audit hooks once more:
 * while one that is written in Python runs, the thread may end. */
static inline int pycompat_set_profile(PyThreadState *thread, Py_tracefunc function, PyObject *object)
{
#if PY_VERSION_HEX >= 0x030C0000
    return _PyEval_SetProfile(thread, function, object);
#else
    PyObject *previous = thread->c_profileobj;
    Py_INCREF(object);
    thread->c_profileobj = object;
    thread->c_profilefunc = function;
#if PY_VERSION_HEX >= 0x030B0000
    thread->cframe->use_tracing = thread->tracing == 0 ? 255 : 0;
#elif PY_VERSION_HEX >= 0x030A0000
    thread->cframe->use_tracing = thread->tracing == 0;
#else
    thread->use_tracing = 1;
#endif
    Py_XDECREF(previous);
    return 0;
#endif
}

/* Between these two the thread gives no profile, trace or monitoring event.  They nest. */
static inline void pycompat_suspend_events(PyThreadState *thread)
{
#if PY_VERSION_HEX >= 0x030B0000
    PyThreadState_EnterTracing(thread);
#elif PY_VERSION_HEX >= 0x030A0000
    thread->tracing++;
    thread->cframe->use_tracing = 0;
#else
    thread->tracing++;
    thread->use_tracing = 0;
#endif
}

static inline void pycompat_resume_events(PyThreadState *thread)
{
#if PY_VERSION_HEX >= 0x030B0000
    PyThreadState_LeaveTracing(thread);
#elif PY_VERSION_HEX >= 0x030A0000
    thread->tracing--;
    thread->cframe->use_tracing = thread->c_tracefunc != NULL || thread->c_profilefunc != NULL;
#else
    thread->tracing--;
    thread->use_tracing = thread->c_tracefunc != NULL || thread->c_profilefunc != NULL;
#endif
}

/* A thread's tracers are one list, whatever interpreter it runs: only the main one may load the extension.  Of the
 * others this refuses the isolated ones, the module itself the rest. */
#if PY_VERSION_HEX >= 0x030C0000
#define PYCOMPAT_MODULE_SLOTS {Py_mod_multiple_interpreters, Py_MOD_MULTIPLE_INTERPRETERS_NOT_SUPPORTED},
#else
#define PYCOMPAT_MODULE_SLOTS
#endif

#if PY_VERSION_HEX >= 0x030A0000
#define PYCOMPAT_TPFLAGS_IMMUTABLE Py_TPFLAGS_IMMUTABLETYPE
#else
#define PYCOMPAT_TPFLAGS_IMMUTABLE 0
#endif

#endif
