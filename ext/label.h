/* Floor 2.  What a traced function is called: descriptions of code objects and C functions. */
#ifndef PROFSTAT_LABEL_H
#define PROFSTAT_LABEL_H

#include "pycompat.h"

#include "core/tracer.h"

/* A run of method definitions. */
struct method_range {
    const PyMethodDef *methods;
    size_t count;
};

enum { LABEL_HIDDEN_RANGES = 2 };

/* What is to be hidden from every profile. */
struct label_policy {
    PyObject *hidden_files; /* a set of co_filename; owned by the module */
    struct method_range hidden_methods[LABEL_HIDDEN_RANGES];
};

/* The identity of a C function or method; NULL for any other callable.  The usual types are told apart by their address:
 * asking for a subtype walks the whole inheritance of those that are none. */
static inline const PyMethodDef *label_callable_key(PyObject *callable)
{
    PyTypeObject *type = Py_TYPE(callable);
    if (type == &PyCFunction_Type)
        return ((PyCFunctionObject *)callable)->m_ml;
    if (type == &PyFunction_Type || type == &PyType_Type || type == &PyMethod_Type || !PyCFunction_Check(callable))
        return NULL;
    return ((PyCFunctionObject *)callable)->m_ml;
}

/* As tracer_client.describe.  The description is a new reference: the code object itself, or for C functions the str that
 * cProfile gives them.  Runs the repr() of C types; a pending exception is kept. */
int label_describe(const struct label_policy *policy, enum subject_kind kind, const void *subject,
                   struct traced_function *function);

#endif
