#include "profiler.h"

#include <string.h>

#include "budget.h"
#include "label.h"
#include "strand.h"
#include "thread_name.h"

enum { DEFAULT_PATH_BYTES = 64 << 20 };

/* Where call paths are not wanted a small tree is the quickest record all the same. */
enum { UNWANTED_PATH_BYTES = 1 << 20 };

/* ---- as the tracer's client ---- */

static int describe(void *context, enum subject_kind kind, const void *subject, struct traced_function *function)
{
    Profiler *self = context;
    Py_INCREF(self); /* a repr() may do anything, but not end this profiler within its own event */
    if ((self->threads || self->context) && self->thread_name == NULL)
        self->thread_name = thread_name_here(); /* a thread gets its name after its first events */
    strand_look_for_greenlets();
    if (kind == SUBJECT_CODE && hook_is_coroutine(subject) && !thread_tracers.coroutines)
        attach_watch_thread();
    occupation_begin(&self->occupation);
    int result = label_describe(&self->state->labels, kind, subject, function);
    occupation_end(&self->occupation);
    Py_DECREF(self);
    return result;
}

static void forget(void *context, void *description)
{
    Py_DECREF((PyObject *)description);
}

static void end_of_thread(PyObject *object, bool here)
{
    Profiler *self = (Profiler *)object;
    if (!here)
        self->occupation.depth = 0; /* what ran in the thread ended with it */
    profiler_complete_running(self, here);
}

static void init_tracer(Profiler *self, struct clock clock, struct overhead overhead, bool paths, size_t max_path_bytes)
{
    if (!paths && max_path_bytes > UNWANTED_PATH_BYTES)
        max_path_bytes = UNWANTED_PATH_BYTES;
    struct tracer_options options = {
        .allocator = &allocator_libc,
        .clock = clock,
        .client = {describe, forget, self},
        .overhead = overhead,
        .paths = paths,
        .max_path_bytes = max_path_bytes,
    };
    tracer_init(&self->tracer, &options);
    self->times = (struct run_times){0};
}

/* ---- life ---- */

/* The module of the heap type that this file made, of which `type` is that one or a subclass. */
static PyObject *defining_module(PyTypeObject *type)
{
    for (; type != NULL; type = type->tp_base) {
        PyObject *module = type->tp_flags & Py_TPFLAGS_HEAPTYPE ? ((PyHeapTypeObject *)type)->ht_module : NULL;
        if (module != NULL && PyModule_GetDef(module) == &profstat_module)
            return module;
    }
    PyErr_SetString(PyExc_SystemError, "profstat's module is gone");
    return NULL;
}

static Profiler *all_profilers;

static void list_profiler(Profiler *self)
{
    self->next = all_profilers;
    self->link = &all_profilers;
    if (self->next != NULL)
        self->next->link = &self->next;
    all_profilers = self;
}

static void unlist_profiler(Profiler *self)
{
    *self->link = self->next;
    if (self->next != NULL)
        self->next->link = self->link;
}

static PyObject *profiler_new(PyTypeObject *type, PyObject *arguments, PyObject *keywords)
{
    PyObject *module = defining_module(type);
    Profiler *self = module != NULL ? (Profiler *)type->tp_alloc(type, 0) : NULL;
    if (self == NULL)
        return NULL;
    list_profiler(self);
    self->module = Py_NewRef(module);
    self->state = PyModule_GetState(module);
    self->attachment =
        (struct attachment){.tracer = &self->tracer, .source = &self->state->source, .orphaned = end_of_thread};
    self->subcalls = self->builtins = true;
    init_tracer(self, clock_wall(), (struct overhead){0}, true, DEFAULT_PATH_BYTES);
    return (PyObject *)self;
}

static int check_clock(PyObject *timer, const char *name, bool compensate)
{
    bool cpu = name != NULL && strcmp(name, "cpu") == 0;
    if (name == NULL)
        return -1;
    if (timer != NULL && cpu)
        PyErr_SetString(PyExc_ValueError, "timer and clock='cpu' exclude each other");
    else if (timer != NULL && compensate)
        PyErr_SetString(PyExc_ValueError, "compensate needs a built-in clock, not a timer");
    else
        return 0;
    return -1;
}

