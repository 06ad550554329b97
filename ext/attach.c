/* The record of a thread hangs in its thread state's dictionary, so the interpreter itself says when the thread has
 * ended: in that thread, in the main thread at shutdown, or in the child after a fork, where the threads that did
 * not come along are cleared.  Only the thread itself may touch its thread-local list then. */
#include "attach.h"

#include "strand.h"

#define RECORD_KEY "profstat.thread"

struct thread_record {
    struct thread_tracers *tracers; /* the thread's own */
    struct attachment *first;
    struct thread_record *next; /* of another thread */
};

/* No scope's number: what the list is right for is not known. */
#define UNSETTLED_SCOPE UINT64_MAX

static struct thread_record *records; /* of all threads that ever had a tracer or were watched, and are alive */
static unsigned watches;              /* that go for all threads */

static _Thread_local struct thread_record *own_record;
static _Thread_local uint64_t ended_state; /* id of the thread's Python state that is being cleared, or was; 0: none */

/* Stands for what runs while a tracer is attached to no thread. */
static const char nowhere;

/* A thread that is to settle takes the slow way until it has. */
static void sort_out(struct thread_tracers *tracers)
{
    tracers->coroutines &= tracers->first != NULL;
    tracers->watchful = watches > 0 || tracers->coroutines;
    thread_tracers_sort_out(tracers);
    if (tracers->generation != hook_generation)
        tracers->functions = tracers->callables = NULL;
}

void attach_unsettle_threads(void)
{
    hook_generation++;
    for (struct thread_record *record = records; record != NULL; record = record->next)
        sort_out(record->tracers);
}

void attach_watch_thread(void)
{
    thread_tracers.coroutines = true;
    sort_out(&thread_tracers);
}

void attach_watch(bool on)
{
    unsigned before = watches;
    watches += on ? 1 : -1u;
    if (before == 0 || watches == 0)
        attach_unsettle_threads();
}

static PyObject *attachment_owner(const struct attachment *attachment)
{
    return attachment->tracer->client.context;
}

static void remove_hook(const struct attachment *attachment, enum hook_place place)
{
    if (!attachment->reached)
        attachment->source->hook->remove(attachment->source->state, place, attachment->builtins);
}

static void unlink_tracer(struct thread_tracers *tracers, struct tracer *tracer)
{
    struct tracer **list = &tracers->first;
    while (*list != tracer)
        list = &(*list)->next;
    *list = tracer->next;
    tracer->next = NULL;
    sort_out(tracers);
}

static void unlink_record(struct thread_record *record)
{
    struct thread_record **list = &records;
    while (*list != record)
        list = &(*list)->next;
    *list = record->next;
}

static void unlink_attachment(struct attachment *attachment)
{
    struct attachment **list = &attachment->thread->first;
    while (*list != attachment)
        list = &(*list)->next;
    *list = attachment->next;
    attachment->next = NULL;
    attachment->thread = NULL;
}

/* The thread may get another Python state.  The one that ends may run finalizers still, and has no dictionary any more
 * that would be cleared. */
static void forget_thread(void)
{
    own_record = NULL;
    ended_state = PyThreadState_GetID(PyThreadState_Get());
    thread_tracers.context_version = &thread_tracers.followed_version;
    thread_tracers.scope = 0;
    thread_tracers.generation = hook_generation - 1;
    sort_out(&thread_tracers);
}

/* The thread state is going away, and its profile function with it. */
static void record_end(PyObject *capsule)
{
    struct thread_record *record = PyCapsule_GetPointer(capsule, RECORD_KEY);
    bool here = record->tracers == &thread_tracers;
    while (record->first != NULL) {
        struct attachment *attachment = record->first;
        PyObject *owner = attachment_owner(attachment);
        if (here)
            unlink_tracer(record->tracers, attachment->tracer);
        else
            attachment->tracer->next = NULL;
        unlink_attachment(attachment);
        remove_hook(attachment, here ? HOOK_ENDING : HOOK_ELSEWHERE);
        attachment->orphaned(owner, here);
        Py_DECREF(owner);
    }
    unlink_record(record);
    if (own_record == record)
        forget_thread();
    PyMem_Free(record);
}

