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

static void unhook(void);

static void deliver_python(PyFrameObject *frame, bool enters)
{
    PyCodeObject *code = pycompat_frame_code(frame);
    for (struct tracer *tracer = thread_tracers.first; tracer != NULL; tracer = tracer->next)
        if (enters)
            tracer_enter_slowly(tracer, code, SUBJECT_CODE, code);
        else
            tracer_leave_slowly(tracer, code);
}

static void deliver_callable(PyObject *callable, bool enters)
{
    const PyMethodDef *key = label_callable_key(callable);
    for (struct tracer *tracer = key != NULL ? thread_tracers.first : NULL; tracer != NULL; tracer = tracer->next)
        if (!tracer->builtins)
            continue;
        else if (enters)
            tracer_enter_slowly(tracer, key, SUBJECT_CALLABLE, callable);
        else
            tracer_leave_slowly(tracer, key);
}

__attribute__((noinline)) static int deliver_to_all(PyFrameObject *frame, int event, PyObject *argument)
{
    if (thread_tracers.first == NULL)
        unhook(); /* the last tracer was removed by another thread */
    if (event == PyTrace_CALL || event == PyTrace_RETURN)
        deliver_python(frame, event == PyTrace_CALL);
    else
        deliver_callable(argument, event == PyTrace_C_CALL);
    return 0;
}

/* By comparison, not by a jump table: the events come in no order that its one branch could learn. */
static int profile_event(PyObject *profiler, PyFrameObject *frame, int event, PyObject *argument)
{
    struct tracer *tracer = thread_tracers.functions;
    if (__builtin_expect(tracer == NULL, 0))
        return deliver_to_all(frame, event, argument);
    if (event == PyTrace_CALL) {
        PyCodeObject *code = pycompat_frame_code(frame);
        return tracer_enter(tracer, code, SUBJECT_CODE, code);
    }
    if (event == PyTrace_RETURN)
        return tracer_leave(tracer, pycompat_frame_code(frame));
    if (thread_tracers.callables == NULL)
        return 0;
    if (__builtin_expect(!label_is_plain_callable(argument), 0))
        return deliver_to_all(frame, event, argument);
    const PyMethodDef *key = ((PyCFunctionObject *)argument)->m_ml;
    return event == PyTrace_C_CALL ? tracer_enter(tracer, key, SUBJECT_CALLABLE, argument) : tracer_leave(tracer, key);
}

/* The same where somebody else's function is to be called too. */
static int profile_event_and_displaced(PyObject *profiler, PyFrameObject *frame, int event, PyObject *argument)
{
    if (displaced.function(displaced.object, frame, event, argument) < 0)
        return -1;
    return deliver_to_all(frame, event, argument);
}

static bool is_hooked(void)
{
    Py_tracefunc function = PyThreadState_Get()->c_profilefunc;
    return function == profile_event || function == profile_event_and_displaced;
}

static void hook(PyObject *profiler)
{
    PyEval_SetProfile(displaced.function != NULL ? profile_event_and_displaced : profile_event, profiler);
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

static int setprofile_install(PyObject *state, PyObject *profiler, bool builtins)
{
    if (!is_hooked())
        displace();
    hook(profiler);
    if (is_hooked())
        return 0;
    if (thread_tracers.first == NULL)
        unhook();
    PyErr_SetString(PyExc_RuntimeError, "the interpreter refused the profile function (see the audit hooks)");
    return -1;
}

static void setprofile_remove(PyObject *state, enum hook_place place, bool builtins)
{
    if (place == HOOK_ELSEWHERE)
        return;
    if (place == HOOK_ENDING)
        forget_displaced();
    else if (thread_tracers.first == NULL)
        unhook();
    else if (is_hooked())
        hook(thread_tracers.first->client.context);
}

const struct hook hook_setprofile = {"setprofile", setprofile_create, setprofile_install, setprofile_remove};
