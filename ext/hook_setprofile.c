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

/* Gives an event to one tracer.  By comparison, not by a jump table: the events come in no order that its one branch could
 * learn. */
static inline int deliver(struct tracer *tracer, PyFrameObject *frame, int event, PyObject *argument)
{
    if (event == PyTrace_CALL) {
        PyCodeObject *code = pycompat_frame_code(frame);
        return tracer_enter(tracer, code, SUBJECT_CODE, code);
    }
    if (event == PyTrace_RETURN)
        return tracer_leave(tracer, pycompat_frame_code(frame));
    if (event < PyTrace_C_CALL || event > PyTrace_C_RETURN || !tracer->builtins)
        return 0;
    const PyMethodDef *key = label_callable_key(argument);
    if (key == NULL)
        return 0;
    return event == PyTrace_C_CALL ? tracer_enter(tracer, key, SUBJECT_CALLABLE, argument) : tracer_leave(tracer, key);
}

__attribute__((noinline)) static int deliver_to_all(PyFrameObject *frame, int event, PyObject *argument)
{
    if (thread_tracers == NULL)
        unhook(); /* the last tracer was removed by another thread */
    for (struct tracer *tracer = thread_tracers; tracer != NULL; tracer = tracer->next)
        deliver(tracer, frame, event, argument);
    return 0;
}

static int profile_event(PyObject *profiler, PyFrameObject *frame, int event, PyObject *argument)
{
    struct tracer *tracer = thread_tracers;
    if (__builtin_expect(tracer == NULL || tracer->next != NULL, 0))
        return deliver_to_all(frame, event, argument);
    return deliver(tracer, frame, event, argument);
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
    if (thread_tracers == NULL)
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
    else if (thread_tracers == NULL)
        unhook();
    else if (is_hooked())
        hook(thread_tracers->client.context);
}

const struct hook hook_setprofile = {"setprofile", setprofile_create, setprofile_install, setprofile_remove};
