/* A description has to be made at the first call, while the callee's type is at hand.  cProfile's labels are kept to
 * the letter: they are what people search for in their reports. */
#include "label.h"

/* A new str, or NULL: "<module.name>", "<name>" for builtins and for functions without a module. */
static PyObject *describe_function(PyObject *module, const char *name)
{
    PyObject *module_name = NULL;
    if (module != NULL && PyUnicode_Check(module))
        module_name = Py_NewRef(module);
    else if (module != NULL && PyModule_Check(module))
        module_name = PyModule_GetNameObject(module);
    PyErr_Clear();
    if (module_name == NULL || PyUnicode_CompareWithASCIIString(module_name, "builtins") == 0) {
        Py_XDECREF(module_name);
        return PyUnicode_FromFormat("<%s>", name);
    }
    PyObject *label = PyUnicode_FromFormat("<%U.%s>", module_name, name);
    Py_DECREF(module_name);
    return label;
}

/* As PyObject_Repr, which lets signal handlers run: what one raises would be lost here, and it could not disable the
 * profiler. */
static PyObject *describe_object(PyObject *object)
{
    PyObject *label = Py_TYPE(object)->tp_repr(object);
    if (label != NULL && !PyUnicode_Check(label))
        Py_CLEAR(label);
    return label;
}

/* A new str, or NULL: the repr of what the name means on self's type, else "<built-in method module.name>". */
static PyObject *describe_method(PyObject *self, PyObject *module, const char *name)
{
    PyObject *key = PyUnicode_FromString(name);
    PyObject *attribute = key != NULL ? _PyType_Lookup(Py_TYPE(self), key) : NULL;
    Py_XDECREF(key);
    if (attribute != NULL) {
        Py_INCREF(attribute);
        PyObject *label = describe_object(attribute);
        Py_DECREF(attribute);
        if (label != NULL)
            return label;
    }
    PyErr_Clear();
    if (module != NULL && PyUnicode_Check(module))
        return PyUnicode_FromFormat("<built-in method %S.%s>", module, name);
    return PyUnicode_FromFormat("<built-in method %s>", name);
}

static PyObject *describe_callable(PyObject *callable)
{
    const PyCFunctionObject *function = (const PyCFunctionObject *)callable;
    const char *name = function->m_ml->ml_name;
    if (function->m_self == NULL)
        return describe_function(function->m_module, name);
    return describe_method(function->m_self, function->m_module, name);
}

static PyObject *describe_call(PyObject *const *arguments)
{
    PyObject *callable = arguments[2];
    if (PyCFunction_Check(callable))
        return describe_callable(callable);
    return describe_method(arguments[3], NULL, ((PyMethodDescrObject *)callable)->d_method->ml_name);
}

static bool file_is_hidden(const struct label_policy *policy, PyObject *code)
{
    return PySet_Contains(policy->hidden_files, ((PyCodeObject *)code)->co_filename) > 0;
}

enum { RESUMABLE = CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR };

static bool range_contains(const struct method_range *range, const void *key)
{
    for (size_t i = 0; i < range->count; i++)
        if (key == &range->methods[i])
            return true;
    return false;
}

static bool method_is_hidden(const struct label_policy *policy, const void *key)
{
    for (size_t i = 0; i < LABEL_HIDDEN_RANGES; i++)
        if (range_contains(&policy->hidden_methods[i], key))
            return true;
    return false;
}

const PyMethodDef *label_callable_key(PyObject *callable)
{
    return PyCFunction_Check(callable) ? ((PyCFunctionObject *)callable)->m_ml : NULL;
}

/* Nothing in it can fail, since file names are str: a pending exception may stay where it is. */
static void describe_code(const struct label_policy *policy, PyObject *code, struct traced_function *function)
{
    function->description = Py_NewRef(code);
    function->kind = ((PyCodeObject *)code)->co_flags & RESUMABLE ? CALL_RESUMABLE : CALL_PYTHON;
    function->hidden = file_is_hidden(policy, code);
}

int label_describe(const struct label_policy *policy, enum subject_kind kind, const void *subject,
                   struct traced_function *function)
{
    if (kind == SUBJECT_CODE) {
        describe_code(policy, (PyObject *)subject, function);
        return 0;
    }
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyObject *description = kind == SUBJECT_CALLABLE ? describe_callable((PyObject *)subject) : describe_call(subject);
    PyErr_Restore(type, value, traceback);
    function->description = description;
    function->kind = CALL_C;
    function->hidden = method_is_hidden(policy, function->key);
    return description != NULL ? 0 : -1;
}
