#include "hook.h"

#include <string.h>

unsigned hook_generation;

static const struct hook *const hooks[] = {
#if PYCOMPAT_HAS_MONITORING
    &hook_monitoring,
#endif
    &hook_setprofile,
};

const struct hook *hook_choose(const char *name)
{
    if (name == NULL || *name == '\0')
        return hooks[0];
    for (size_t i = 0; i < sizeof hooks / sizeof hooks[0]; i++)
        if (strcmp(hooks[i]->name, name) == 0)
            return hooks[i];
    PyErr_Format(PyExc_ValueError,
                 "PROFSTAT_HOOK is '%s'; it can be 'setprofile' or, from CPython 3.12 on, 'monitoring'", name);
    return NULL;
}