static struct clock make_clock(Profiler *self, PyObject *timer, double unit, const char *name)
{
    self->timer = (struct pyclock){
        .timer = Py_XNewRef(timer), .owner = (PyObject *)self, .unit = unit, .occupation = &self->occupation};
    if (timer != NULL)
        return pyclock_clock(&self->timer);
    return strcmp(name, "cpu") == 0 ? clock_cpu() : clock_wall();
}

/* A new reference, or NULL with an exception. */
static PyObject *call_measure(const char *clock_name, int builtins)
{
    PyThreadState *thread = PyThreadState_Get();
    pycompat_suspend_events(thread);
    PyObject *module = PyImport_ImportModule("profstat.overhead");
    PyObject *measured = module != NULL ? PyObject_CallMethod(module, "measure", "si", clock_name, builtins) : NULL;
    Py_XDECREF(module);
    pycompat_resume_events(thread);
    return measured;
}

/* profstat.overhead measures it, some times a process for each kind of profiler. */
static int measure_overhead(const char *clock_name, int builtins, struct overhead *overhead)
{
    struct clock clock = strcmp(clock_name, "cpu") == 0 ? clock_cpu() : clock_wall();
    double seconds[2 * CALL_KINDS], slower;
    PyObject *measured = call_measure(clock_name, builtins);
    int parsed = measured != NULL && PyArg_ParseTuple(measured, "ddddddd", &seconds[0], &seconds[1], &seconds[2],
                                                      &seconds[3], &seconds[4], &seconds[5], &slower);
    Py_XDECREF(measured);
    double tick = clock_seconds_per_tick(&clock);
    for (size_t i = 0; parsed && i < CALL_KINDS; i++) {
        overhead->inside[i] = (int64_t)(seconds[2 * i] / tick);
        overhead->outside[i] = (int64_t)(seconds[2 * i + 1] / tick);
    }
    if (parsed)
        overhead->slower = slower;
    return parsed ? 0 : -1;
}

static int profiler_init(PyObject *object, PyObject *arguments, PyObject *keywords)
{
    static char *names[] = {"timer",          "timeunit",   "subcalls", "builtins", "clock", "paths",
                            "max_path_bytes", "compensate", "threads",  "context",  NULL};
    Profiler *self = (Profiler *)object;
    PyObject *timer = NULL;
    double unit = 0.0;
    int subcalls = 1, builtins = 1, paths = 1, compensate = 0, threads = 0, context = 0;
    PyObject *clock = NULL;
    Py_ssize_t max_path_bytes = DEFAULT_PATH_BYTES;
    struct overhead overhead = {0};
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "|Odpp$Opnppp:Profiler", names, &timer, &unit, &subcalls,
                                     &builtins, &clock, &paths, &max_path_bytes, &compensate, &threads, &context))
        return -1;
    if (threads && context) {
        PyErr_SetString(PyExc_ValueError, "threads and context exclude each other");
        return -1;
    }
    if (max_path_bytes < 0) {
        PyErr_SetString(PyExc_ValueError, "max_path_bytes must not be negative");
        return -1;
    }
    if (timer == Py_None)
        timer = NULL;
    const char *clock_name = pyclock_name(clock);
    if (check_clock(timer, clock_name, compensate) < 0 ||
        (compensate && measure_overhead(clock_name, builtins, &overhead) < 0) ||
        profiler_refuse_if_busy(self, "initialise") < 0)
        return -1;
    profiler_stop(self);
    struct tracer old_tracer = self->tracer;
    PyObject *old_timer = self->timer.timer;
    PyObject *old_members = self->members;
    self->members = NULL;
    self->thread = 0;
    Py_CLEAR(self->thread_name);
    self->threads = threads;
    self->context = self->attachment.reached = context;
    self->subcalls = subcalls;
    self->builtins = builtins;
    init_tracer(self, make_clock(self, timer, unit, clock_name), overhead, paths, (size_t)max_path_bytes);
    tracer_release(&old_tracer); /* from here on anything may run, and finds a complete profiler */
    Py_XDECREF(old_timer);
    Py_XDECREF(old_members);
    return 0;
}

