/* Contexts that outlive a scope still hold its object: it is passed over, and what was around it goes on. */
#include "scope.h"

#include "strand.h"

typedef struct Scope {
    PyObject_HEAD
    struct scope *scope; /* NULL: closed */
    PyObject *owner;
    struct Scope *outer;
    uint64_t number; /* no two have the same, ever */
} Scope;

static PyTypeObject *scope_type;
static PyObject *variable;
static uint64_t last_number;
static size_t open_scopes;

static int object_traverse(PyObject *object, visitproc visit, void *arg)
{
    Scope *self = (Scope *)object;
    Py_VISIT(Py_TYPE(object));
    Py_VISIT(self->owner);
    Py_VISIT(self->outer);
    return 0;
}

static int object_clear(PyObject *object)
{
    Scope *self = (Scope *)object;
    Py_CLEAR(self->owner); /* it closes the scope at its end */
    Py_CLEAR(self->outer);
    return 0;
}

static void object_dealloc(PyObject *object)
{
    Scope *self = (Scope *)object;
    PyTypeObject *type = Py_TYPE(object);
    PyObject_GC_UnTrack(object);
    Py_TRASHCAN_BEGIN(object, object_dealloc)
    Py_XDECREF(self->owner);
    Py_XDECREF(self->outer);
    type->tp_free(object);
    Py_DECREF(type);
    Py_TRASHCAN_END
}

static PyType_Slot type_slots[] = {
    {Py_tp_traverse, object_traverse}, {Py_tp_clear, object_clear}, {Py_tp_dealloc, object_dealloc}, {0, NULL}};

static PyType_Spec type_spec = {
    .name = "profstat._profstat.Scope",
    .basicsize = sizeof(Scope),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .slots = type_slots,
};

/* Made with the first scope, and kept: contexts may hold both for ever. */
static int prepare(void)
{
    if (scope_type == NULL && (scope_type = (PyTypeObject *)PyType_FromSpec(&type_spec)) == NULL)
        return -1;
    if (variable == NULL && (variable = PyContextVar_New("profstat.scope", NULL)) == NULL)
        return -1;
    return 0;
}

static Scope *open_one(Scope *scope)
{
    while (scope != NULL && scope->scope == NULL)
        scope = scope->outer;
    return scope;
}

/* The next one around it that is open.  Closed ones in between are let go: contexts that are copied from each other,
 * such as those of a task that starts its successor, would keep them all. */
static Scope *open_around(Scope *scope)
{
    Scope *outer = open_one(scope->outer);
    if (outer != scope->outer) {
        Scope *closed = scope->outer;
        scope->outer = (Scope *)Py_XNewRef((PyObject *)outer);
        Py_DECREF(closed);
    }
    return outer;
}

/* What a greenlet that has just begun finds in the context of the one that spawned it is its own from now on.  None is
 * nothing, for good. */
static PyObject *inherit(void)
{
    if (strand_here() == NULL)
        return NULL;
    PyObject *context = strand_spawner_context();
    PyObject *found = context != NULL ? PyObject_CallMethod(context, "get", "O", variable) : Py_NewRef(Py_None);
    Py_XDECREF(context);
    PyObject *token = found != NULL ? PyContextVar_Set(variable, found) : NULL;
    Py_XDECREF(token);
    return found;
}

/* The innermost scope of the current context that is open: borrowed from the context, or NULL. */
static Scope *current(void)
{
    PyObject *found = NULL;
    if (open_scopes == 0)
        return NULL;
    if (PyContextVar_Get(variable, NULL, &found) == 0 && found == NULL)
        found = inherit();
    PyErr_Clear();
    Py_XDECREF(found);
    return found != NULL && Py_TYPE(found) == scope_type ? open_one((Scope *)found) : NULL;
}

int scope_open(struct scope *scope)
{
    if (prepare() < 0 || scope->source->hook->reach_threads(scope->source->state, scope->builtins) < 0)
        return -1;
    Scope *self = (Scope *)scope_type->tp_alloc(scope_type, 0);
    if (self == NULL) {
        scope->source->hook->leave_threads(scope->source->state, scope->builtins);
        return -1;
    }
    self->scope = scope;
    self->owner = Py_NewRef(scope->owner);
    self->number = ++last_number;
    self->outer = (Scope *)Py_XNewRef((PyObject *)current());
    scope->object = (PyObject *)self;
    if (open_scopes++ == 0)
        attach_watch(true);
    return 0;
}

void scope_close(struct scope *scope)
{
    Scope *self = (Scope *)scope->object;
    if (self == NULL)
        return;
    scope->object = NULL;
    self->scope = NULL;
    if (--open_scopes == 0)
        attach_watch(false);
    scope->source->hook->leave_threads(scope->source->state, scope->builtins);
    Py_CLEAR(self->owner);
    Py_DECREF(self);
}

int scope_renew(struct scope *scope, bool builtins)
{
    const struct event_source *source = scope->source;
    if (source->hook->reach_threads(source->state, builtins) < 0)
        return -1;
    source->hook->leave_threads(source->state, scope->builtins);
    scope->builtins = builtins;
    attach_unsettle_threads();
    return 0;
}

static void follow_now(void)
{
    if (thread_tracers.generation != hook_generation)
        hook_settle_thread();
    hook_follow_context();
}

PyObject *scope_enter(struct scope *scope)
{
    PyObject *token = PyContextVar_Set(variable, scope->object);
    if (token != NULL)
        follow_now();
    return token;
}

void scope_leave(PyObject *token)
{
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    if (PyContextVar_Reset(variable, token) < 0)
        PyErr_WriteUnraisable(variable);
    Py_DECREF(token);
    follow_now();
    PyErr_Restore(type, value, traceback);
}

bool scope_covers(PyObject *owner)
{
    Scope *scope = current();
    while (scope != NULL && scope->owner != owner)
        scope = open_around(scope);
    return scope != NULL;
}

/* The outermost first, so that the innermost comes first in the thread's list.  Joining may collect garbage, and
 * that run anything. */
static void join(Scope *scope)
{
    Scope *outer = (Scope *)Py_XNewRef((PyObject *)open_around(scope));
    if (outer != NULL)
        join(outer);
    Py_XDECREF(outer);
    PyObject *owner = Py_XNewRef(scope->owner);
    if (scope->scope != NULL && owner != NULL && scope->scope->join(owner) < 0)
        PyErr_WriteUnraisable(owner);
    Py_XDECREF(owner);
}

static void follow_scope(void)
{
    Scope *scope = current();
    uint64_t number = scope != NULL ? scope->number : 0;
    if (number == thread_tracers.scope)
        return;
    thread_tracers.scope = number;
    Py_XINCREF(scope); /* the end of an owner may run anything */
    attach_detach_reached();
    if (scope != NULL)
        join(scope);
    Py_XDECREF(scope);
}

void hook_follow_context(void)
{
    PyThreadState *thread = PyThreadState_Get();
    PyObject *type, *value, *traceback;
    if (attach_thread_has_ended())
        return;
    PyErr_Fetch(&type, &value, &traceback);
    pycompat_suspend_events(thread);
    thread_tracers.followed_version = *thread_tracers.context_version;
    follow_scope();
    strand_follow();
    pycompat_resume_events(thread);
    PyErr_Restore(type, value, traceback);
}
