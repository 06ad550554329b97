/* sys.monitoring (PEP 669).  Its events are global to the interpreter, so they are switched on with the first tracer of
 * any thread and off with the last; each callback looks at the tracers of its own thread only.  The callbacks carry
 * their own vectorcall slot: no argument tuple, no method binding. */
#include "hook.h"

#if PYCOMPAT_HAS_MONITORING

#include <stdbool.h>

#include "core/tracer.h"
#include "label.h"

typedef struct {
    PyObject_HEAD
    vectorcallfunc vectorcall;
    PyObject *missing; /* sys.monitoring.MISSING, immortal */
} EventCallback;

static inline struct tracer *settled_tracers(void)
{
    hook_bring_up_to_date();
    return thread_tracers.first;
}

__attribute__((noinline)) static PyObject *enter_all(const void *key, PyObject *const *arguments)
{
    for (struct tracer *tracer = settled_tracers(); tracer != NULL; tracer = tracer->next)
        if (tracer->builtins)
            tracer_enter_slowly(tracer, key, SUBJECT_CALL, arguments);
    Py_RETURN_NONE;
}

__attribute__((noinline)) static PyObject *leave_all(const void *key)
{
    for (struct tracer *tracer = settled_tracers(); tracer != NULL; tracer = tracer->next)
        if (tracer->builtins)
            tracer_leave_slowly(tracer, key);
    Py_RETURN_NONE;
}

/* A step of a coroutine begins, or of what else runs in steps. */
__attribute__((noinline)) static PyObject *begin_step(PyObject *code, bool resumes)
{
    const void *coroutine =
        hook_is_coroutine((PyCodeObject *)code) ? pycompat_running_coroutine(NULL) : NULL;
    for (struct tracer *tracer = settled_tracers(); tracer != NULL; tracer = tracer->next) {
        tracer_enter_slowly(tracer, code, SUBJECT_CODE, code);
        if (coroutine != NULL)
            tracer_step_begun(tracer, coroutine, resumes);
    }
    Py_RETURN_NONE;
}

__attribute__((noinline)) static PyObject *end_step(PyObject *code, bool suspends)
{
    const void *coroutine =
        hook_is_coroutine((PyCodeObject *)code) ? pycompat_running_coroutine(NULL) : NULL;
    for (struct tracer *tracer = settled_tracers(); tracer != NULL; tracer = tracer->next) {
        tracer_leave_slowly(tracer, code);
        if (coroutine != NULL)
            tracer_step_ended(tracer, coroutine, suspends);
    }
    Py_RETURN_NONE;
}

static inline PyObject *enter(PyObject *code, bool resumes)
{
    struct tracer *tracer = thread_tracers.functions;
    if (__builtin_expect(tracer == NULL, 0))
        return begin_step(code, resumes);
    tracer_enter(tracer, code, SUBJECT_CODE, code);
    Py_RETURN_NONE;
}

static inline PyObject *leave(PyObject *code, bool suspends)
{
    struct tracer *tracer = thread_tracers.functions;
    if (__builtin_expect(tracer == NULL, 0))
        return end_step(code, suspends);
    tracer_leave(tracer, code);
    Py_RETURN_NONE;
}

static PyObject *start_function(PyObject *self, PyObject *const *arguments, size_t flags, PyObject *names)
{
    return enter(arguments[0], false);
}

static PyObject *resume_function(PyObject *self, PyObject *const *arguments, size_t flags, PyObject *names)
{
    return enter(arguments[0], true);
}

/* Into a coroutine that is suspended, or that has not even begun. */
static PyObject *throw_function(PyObject *self, PyObject *const *arguments, size_t flags, PyObject *names)
{
    PyCodeObject *code = (PyCodeObject *)arguments[0];
    PyFrameObject *frame = hook_is_coroutine(code) ? PyEval_GetFrame() : NULL;
    return enter(arguments[0], frame == NULL || pycompat_resumes(frame, code));
}

static PyObject *suspend_function(PyObject *self, PyObject *const *arguments, size_t flags, PyObject *names)
{
    return leave(arguments[0], true);
}

static PyObject *end_function(PyObject *self, PyObject *const *arguments, size_t flags, PyObject *names)
{
    return leave(arguments[0], false);
}