static struct thread_record *record_new(PyObject *thread_dict)
{
    struct thread_record *record = PyMem_Malloc(sizeof *record);
    if (record == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    *record = (struct thread_record){.tracers = &thread_tracers, .next = records};
    PyObject *capsule = PyCapsule_New(record, RECORD_KEY, record_end);
    if (capsule == NULL) {
        PyMem_Free(record);
        return NULL;
    }
    records = record;
    int result = PyDict_SetItemString(thread_dict, RECORD_KEY, capsule);
    Py_DECREF(capsule);
    if (result < 0)
        return NULL;
    thread_tracers.context_version = &PyThreadState_Get()->context_ver;
    return own_record = record;
}

bool attach_thread_has_ended(void)
{
    return ended_state != 0 && ended_state == PyThreadState_GetID(PyThreadState_Get());
}

static struct thread_record *record_of_this_thread(void)
{
    if (own_record != NULL)
        return own_record;
    if (attach_thread_has_ended()) {
        PyErr_SetString(PyExc_RuntimeError, "this thread is at its end");
        return NULL;
    }
    PyObject *thread_dict = PyThreadState_GetDict();
    if (thread_dict != NULL)
        return record_new(thread_dict);
    PyErr_SetString(PyExc_RuntimeError, "this thread has no Python state");
    return NULL;
}

int attach_settled(void)
{
    thread_tracers.generation = hook_generation;
    sort_out(&thread_tracers);
    if (thread_tracers.watchful && record_of_this_thread() == NULL)
        return -1;
    thread_tracers.followed_version = *thread_tracers.context_version - 1; /* to be followed anew */
    thread_tracers.scope = UNSETTLED_SCOPE;
    return 0;
}

bool attachment_is_here(const struct attachment *attachment)
{
    return attachment->thread != NULL && attachment->thread->tracers == &thread_tracers;
}

int attachment_attach(struct attachment *attachment)
{
    struct thread_record *record = record_of_this_thread();
    const struct event_source *source = attachment->source;
    PyObject *owner = attachment_owner(attachment);
    bool builtins = attachment->tracer->builtins;
    if (record == NULL || (!attachment->reached && source->hook->install(source->state, owner, builtins) < 0))
        return -1;
    tracer_switch(attachment->tracer, strand_here());
    Py_INCREF(owner);
    attachment->thread = record;
    attachment->builtins = builtins;
    attachment->next = record->first;
    record->first = attachment;
    attachment->tracer->next = thread_tracers.first;
    thread_tracers.first = attachment->tracer;
    sort_out(&thread_tracers);
    return 0;
}

static void detach(struct attachment *attachment, enum hook_place place)
{
    PyObject *owner = attachment_owner(attachment);
    unlink_tracer(attachment->thread->tracers, attachment->tracer);
    unlink_attachment(attachment);
    remove_hook(attachment, place);
    Py_DECREF(owner);
}

void attachment_detach(struct attachment *attachment)
{
    detach(attachment, attachment_is_here(attachment) ? HOOK_HERE : HOOK_ELSEWHERE);
}

/* The owner's end may run anything: after each the search begins anew. */
void attach_detach_reached(void)
{
    struct attachment *attachment = own_record != NULL ? own_record->first : NULL;
    while (attachment != NULL)
        if (attachment->reached) {
            tracer_switch(attachment->tracer, &nowhere);
            detach(attachment, HOOK_HERE);
            attachment = own_record->first;
        } else {
            attachment = attachment->next;
        }
}

static bool was_deleted(const struct attachment *attachment)
{
    PyObject *owner = attachment_owner(attachment);
    int own_references = 1 + (PyThreadState_Get()->c_profileobj == owner);
    return Py_REFCNT(owner) == own_references;
}

void attach_drop_deleted(void)
{
    struct thread_record *record = thread_tracers.first != NULL ? record_of_this_thread() : NULL;
    struct attachment *attachment = record != NULL ? record->first : NULL;
    while (attachment != NULL)
        if (was_deleted(attachment)) {
            attachment_detach(attachment);
            attachment = record->first; /* the owner's end may have run anything */
        } else {
            attachment = attachment->next;
        }
}
