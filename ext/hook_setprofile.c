/* PyEval_SetProfile: one profile function a thread.  One that was there before goes on receiving its events through
 * ours, and is put back at the end. */
#include "hook.h"

#include <stdbool.h>

#include "core/tracer.h"
#include "label.h"

/* The profile function that ours stands in front of, in the thread that has it. */
struct displaced {
    Py_tracefunc function; /* NULL: none */
    PyObject *object;
};

static _Thread_local struct displaced displaced __attribute__((tls_model("initial-exec")));

static inline void enter_function(PyFrameObject *frame)
{
    PyCodeObject *code = pycompat_frame_code(frame);
    for (struct tracer *tracer = thread_tracers; tracer != NULL; tracer = tracer->next)
        tracer_enter(tracer, code, SUBJECT_CODE, code);
}

static inline void leave_function(PyFrameObject *frame)
{
    PyCodeObject *code = pycompat_frame_code(frame);
    for (struct tracer *tracer = thread_tracers; tracer != NULL; tracer = tracer->next)
        tracer_leave(tracer, code);
}

static inline void enter_callable(PyObject *callable)
{
    const PyMethodDef *key = label_callable_key(callable);
    if (key == NULL)
        return;
    for (struct tracer *tracer = thread_tracers; tracer != NULL; tracer = tracer->next)
        if (tracer->builtins)
            tracer_enter(tracer, key, SUBJECT_CALLABLE, callable);
}

static inline void leave_callable(PyObject *callable)
{
    const PyMethodDef *key = label_callable_key(callable);
    if (key == NULL)
        return;
    for (struct tracer *tracer = thread_tracers; tracer != NULL; tracer = tracer->next)
        if (tracer->builtins)
            tracer_leave(tracer, key);
}

static void unhook(void);

/* The few events there are come in no order that a jump table's branch could learn. */
static inline void dispatch(PyFrameObject *frame, int event, PyObject *argument)
{
    if (event == PyTrace_CALL)
        enter_function(frame);
    else if (event == PyTrace_RETURN)
        leave_function(frame);
    else if (event == PyTrace_C_CALL)
        enter_callable(argument);
    else if (event == PyTrace_C_RETURN || event == PyTrace_C_EXCEPTION)
        leave_callable(argument);
}

static int profile_event(PyObject *profiler, PyFrameObject *frame, int event, PyObject *argument)
{
    if (__builtin_expect(displaced.function != NULL, 0) &&
        displaced.function(displaced.object, frame, event, argument) < 0)
        return -1;
    if (__builtin_expect(thread_tracers == NULL, 0))
        unhook(); /* the last tracer was removed by another thread */
    else
        dispatch(frame, event, argument);
    return 0;
}

static bool is_hooked(void)
{
    return PyThreadState_Get()->c_profilefunc == profile_event;
}

/* Puts back what was there before us, unless somebody else has taken the place meanwhile. */
static void unhook(void)
{
    struct displaced previous = displaced;
    displaced = (struct displaced){NULL, NULL};
    if (is_hooked())
        PyEval_SetProfile(previous.function, previous.object);
    Py_XDECREF(previous.object);
}

static void displace(void)
{
    PyThreadState *thread = PyThreadState_Get();
    PyObject *previous = displaced.object;
    displaced = (struct displaced){thread->c_profilefunc, Py_XNewRef(thread->c_profileobj)};
    Py_XDECREF(previous);
}

static void forget_displaced(void)
{
    PyObject *previous = displaced.object;
    displaced = (struct displaced){NULL, NULL};
    Py_XDECREF(previous);
}

static PyObject *setprofile_create(void)
{
    Py_RETURN_NONE;
}

static int setprofile_install(PyObject *state, PyObject *profiler)
{
    if (!is_hooked())
        displace();
    PyEval_SetProfile(profile_event, profiler);
    if (is_hooked())
        return 0;
    if (thread_tracers == NULL)
        unhook();
    PyErr_SetString(PyExc_RuntimeError, "the interpreter refused the profile function (see the audit hooks)");
    return -1;
}

static void setprofile_remove(PyObject *state, enum hook_place place)
{
    if (place == HOOK_ELSEWHERE)
        return;
    if (place == HOOK_ENDING)
        forget_displaced();
    else if (thread_tracers == NULL)
        unhook();
    else if (is_hooked())
        PyEval_SetProfile(profile_event, thread_tracers->client.context);
}

const struct hook hook_setprofile = {"setprofile", setprofile_create, setprofile_install, setprofile_remove};