/* What is neither a plain C function nor a method of a C type, or is not for one tracer alone. */
__attribute__((noinline)) static PyObject *enter_other(const PyMethodDef *key, PyObject *const *arguments)
{
    if (key == NULL)
        key = label_callable_key(arguments[2]);
    return key != NULL ? enter_all(key, arguments) : Py_NewRef(Py_None);
}

__attribute__((noinline)) static PyObject *leave_other(const PyMethodDef *key, PyObject *const *arguments)
{
    if (key == NULL)
        key = label_callable_key(arguments[2]);
    return key != NULL ? leave_all(key) : Py_NewRef(Py_None);
}

/* What a call comes to.  Types are told apart by their address: asking for a subtype walks the whole inheritance of
 * those that are none. */
enum call_sort { CALL_IGNORED, CALL_KEYED, CALL_OTHER };

/* Python functions, classes and bound methods are no C functions; a method without its object is left out, as by
 * cProfile. */
static inline enum call_sort call_sort(PyObject *self, PyObject *const *arguments, const PyMethodDef **key)
{
    PyObject *callable = arguments[2];
    PyTypeObject *type = Py_TYPE(callable);
    if (type == &PyFunction_Type || type == &PyType_Type || type == &PyMethod_Type)
        return CALL_IGNORED;
    if (type == &PyMethodDescr_Type) {
        *key = ((PyMethodDescrObject *)callable)->d_method;
        return arguments[3] != ((EventCallback *)self)->missing ? CALL_KEYED : CALL_IGNORED;
    }
    if (!label_is_plain_callable(callable))
        return CALL_OTHER;
    *key = ((PyCFunctionObject *)callable)->m_ml;
    return CALL_KEYED;
}

static PyObject *enter_callable(PyObject *self, PyObject *const *arguments, size_t flags, PyObject *names)
{
    const PyMethodDef *key = NULL;
    enum call_sort sort = call_sort(self, arguments, &key);
    if (sort == CALL_IGNORED)
        Py_RETURN_NONE;
    struct tracer *tracer = thread_tracers.callables;
    if (__builtin_expect(tracer == NULL || sort == CALL_OTHER, 0))
        return enter_other(key, arguments);
    tracer_enter(tracer, key, SUBJECT_CALL, arguments);
    Py_RETURN_NONE;
}

static PyObject *leave_callable(PyObject *self, PyObject *const *arguments, size_t flags, PyObject *names)
{
    const PyMethodDef *key = NULL;
    enum call_sort sort = call_sort(self, arguments, &key);
    if (sort == CALL_IGNORED)
        Py_RETURN_NONE;
    struct tracer *tracer = thread_tracers.callables;
    if (__builtin_expect(tracer == NULL || sort == CALL_OTHER, 0))
        return leave_other(key, arguments);
    tracer_leave(tracer, key);
    Py_RETURN_NONE;
}

static const struct {
    const char *name; /* in sys.monitoring.events */
    vectorcallfunc function;
    bool callable; /* for tracers that want calls of C functions only */
} events[] = {
    {"PY_START", start_function, false}, {"PY_RESUME", resume_function, false}, {"PY_THROW", throw_function, false},
    {"PY_RETURN", end_function, false},  {"PY_YIELD", suspend_function, false}, {"PY_UNWIND", end_function, false},
    {"CALL", enter_callable, true},      {"C_RETURN", leave_callable, true},    {"C_RAISE", leave_callable, true},
};
enum { EVENT_COUNT = sizeof events / sizeof events[0] };

/* The ids that sys.monitoring gives no name come first: a cProfile that starts later finds its own free. */
static const int tool_ids[] = {4, 3, 2, 5, 1, 0};
enum { TOOL_ID_COUNT = sizeof tool_ids / sizeof tool_ids[0] };

#define SHARED_KEY "profstat.monitoring"

typedef struct {
    PyObject_HEAD
    PyObject *monitoring; /* sys.monitoring */
    PyObject *name;       /* of the tool; its address tells our use of an id from anybody else's */
    PyObject *callbacks[EVENT_COUNT];
    long event_bits[EVENT_COUNT];
    int tool_id;
    size_t users;          /* tracers that want events, in all threads */
    size_t callable_users; /* of these, tracers that want calls of C functions */
} MonitoringState;

