#include "crowd.h"

static struct crowd *crowds;

int crowd_gather(struct crowd *crowd)
{
    if (crowd->source->hook->reach_threads(crowd->source->state, crowd->builtins) < 0)
        return -1;
    crowd->gathered = true;
    crowd->next = crowds;
    crowds = crowd;
    attach_unsettle_threads();
    return 0;
}

void crowd_disperse(struct crowd *crowd)
{
    struct crowd **list = &crowds;
    if (!crowd->gathered)
        return;
    while (*list != crowd)
        list = &(*list)->next;
    *list = crowd->next;
    crowd->gathered = false;
    crowd->source->hook->leave_threads(crowd->source->state, crowd->builtins);
}

/* A thread that cannot join one crowd is not asked again: what it does is missing there, and reported once. */
void hook_settle_thread(void)
{
    PyThreadState *thread = PyThreadState_Get();
    PyObject *type, *value, *traceback;
    if (attach_thread_has_ended())
        return;
    PyErr_Fetch(&type, &value, &traceback);
    pycompat_suspend_events(thread);
    if (attach_settled() < 0)
        PyErr_WriteUnraisable(Py_None);
    struct crowd *next = NULL;
    for (struct crowd *crowd = crowds; crowd != NULL; crowd = next) {
        PyObject *leader = Py_NewRef(crowd->leader);
        if (crowd->join(leader) < 0)
            PyErr_WriteUnraisable(leader);
        next = crowd->gathered ? crowd->next : NULL; /* joining may collect garbage, and that run anything */
        Py_DECREF(leader);
    }
    pycompat_resume_events(thread);
    PyErr_Restore(type, value, traceback);
}
