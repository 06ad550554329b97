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

static size_t reaching; /* how many ask for the events of all threads */

static void unhook(void);

static void enter_coroutine(PyFrameObject *frame, PyCodeObject *code)
{
    const void *coroutine = pycompat_running_coroutine(frame);
    bool resumes = pycompat_resumes(frame, code);
    for (struct tracer *tracer = thread_tracers.first; tracer != NULL; tracer = tracer->next) {
        tracer_enter_slowly(tracer, code, SUBJECT_CODE, code);
        tracer_step_begun(tracer, coroutine, resumes);
    }
}

static void leave_coroutine(PyFrameObject *frame, PyCodeObject *code)
{
    const void *coroutine = pycompat_running_coroutine(frame);
    bool suspends = pycompat_suspends(coroutine);
    for (struct tracer *tracer = thread_tracers.first; tracer != NULL; tracer = tracer->next) {
        tracer_leave_slowly(tracer, code);
        tracer_step_ended(tracer, coroutine, suspends);
    }
}

static void deliver_python(PyFrameObject *frame, bool enters)
{
    PyCodeObject *code = pycompat_frame_code(frame);
    if (hook_is_coroutine(code)) {
        if (enters)
            enter_coroutine(frame, code);
        else
            leave_coroutine(frame, code);
        return;
    }
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
    hook_bring_up_to_date();
    if (thread_tracers.first == NULL && reaching == 0)
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

static int first_event(PyObject *waiting, PyFrameObject *frame, int event, PyObject *argument);

static bool is_ours(Py_tracefunc function)
{
    return function == profile_event || function == profile_event_and_displaced || function == first_event;
}

static bool is_hooked(void)
{
    return is_ours(PyThreadState_Get()->c_profilefunc);
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

/* 0; -1 with an exception if the interpreter did not take the hook. */
static int check_hooked(void)
{
    if (is_hooked())
        return 0;
    PyErr_SetString(PyExc_RuntimeError, "the interpreter refused the profile function (see the audit hooks)");
    return -1;
}

static int setprofile_install(PyObject *state, PyObject *profiler, bool builtins)
{
    if (!is_hooked())
        displace();
    hook(profiler);
    if (!is_hooked() && thread_tracers.first == NULL)
        unhook();
    return check_hooked();
}

static void setprofile_remove(PyObject *state, enum hook_place place, bool builtins)
{
    if (place == HOOK_ELSEWHERE)
        return;
    if (place == HOOK_ENDING)
        forget_displaced();
    else if (thread_tracers.first == NULL && reaching == 0)
        unhook();
    else if (thread_tracers.first != NULL && is_hooked())
        hook(thread_tracers.first->client.context);
}

/* ---- other threads ---- */

#define WAITING "profstat.displaced"

static void waiting_free(PyObject *capsule)
{
    struct displaced *waiting = PyCapsule_GetPointer(capsule, WAITING);
    Py_XDECREF(waiting->object);
    PyMem_Free(waiting);
}

/* What a thread will find displaced at its first event. */
static PyObject *waiting_new(const PyThreadState *thread)
{
    struct displaced *waiting = PyMem_Malloc(sizeof *waiting);
    PyObject *capsule = waiting != NULL ? PyCapsule_New(waiting, WAITING, waiting_free) : PyErr_NoMemory();
    if (capsule == NULL)
        PyMem_Free(waiting);
    else
        *waiting = (struct displaced){thread->c_profilefunc, Py_XNewRef(thread->c_profileobj)};
    return capsule;
}

static int first_event(PyObject *waiting, PyFrameObject *frame, int event, PyObject *argument)
{
    const struct displaced *found = PyCapsule_GetPointer(waiting, WAITING);
    displaced = (struct displaced){found->function, Py_XNewRef(found->object)};
    hook(Py_None);
    if (displaced.function != NULL)
        return profile_event_and_displaced(NULL, frame, event, argument);
    return deliver_to_all(frame, event, argument);
}

static void hook_this_thread(void)
{
    if (is_hooked())
        return;
    displace();
    hook(Py_None);
}

static PyThreadState *find_unreached_thread(void)
{
    PyThreadState *self = PyThreadState_Get();
    PyThreadState *thread = PyInterpreterState_ThreadHead(PyInterpreterState_Get());
    while (thread != NULL && (thread == self || is_ours(thread->c_profilefunc)))
        thread = PyThreadState_Next(thread);
    return thread;
}

/* An audit hook that is asked may have other threads end: after each the search begins anew. */
static int reach_running_threads(void)
{
    PyThreadState *thread;
    hook_this_thread();
    if (check_hooked() < 0)
        return -1;
    while ((thread = find_unreached_thread()) != NULL) {
        PyObject *waiting = waiting_new(thread);
        int result = waiting != NULL ? pycompat_set_profile(thread, first_event, waiting) : -1;
        Py_XDECREF(waiting);
        if (result < 0)
            return -1;
    }
    return 0;
}

/* The thread's profile function is `previous`, unless None, and ours in front of it. */
static int hook_new_thread(PyObject *previous)
{
    PyEval_SetProfile(NULL, NULL);
    PyObject *set = previous != Py_None ? PySys_GetObject("setprofile") : NULL;
    PyObject *done = set != NULL ? PyObject_CallFunctionObjArgs(set, previous, NULL) : Py_NewRef(Py_None);
    Py_XDECREF(done);
    if (done == NULL)
        return -1;
    if (reaching > 0)
        hook_this_thread();
    hook_bring_up_to_date();
    return 0;
}

/* What threading calls at the first event of a new thread; `previous` is what it would call without us, or None. */
static PyObject *start_thread(PyObject *previous, PyObject *const *arguments, Py_ssize_t count)
{
    if (count != 3 || !PyFrame_Check(arguments[0])) {
        PyErr_SetString(PyExc_TypeError, "a profile function is called with frame, event and argument");
        return NULL;
    }
    Py_INCREF(previous); /* the thread may have had the last reference to the function that is being called */
    PyObject *result = hook_new_thread(previous) == 0 ? Py_NewRef(Py_None) : NULL;
    if (result != NULL && PyUnicode_Check(arguments[1]) && PyUnicode_CompareWithASCIIString(arguments[1], "call") == 0)
        deliver_python((PyFrameObject *)arguments[0], true);
    if (result != NULL && previous != Py_None)
        Py_SETREF(result, PyObject_Vectorcall(previous, arguments, (size_t)count, NULL));
    Py_DECREF(previous);
    return result;
}

static PyMethodDef start_thread_method = {"start_thread", (PyCFunction)(void (*)(void))start_thread, METH_FASTCALL,
                                          NULL};

static PyObject *starter; /* what threading has from us; NULL: nothing */

/* Replaces threading's profile function, as threading.setprofile() does, which would let other threads run
 * meanwhile. */
static int set_starter(PyObject *threading, PyObject *function)
{
    return PyObject_SetAttrString(threading, "_profile_hook", function);
}

static int reach_new_threads(void)
{
    PyObject *threading = PyImport_ImportModule("threading");
    PyObject *previous = threading != NULL ? PyObject_GetAttrString(threading, "_profile_hook") : NULL;
    int result = -1;
    if (previous != NULL && (starter = PyCFunction_New(&start_thread_method, previous)) != NULL)
        result = set_starter(threading, starter);
    if (result < 0)
        Py_CLEAR(starter);
    Py_XDECREF(previous);
    Py_XDECREF(threading);
    return result;
}

/* Unless somebody else has taken the place meanwhile, or the interpreter is at its end. */
static void leave_new_threads(void)
{
    PyObject *modules = pycompat_modules();
    PyObject *threading = modules != NULL ? PyDict_GetItemString(modules, "threading") : NULL;
    PyObject *current = threading != NULL ? PyObject_GetAttrString(threading, "_profile_hook") : NULL;
    if (current == starter)
        set_starter(threading, PyCFunction_GET_SELF(starter));
    PyErr_Clear();
    Py_XDECREF(current);
    Py_CLEAR(starter);
}

/* Other threads that have no tracer any more put back what was there at their next event. */
static void setprofile_leave_threads(PyObject *state, bool builtins)
{
    if (--reaching > 0)
        return;
    leave_new_threads();
    if (thread_tracers.first == NULL && is_hooked())
        unhook();
}

static int setprofile_reach_threads(PyObject *state, bool builtins)
{
    if (reaching == 0 && reach_new_threads() < 0)
        return -1;
    reaching++;
    if (reach_running_threads() == 0)
        return 0;
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    setprofile_leave_threads(state, builtins);
    PyErr_Restore(type, value, traceback);
    return -1;
}

const struct hook hook_setprofile = {
    .name = "setprofile",
    .create = setprofile_create,
    .install = setprofile_install,
    .remove = setprofile_remove,
    .reach_threads = setprofile_reach_threads,
    .leave_threads = setprofile_leave_threads,
};