static void callback_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    Py_XDECREF(((EventCallback *)self)->missing);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyMemberDef callback_members[] = {
    {"__vectorcalloffset__", Py_T_PYSSIZET, offsetof(EventCallback, vectorcall), Py_READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

static PyType_Slot callback_slots[] = {
    {Py_tp_dealloc, callback_dealloc},
    {Py_tp_call, PyVectorcall_Call},
    {Py_tp_members, callback_members},
    {0, NULL},
};

static PyType_Spec callback_spec = {
    .name = "profstat._profstat.EventCallback",
    .basicsize = sizeof(EventCallback),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_VECTORCALL | Py_TPFLAGS_DISALLOW_INSTANTIATION |
             Py_TPFLAGS_IMMUTABLETYPE,
    .slots = callback_slots,
};

static void state_dealloc(PyObject *self)
{
    MonitoringState *state = (MonitoringState *)self;
    PyTypeObject *type = Py_TYPE(self);
    for (size_t i = 0; i < EVENT_COUNT; i++)
        Py_XDECREF(state->callbacks[i]);
    Py_XDECREF(state->monitoring);
    Py_XDECREF(state->name);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyType_Slot state_slots[] = {{Py_tp_dealloc, state_dealloc}, {0, NULL}};

static PyType_Spec state_spec = {
    .name = "profstat._profstat.MonitoringState",
    .basicsize = sizeof(MonitoringState),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = state_slots,
};

static PyObject *new_from_spec(PyType_Spec *spec)
{
    PyTypeObject *type = (PyTypeObject *)PyType_FromSpec(spec);
    if (type == NULL)
        return NULL;
    PyObject *object = type->tp_alloc(type, 0);
    Py_DECREF(type); /* the object holds its type */
    return object;
}

static int fill_event(MonitoringState *state, size_t i, PyObject *missing, PyObject *names)
{
    EventCallback *callback = (EventCallback *)new_from_spec(&callback_spec);
    if (callback == NULL)
        return -1;
    callback->vectorcall = events[i].function;
    callback->missing = Py_NewRef(missing);
    state->callbacks[i] = (PyObject *)callback;
    PyObject *bit = PyObject_GetAttrString(names, events[i].name);
    state->event_bits[i] = bit != NULL ? PyLong_AsLong(bit) : -1;
    Py_XDECREF(bit);
    return PyErr_Occurred() ? -1 : 0;
}

static int fill_state(MonitoringState *state)
{
    PyObject *monitoring = PySys_GetObject("monitoring");
    if (monitoring == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "sys.monitoring is gone");
        return -1;
    }
    state->monitoring = Py_NewRef(monitoring);
    state->name = PyUnicode_FromString("profstat");
    if (state->name == NULL)
        return -1;
    PyObject *missing = PyObject_GetAttrString(monitoring, "MISSING");
    PyObject *names = PyObject_GetAttrString(monitoring, "events");
    int result = missing != NULL && names != NULL ? 0 : -1;
    for (size_t i = 0; i < EVENT_COUNT && result == 0; i++)
        result = fill_event(state, i, missing, names);
    Py_XDECREF(missing);
    Py_XDECREF(names);
    return result;
}

/* One for the interpreter: the callbacks serve every tracer of a thread, so a second copy of the module (imported anew
 * after its removal from sys.modules) must not bring callbacks of its own. */
static PyObject *monitoring_create(void)
{
    PyObject *shared = PyInterpreterState_GetDict(PyInterpreterState_Get());
    PyObject *known = shared != NULL ? PyDict_GetItemString(shared, SHARED_KEY) : NULL;
    if (known != NULL)
        return Py_NewRef(known);
    MonitoringState *state = (MonitoringState *)new_from_spec(&state_spec);
    if (state != NULL && (fill_state(state) < 0 ||
                          (shared != NULL && PyDict_SetItemString(shared, SHARED_KEY, (PyObject *)state) < 0)))
        Py_CLEAR(state);
    return (PyObject *)state;
}

/* Calls a function of sys.monitoring whose result does not matter; takes over the reference. */
static int discard(PyObject *result)
{
    Py_XDECREF(result);
    return result != NULL ? 0 : -1;
}

static int set_callbacks(MonitoringState *state, bool ours)
{
    for (size_t i = 0; i < EVENT_COUNT; i++)
        if (discard(PyObject_CallMethod(state->monitoring, "register_callback", "ilO", state->tool_id,
                                        state->event_bits[i], ours ? state->callbacks[i] : Py_None)) < 0)
            return -1;
    return 0;
}

/* Asks for the events that somebody wants.  (CPython does not take C_RETURN and C_RAISE without CALL.) */
static int set_events(MonitoringState *state)
{
    long bits = 0;
    for (size_t i = 0; i < EVENT_COUNT; i++)
        if (events[i].callable ? state->callable_users > 0 : state->users > 0)
            bits |= state->event_bits[i];
    return discard(PyObject_CallMethod(state->monitoring, "set_events", "il", state->tool_id, bits));
}

static int take_tool_id(MonitoringState *state)
{
    for (size_t i = 0; i < TOOL_ID_COUNT; i++) {
        if (discard(PyObject_CallMethod(state->monitoring, "use_tool_id", "iO", tool_ids[i], state->name)) == 0) {
            state->tool_id = tool_ids[i];
            return 0;
        }
        if (!PyErr_ExceptionMatches(PyExc_ValueError))
            return -1;
        PyErr_Clear();
    }
    PyErr_SetString(PyExc_RuntimeError, "all tool ids of sys.monitoring are in use");
    return -1;
}

/* Somebody else may have freed our id, and somebody else again taken it.  An id that is free is taken back, since its
 * events and callbacks are still ours. */
static bool holds_tool_id(MonitoringState *state)
{
    PyObject *holder = PyObject_CallMethod(state->monitoring, "get_tool", "i", state->tool_id);
    bool ours = holder == state->name;
    if (holder == Py_None)
        ours = discard(PyObject_CallMethod(state->monitoring, "use_tool_id", "iO", state->tool_id, state->name)) == 0;
    Py_XDECREF(holder);
    PyErr_Clear();
    return ours;
}

static void report_failure(MonitoringState *state, int result)
{
    if (result < 0)
        PyErr_WriteUnraisable(state->monitoring);
}

/* Each step is taken whatever became of those before: an id that is not freed is lost for the process. */
static void switch_off(MonitoringState *state)
{
    if (!holds_tool_id(state))
        return;
    report_failure(state, set_events(state));
    report_failure(state, set_callbacks(state, false));
    report_failure(state, discard(PyObject_CallMethod(state->monitoring, "free_tool_id", "i", state->tool_id)));
}

static int switch_on(MonitoringState *state)
{
    if (take_tool_id(state) < 0)
        return -1;
    if (set_callbacks(state, true) == 0)
        return 0;
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    switch_off(state);
    PyErr_Restore(type, value, traceback);
    return -1;
}

static void forget_user(MonitoringState *state, bool builtins)
{
    state->users--;
    state->callable_users -= builtins;
    if (state->users == 0)
        switch_off(state);
    else if (builtins && state->callable_users == 0 && holds_tool_id(state))
        report_failure(state, set_events(state));
}

static int monitoring_reach_threads(PyObject *self, bool builtins)
{
    MonitoringState *state = (MonitoringState *)self;
    if (state->users == 0 && switch_on(state) < 0)
        return -1;
    state->users++;
    state->callable_users += builtins;
    bool changed = state->users == 1 || (builtins && state->callable_users == 1);
    if (!changed || set_events(state) == 0)
        return 0;
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    forget_user(state, builtins);
    PyErr_Restore(type, value, traceback);
    return -1;
}

static void monitoring_leave_threads(PyObject *self, bool builtins)
{
    forget_user((MonitoringState *)self, builtins);
}

/* Events come from all threads in any case. */
static int monitoring_install(PyObject *self, PyObject *profiler, bool builtins)
{
    return monitoring_reach_threads(self, builtins);
}

static void monitoring_remove(PyObject *self, enum hook_place place, bool builtins)
{
    monitoring_leave_threads(self, builtins);
}

const struct hook hook_monitoring = {
    .name = "monitoring",
    .create = monitoring_create,
    .install = monitoring_install,
    .remove = monitoring_remove,
    .reach_threads = monitoring_reach_threads,
    .leave_threads = monitoring_leave_threads,
};

#endif
