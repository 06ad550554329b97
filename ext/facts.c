#include "facts.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

#include "utf8.h"

void run_times_enable(struct run_times *times)
{
    if (times->first_enabled == 0.0) {
        struct timespec now;
        clock_gettime(CLOCK_REALTIME, &now);
        times->first_enabled = (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
    }
    times->enabled_since = clock_monotonic_ns();
}

void run_times_disable(struct run_times *times)
{
    times->enabled_ns += clock_monotonic_ns() - times->enabled_since;
}

static int no_memory(void)
{
    PyErr_NoMemory();
    return -1;
}

static int set_text(struct profile *profile, const char *name, const char *text)
{
    return profile_set_text(profile, name, text, strlen(text));
}

static int set_object_text(struct profile *profile, const char *name, PyObject *text)
{
    PyObject *bytes = PyUnicode_AsEncodedString(text, "utf-8", "surrogatepass");
    if (bytes == NULL)
        return -1;
    int result = profile_set_text(profile, name, PyBytes_AS_STRING(bytes), (size_t)PyBytes_GET_SIZE(bytes));
    Py_DECREF(bytes);
    return result == 0 ? 0 : no_memory();
}

/* sys.argv in one line; a program may have removed or replaced it. */
static int set_command(struct profile *profile)
{
    PyObject *arguments = PySys_GetObject("argv");
    if (arguments == NULL || !PyList_Check(arguments))
        return 0;
    PyObject *space = PyUnicode_FromString(" ");
    PyObject *command = space != NULL ? PyUnicode_Join(space, arguments) : NULL;
    Py_XDECREF(space);
    if (command == NULL) {
        PyErr_Clear();
        return 0;
    }
    int result = set_object_text(profile, "command", command);
    Py_DECREF(command);
    return result;
}

/* Without a name the host is not said. */
static int set_host(struct profile *profile)
{
    char host[256] = "";
    if (gethostname(host, sizeof host - 1) < 0 || !utf8_is_valid(host, strlen(host)))
        return 0;
    return set_text(profile, "host", host);
}

static const char *path_state(const struct tracer *tracer, const struct losses *losses)
{
    if (!tracer->paths)
        return "none";
    return losses->paths_cut ? "cut" : "all";
}

static bool is_compensated(const struct tracer *tracer)
{
    static const struct overhead none;
    return memcmp(&tracer->overhead, &none, sizeof none) != 0;
}

int facts_fill(struct profile *profile, const struct tracer *tracer, const struct losses *losses,
               const struct run_times *times)
{
    if (set_text(profile, "clock", tracer->clock.name) < 0 || set_text(profile, "python", PY_VERSION) < 0 ||
        set_text(profile, "paths", path_state(tracer, losses)) < 0 ||
        profile_set_integer(profile, "compensated", is_compensated(tracer)) < 0 ||
        set_host(profile) < 0 || profile_set_integer(profile, "pid", (int64_t)getpid()) < 0 ||
        profile_set_integer(profile, "dropped", losses->dropped) < 0 ||
        profile_set_real(profile, "started", times->first_enabled) < 0 ||
        profile_set_real(profile, "enabled", (double)times->enabled_ns * 1e-9) < 0)
        return no_memory();
    return set_command(profile);
}

static int set_fact(struct profile *profile, PyObject *name, PyObject *value)
{
    if (!PyUnicode_Check(name)) {
        PyErr_Format(PyExc_TypeError, "a fact's name must be str, not %.100s", Py_TYPE(name)->tp_name);
        return -1;
    }
    const char *key = PyUnicode_AsUTF8(name);
    if (key == NULL)
        return -1;
    if (PyUnicode_Check(value))
        return set_object_text(profile, key, value);
    if (PyFloat_Check(value))
        return profile_set_real(profile, key, PyFloat_AS_DOUBLE(value)) == 0 ? 0 : no_memory();
    if (PyLong_Check(value)) {
        long long integer = PyLong_AsLongLong(value);
        if (integer == -1 && PyErr_Occurred())
            return -1;
        return profile_set_integer(profile, key, integer) == 0 ? 0 : no_memory();
    }
    PyErr_Format(PyExc_TypeError, "fact '%U' must be str, int, float or bool, not %.100s", name,
                 Py_TYPE(value)->tp_name);
    return -1;
}

int facts_add(struct profile *profile, PyObject *facts)
{
    if (!PyDict_Check(facts)) {
        PyErr_Format(PyExc_TypeError, "facts must be a dict or None, not %.100s", Py_TYPE(facts)->tp_name);
        return -1;
    }
    PyObject *name, *value;
    Py_ssize_t position = 0;
    while (PyDict_Next(facts, &position, &name, &value))
        if (set_fact(profile, name, value) < 0)
            return -1;
    return 0;
}
