/* Adding and encoding keep the interpreter's lock, which is all the order that several threads need; only the file is
 * written without it. */
#include "profile_sum.h"

#include "facts.h"
#include "merge.h"
#include "module.h"
#include "profiler.h"
#include "statfile.h"

enum { PATH_LIMIT = 1 << 18 }; /* some ten MiB */

typedef struct {
    PyObject_HEAD
    struct profile profile;
    struct merge merge;
    bool broken; /* an addition failed half-way */
} ProfileSum;

static PyObject *sum_new(PyTypeObject *type, PyObject *arguments, PyObject *keywords)
{
    static char *names[] = {NULL};
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, ":ProfileSum", names))
        return NULL;
    ProfileSum *self = (ProfileSum *)type->tp_alloc(type, 0);
    if (self == NULL)
        return NULL;
    profile_init(&self->profile, &allocator_libc);
    merge_begin(&self->merge, &self->profile, PATH_LIMIT);
    return (PyObject *)self;
}

static void sum_dealloc(PyObject *object)
{
    ProfileSum *self = (ProfileSum *)object;
    PyTypeObject *type = Py_TYPE(object);
    merge_release(&self->merge);
    profile_release(&self->profile);
    type->tp_free(object);
    Py_DECREF(type);
}

static int check_whole(const ProfileSum *self)
{
    if (!self->broken)
        return 0;
    PyErr_SetString(PyExc_RuntimeError, "a profile could not be added, so the sum is none");
    return -1;
}

static PyObject *sum_add(PyObject *object, PyObject *profiler)
{
    ProfileSum *self = (ProfileSum *)object;
    struct profile profile;
    struct error error = {0};
    struct module_state *state = PyType_GetModuleState(Py_TYPE(object));
    if (state == NULL || check_whole(self) < 0)
        return NULL;
    if (!PyObject_TypeCheck(profiler, state->profiler_type)) {
        PyErr_Format(PyExc_TypeError, "a Profiler can be added, not %.100s", Py_TYPE(profiler)->tp_name);
        return NULL;
    }
    int result = profiler_take_profile((Profiler *)profiler, &profile, false);
    if (result == 0 && (result = merge_add(&self->merge, &profile, &error)) < 0) {
        self->broken = true;
        profiler_raise_error(&error, NULL);
    }
    profile_release(&profile);
    return result == 0 ? Py_NewRef(Py_None) : NULL;
}

static int encode(ProfileSum *self, PyObject *facts, struct buffer *bytes)
{
    struct error error = {0};
    if (check_whole(self) < 0)
        return -1;
    if (merge_set_facts(&self->merge, &error) < 0) {
        profiler_raise_error(&error, NULL);
        return -1;
    }
    if (facts != Py_None && facts_add(&self->profile, facts) < 0)
        return -1;
    if (statfile_encode(&self->profile, bytes, &error) < 0) {
        profiler_raise_error(&error, NULL);
        return -1;
    }
    return 0;
}

static PyObject *sum_save(PyObject *object, PyObject *arguments)
{
    PyObject *path, *facts = Py_None;
    struct buffer bytes;
    if (!PyArg_ParseTuple(arguments, "O|O:save", &path, &facts))
        return NULL;
    buffer_init(&bytes, &allocator_libc);
    int result = encode((ProfileSum *)object, facts, &bytes);
    if (result == 0)
        result = profiler_store(path, &bytes);
    buffer_release(&bytes);
    return result == 0 ? Py_NewRef(Py_None) : NULL;
}

PyDoc_STRVAR(sum_doc,
"ProfileSum()\n"
"--\n\n"
"The sum of what several profilers recorded: statistics as pstats adds them, and each call path once.  Beyond 262,144\n"
"call paths those of further profiles are left out, and the paths count as cut.");

PyDoc_STRVAR(add_doc,
"add(profiler)\n\n"
"Add what the profiler has recorded so far.");

PyDoc_STRVAR(save_doc,
"save(path, facts=None)\n\n"
"Write a .stat file, through a temporary file and a rename.  facts: dict of str to str, int, float or bool, beside\n"
"those that hold for all profiles.  Raises OSError.");

static PyMethodDef sum_methods[] = {
    {"add", sum_add, METH_O, add_doc},
    {"save", sum_save, METH_VARARGS, save_doc},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot sum_slots[] = {
    {Py_tp_doc, (void *)sum_doc}, {Py_tp_new, sum_new}, {Py_tp_dealloc, sum_dealloc}, {Py_tp_methods, sum_methods},
    {0, NULL},
};

static PyType_Spec sum_spec = {
    .name = "profstat._profstat.ProfileSum",
    .basicsize = sizeof(ProfileSum),
    .flags = Py_TPFLAGS_DEFAULT | PYCOMPAT_TPFLAGS_IMMUTABLE,
    .slots = sum_slots,
};

PyTypeObject *profile_sum_type_new(PyObject *module)
{
    return (PyTypeObject *)PyType_FromModuleAndSpec(module, &sum_spec, NULL);
}