static int profiler_traverse(PyObject *object, visitproc visit, void *arg)
{
    Profiler *self = (Profiler *)object;
    Py_VISIT(Py_TYPE(object));
    Py_VISIT(self->module);
    Py_VISIT(self->timer.timer);
    Py_VISIT(self->members);
    Py_VISIT(self->scope.object);
    return 0;
}

Profiler *profiler_new_member(Profiler *leader)
{
    const struct tracer *like = &leader->tracer;
    Profiler *self = (Profiler *)profiler_new(leader->state->profiler_type, NULL, NULL);
    if (self == NULL)
        return NULL;
    self->threads = leader->threads;
    self->context = self->attachment.reached = leader->context;
    struct clock clock = make_clock(self, leader->timer.timer, leader->timer.unit, like->clock.name);
    init_tracer(self, clock, like->overhead, like->paths, like->tree.max_bytes);
    return self;
}

/* While attached the thread's list holds a reference: what is deallocated is detached. */
static void profiler_dealloc(PyObject *object)
{
    Profiler *self = (Profiler *)object;
    PyTypeObject *type = Py_TYPE(object);
    PyObject *error, *value, *traceback;
    PyObject_GC_UnTrack(object);
    PyErr_Fetch(&error, &value, &traceback);
    unlist_profiler(self);
    crowd_disperse(&self->crowd);
    scope_close(&self->scope);
    for (Py_ssize_t i = 1; profiler_part(self, i) != NULL; i++)
        profiler_stop(profiler_part(self, i));
    tracer_release(&self->tracer);
    PyErr_Restore(error, value, traceback);
    Py_XDECREF(self->members);
    Py_XDECREF(self->thread_name);
    Py_XDECREF(self->timer.timer);
    Py_XDECREF(self->module);
    type->tp_free(object);
    Py_DECREF(type);
}

/* ---- recording ---- */

static PyObject *profiler_enable(PyObject *object, PyObject *arguments, PyObject *keywords)
{
    static char *names[] = {"subcalls", "builtins", NULL};
    Profiler *self = (Profiler *)object;
    int subcalls = self->subcalls, builtins = self->builtins;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "|pp:enable", names, &subcalls, &builtins))
        return NULL;
    self->subcalls = subcalls;
    self->builtins = builtins;
    if (profiler_start(self) < 0)
        return NULL;
    Py_RETURN_NONE;
}

static PyObject *profiler_disable(PyObject *object, PyObject *unused)
{
    Profiler *self = (Profiler *)object;
    if (profiler_refuse_if_busy(self, "disable") < 0)
        return NULL;
    profiler_stop(self);
    if (profiler_check_memory(self) < 0)
        return NULL;
    Py_RETURN_NONE;
}

static void clear_one(Profiler *self)
{
    profiler_await(self);
    self->tracer.out_of_memory = false;
    self->times = (struct run_times){0};
    if (self->context ? profiler_is_recording(self) : attachment_active(&self->attachment))
        run_times_enable(&self->times);
    tracer_clear(&self->tracer);
}

static void clear_all(Profiler *self)
{
    for (Py_ssize_t i = 0; profiler_part(self, i) != NULL; i++) {
        Profiler *part = (Profiler *)Py_NewRef((PyObject *)profiler_part(self, i));
        clear_one(part);
        Py_DECREF(part);
    }
}

static PyObject *profiler_clear(PyObject *object, PyObject *unused)
{
    Profiler *self = (Profiler *)object;
    if (profiler_refuse_if_busy(self, "clear") < 0)
        return NULL;
    clear_all(self);
    Py_RETURN_NONE;
}

const char profiler_begin_in_child_doc[] =
"begin_in_child()\n\n"
"To be called in a process that was just forked: the profilers that record begin anew.";

