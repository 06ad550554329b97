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

/* Whether it is a C function or bound method of one of the usual types. */
static inline bool label_is_plain_callable(PyObject *callable)
{
    return Py_IS_TYPE(callable, &PyCFunction_Type) || Py_IS_TYPE(callable, &PyCMethod_Type);
}

/* The identity of a C function or bound method; NULL for any other callable. */
const PyMethodDef *label_callable_key(PyObject *callable);

/* As tracer_client.describe.  The description is a new reference: the code object itself, or for C functions the str
 * that cProfile gives them.  Runs the repr() of C types; a pending exception is kept. */
int label_describe(const struct label_policy *policy, enum subject_kind kind, const void *subject,
                   struct traced_function *function);

#endif
