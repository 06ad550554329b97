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

static void enter_function(PyFrameObject *frame, PyObject *argument)
{
    PyCodeObject *code = pycompat_frame_code(frame);
    for (struct tracer *tracer = thread_tracers; tracer != NULL; tracer = tracer->next)
        tracer_enter(tracer, code, SUBJECT_CODE, code);
}

static void leave_function(PyFrameObject *frame, PyObject *argument)
{
    PyCodeObject *code = pycompat_frame_code(frame);
    for (struct tracer *tracer = thread_tracers; tracer != NULL; tracer = tracer->next)
        tracer_leave(tracer, code);
}

static void enter_callable(PyFrameObject *frame, PyObject *callable)
{
    const PyMethodDef *key = label_callable_key(callable);
    if (key == NULL)
        return;
    for (struct tracer *tracer = thread_tracers; tracer != NULL; tracer = tracer->next)
        if (tracer->builtins)
            tracer_enter(tracer, key, SUBJECT_CALLABLE, callable);
}

static void leave_callable(PyFrameObject *frame, PyObject *callable)
{
    const PyMethodDef *key = label_callable_key(callable);
    if (key == NULL)
        return;
    for (struct tracer *tracer = thread_tracers; tracer != NULL; tracer = tracer->next)
        if (tracer->builtins)
            tracer_leave(tracer, key);
}

static void ignore(PyFrameObject *frame, PyObject *argument)
{
}

typedef void event_handler(PyFrameObject *frame, PyObject *argument);

static event_handler *const handlers[] = {
    [PyTrace_CALL] = enter_function,     [PyTrace_EXCEPTION] = ignore,
    [PyTrace_LINE] = ignore,             [PyTrace_RETURN] = leave_function,
    [PyTrace_C_CALL] = enter_callable,   [PyTrace_C_EXCEPTION] = leave_callable,
    [PyTrace_C_RETURN] = leave_callable, [PyTrace_OPCODE] = ignore,
};

static void unhook(void);

static int profile_event(PyObject *profiler, PyFrameObject *frame, int event, PyObject *argument)
{
    if (displaced.function != NULL && displaced.function(displaced.object, frame, event, argument) < 0)
        return -1;
    if (thread_tracers == NULL)
        unhook(); /* the last tracer was removed by another thread */
    else
        handlers[event](frame, argument);
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
    Py_XDECREF(displaced.object);
    Py_XINCREF(thread->c_profileobj);
    displaced = (struct displaced){thread->c_profilefunc, thread->c_profileobj};
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

static void setprofile_remove(PyObject *state, int elsewhere)
{
    if (elsewhere)
        return;
    if (thread_tracers == NULL)
        unhook();
    else if (is_hooked())
        PyEval_SetProfile(profile_event, thread_tracers->client.context);
}

const struct hook hook_setprofile = {"setprofile", setprofile_create, setprofile_install, setprofile_remove};