PyObject *profiler_begin_in_child(PyObject *module, PyObject *unused)
{
    Profiler *profiler = (Profiler *)Py_XNewRef((PyObject *)all_profilers);
    while (profiler != NULL) {
        if (!profiler_is_busy(profiler) && profiler_is_recording(profiler))
            clear_all(profiler); /* may run anything */
        Profiler *next = (Profiler *)Py_XNewRef((PyObject *)profiler->next);
        Py_DECREF(profiler);
        profiler = next;
    }
    return Py_NewRef(Py_None);
}

static PyObject *call_here(Profiler *self, PyObject *const *arguments, Py_ssize_t count, PyObject *names)
{
    bool outermost = !attachment_is_here(&self->attachment);
    if (outermost && profiler_start(self) < 0)
        return NULL;
    self->ran = true;
    PyObject *result = PyObject_Vectorcall(arguments[0], arguments + 1, (size_t)(count - 1), names);
    if (outermost) {
        PyObject *type, *value, *traceback;
        PyErr_Fetch(&type, &value, &traceback);
        profiler_stop(self);
        PyErr_Restore(type, value, traceback);
    }
    return result;
}

static PyObject *call_in_context(Profiler *self, PyObject *const *arguments, Py_ssize_t count, PyObject *names)
{
    PyObject *token = profiler_enter_context(self);
    if (token == NULL)
        return NULL;
    self->ran = true;
    PyObject *result = PyObject_Vectorcall(arguments[0], arguments + 1, (size_t)(count - 1), names);
    scope_leave(token);
    return result;
}

static PyObject *profiler_call(PyObject *object, PyObject *const *arguments, Py_ssize_t count, PyObject *names)
{
    Profiler *self = (Profiler *)object;
    if (count < 1) {
        PyErr_SetString(PyExc_TypeError, "_call() needs a callable");
        return NULL;
    }
    self->ran = false;
    return self->context ? call_in_context(self, arguments, count, names) : call_here(self, arguments, count, names);
}

/* ---- the type ---- */

static PyObject *profiler_get_enabled(PyObject *object, void *unused)
{
    return PyBool_FromLong(profiler_is_recording((Profiler *)object));
}

PyDoc_STRVAR(profiler_doc,
"Profiler(timer=None, timeunit=0.0, subcalls=True, builtins=True, *, clock='wall', paths=True,\n"
"         max_path_bytes=67108864, compensate=False, threads=False, context=False)\n"
"--\n\n"
"Records the calls of the thread that enables it, of all threads, or of a context: how many, how long, from where.\n\n"
"timer     callable that gives the time, instead of the built-in clock: seconds as float or int, or, with a\n"
"          timeunit, integers\n"
"timeunit  what an integer of the timer is worth, in seconds\n"
"subcalls  also record from which caller each call came\n"
"builtins  also record calls of C functions\n"
"clock     'wall' (elapsed time) or 'cpu' (CPU time of the thread)\n"
"paths     record whole call paths, not only pairs of caller and callee\n"
"max_path_bytes  limit of the memory for call paths; beyond it only pairs are recorded, and counts and times\n"
"          stay exact\n"
"compensate  take off the times what tracing itself adds, as measured once in this process (some milliseconds);\n"
"          needs a built-in clock\n"
"threads   record all threads, those that run already and those that start later, each with a call tree of its own\n"
"context   record what runs in the context (contextvars) that enables it and in copies of that, in whatever thread\n\n"
"Raises ValueError for an unknown clock.  What goes wrong in the timer, even that it cannot be called, is reported\n"
"through sys.unraisablehook.");

PyDoc_STRVAR(enable_doc,
"enable(subcalls=True, builtins=True)\n\n"
"Start recording in this thread; what is recorded already is kept and added to.\n"
"An option that is not given stays as it is.  Raises RuntimeError when the profiler is enabled in another thread,\n"
"or from within its own timer.");

PyDoc_STRVAR(disable_doc,
"disable()\n\n"
"Stop recording; calls that are running count as ending now.\n"
"Raises MemoryError if memory ran out while recording (what was recorded until then is kept), RuntimeError from\n"
"within the profiler's own timer.");

PyDoc_STRVAR(clear_doc,
"clear()\n\n"
"Forget everything recorded so far, calls that are running included.\n"
"Raises RuntimeError from within the profiler's own timer.");

PyDoc_STRVAR(getstats_doc,
"getstats()\n\n"
"What is recorded so far, as a list of profiler_entry in first-call order: code, callcount, reccallcount,\n"
"totaltime, inlinetime (seconds), calls (None or a list of profiler_subentry with the same fields less calls).\n"
"Only completed calls count, those of all threads together.\n"
"Raises MemoryError if memory ran out while recording.");

PyDoc_STRVAR(stats_doc,
"_stats()\n\n"
"What is recorded so far as pstats has it: {(file, line, name): (cc, nc, tt, ct, {caller: (nc, cc, tt, ct)})},\n"
"times in seconds.  Functions with equal labels are summed.");

PyDoc_STRVAR(encode_doc,
"_encode(facts=None)\n\n"
"What is recorded so far as the bytes of a .stat file.  facts: dict of str to str, int, float or bool that is added\n"
"to the file's facts about the run.");

PyDoc_STRVAR(save_doc,
"_save(path, facts=None, if_ended=False)\n\n"
"Write a .stat file with what is recorded so far, through a temporary file and a rename.  With if_ended as if\n"
"recording ended now: the file has the running calls, too, which go on all the same.  In any thread.  Raises OSError.");

PyDoc_STRVAR(call_doc,
"_call(function, /, *args, **kwargs)\n\n"
"Call the function with recording enabled, leaving no row for this method, and return its result.\n"
"Where recording cannot be enabled the function is not called, and _ran is False.  With context the call covers what\n"
"runs in it; recording goes on until disable().");

PyDoc_STRVAR(over_budget_doc,
"_over_budget(budget)\n\n"
"The functions that were called more often than the dict of name to int allows, the names as a report has them:\n"
"list of (label, calls, calls allowed, {caller's label: calls}).");

PyMethodDef profiler_methods[] = {
    {"_call", (PyCFunction)(void (*)(void))profiler_call, METH_FASTCALL | METH_KEYWORDS, call_doc},
    {"_save", profiler_save, METH_VARARGS, save_doc},
    {"_encode", profiler_encode, METH_VARARGS, encode_doc},
    {"_stats", profiler_stats, METH_NOARGS, stats_doc},
    {"enable", (PyCFunction)(void (*)(void))profiler_enable, METH_VARARGS | METH_KEYWORDS, enable_doc},
    {"disable", profiler_disable, METH_NOARGS, disable_doc},
    {"clear", profiler_clear, METH_NOARGS, clear_doc},
    {"_over_budget", budget_over, METH_O, over_budget_doc},
    {"getstats", profiler_getstats, METH_NOARGS, getstats_doc},
    {NULL, NULL, 0, NULL},
};

static PyObject *profiler_get_ran(PyObject *object, void *unused)
{
    return PyBool_FromLong(((Profiler *)object)->ran);
}

static PyGetSetDef profiler_attributes[] = {
    {"enabled", profiler_get_enabled, NULL, "Whether it records now, in some thread (bool).", NULL},
    {"_ran", profiler_get_ran, NULL, "Whether the last _call() came to call its function (bool).", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot profiler_slots[] = {
    {Py_tp_doc, (void *)profiler_doc},
    {Py_tp_new, profiler_new},
    {Py_tp_init, profiler_init},
    {Py_tp_traverse, profiler_traverse},
    {Py_tp_dealloc, profiler_dealloc},
    {Py_tp_methods, profiler_methods},
    {Py_tp_getset, profiler_attributes},
    {0, NULL},
};

static PyType_Spec profiler_spec = {
    .name = "profstat._profstat.Profiler",
    .basicsize = sizeof(Profiler),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC | PYCOMPAT_TPFLAGS_IMMUTABLE,
    .slots = profiler_slots,
};

PyTypeObject *profiler_type_new(PyObject *module)
{
    PyTypeObject *type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &profiler_spec, NULL);
    if (type != NULL)
        type->tp_name = "_lsprof.Profiler"; /* stands in the labels of its methods only: a report has cProfile's rows */
    return type;
}
