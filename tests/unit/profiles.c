#include "profiles.h"

#include <check.h>

uint32_t profiles_function(struct profile *profile, const char *file, int64_t line, const char *name)
{
    const struct string *interned_file = string_pool_intern_c(&profile->strings, file);
    const struct string *interned_name = string_pool_intern_c(&profile->strings, name);

    if (!interned_file || !interned_name)
        return PROFILE_NO_FUNCTION;
    return profile_function(profile, interned_file, line, interned_name);
}

uint32_t profiles_list(struct profile *profile, const char *file, int64_t line, const char *name, int64_t ncalls,
                       double tottime, double cumtime)
{
    uint32_t position = profiles_function(profile, file, line, name);
    struct function *function;

    if (position == PROFILE_NO_FUNCTION)
        return position;
    function = &profile->functions[position];
    function->listed = true;
    function->ncalls = ncalls;
    function->primitive = ncalls;
    function->tottime = tottime;
    function->cumtime = cumtime;
    return position;
}

struct caller *profiles_call(struct profile *profile, uint32_t function, uint32_t caller, int64_t ncalls,
                             double tottime, double cumtime)
{
    struct caller *edge = NULL;

    if (function != PROFILE_NO_FUNCTION && caller != PROFILE_NO_FUNCTION)
        edge = profile_append_caller(profile, function, caller);
    if (edge)
        *edge = (struct caller){caller, false, ncalls, ncalls, tottime, cumtime};
    return edge;
}

static int fill_functions(struct profile *profile)
{
    uint32_t outside = profiles_function(profile, "/srv/outside.py", 1, "<module>");
    uint32_t login = profiles_list(profile, "/srv/table.py", 10, "login", 1, 0.125, 2.5);
    uint32_t user = profiles_list(profile, "/srv/table.py", 20, "get_db_user", 7, 0.5, 0.5);
    uint32_t sleep = profiles_list(profile, "~", 0, "<built-in method time.sleep>", 7, 1.875, 1.875);
    uint32_t umlaut = profiles_list(profile, "/srv/\xc3\xbcml\xc3\xa4ut.py", -1, "\xe5\x87\xbd\xe6\x95\xb0", 3, 0, 0);
    uint32_t escaped = profiles_list(profile, "/srv/\xed\xb3\xbf.py", INT64_MIN, "", (int64_t)1 << 40, -0.5, 1e300);
    struct caller *edge = profiles_call(profile, login, outside, 1, 0.125, 2.5);

    if (!edge || !profiles_call(profile, user, login, 7, 0.5, 0.5) ||
        !profiles_call(profile, sleep, login, 3, 0.75, 0.75) || !profiles_call(profile, sleep, user, 4, 1.125, 1.125) ||
        !profiles_call(profile, umlaut, umlaut, 2, 0, 0))
        return -1;
    profile->functions[umlaut].primitive = 1;
    edge = profiles_call(profile, umlaut, escaped, INT64_MAX / 4, 0, 0);
    if (!edge)
        return -1;
    edge->primitive = 1;
    edge = profiles_call(profile, escaped, user, 12, 0, 0);
    if (!edge)
        return -1;
    *edge = (struct caller){.function = user, .plain = true, .ncalls = 12};
    return 0;
}

static int fill_tree(struct profile *profile, const uint32_t *functions, uint32_t count)
{
    struct path_tree *tree = profile_append_tree(profile, count, 2);

    if (!tree)
        return -1;
    if (count % 2 && !(tree->thread = string_pool_intern_c(&profile->strings, "MainThread")))
        return -1;
    tree->columns[0].name = string_pool_intern_c(&profile->strings, "calls");
    tree->columns[0].unit = tree->columns[0].name;
    tree->columns[1].name = string_pool_intern_c(&profile->strings, "self");
    tree->columns[1].unit = string_pool_intern_c(&profile->strings, "ns");
    for (uint32_t node = 0; node < count; node++) {
        tree->parent[node] = node % 3 ? node - 1 : PROFILE_NO_PARENT;
        tree->function[node] = functions[node];
        tree->columns[0].values[node] = node;
        tree->columns[1].values[node] = node % 2 ? -(int64_t)node * 1000000000 : INT64_MAX;
    }
    return tree->columns[1].name && tree->columns[0].name && tree->columns[1].unit ? 0 : -1;
}

int profiles_fill(struct profile *profile)
{
    uint32_t functions[6];

    if (fill_functions(profile))
        return -1;
    functions[0] = profiles_function(profile, "/srv/table.py", 10, "login");
    functions[1] = profiles_function(profile, "/srv/only_in_paths.py", 5, "first");
    functions[2] = profiles_function(profile, "/srv/outside.py", 1, "<module>");
    functions[3] = profiles_function(profile, "/srv/only_in_paths.py", 6, "second");
    functions[4] = functions[0];
    functions[5] = functions[1];
    if (functions[1] == PROFILE_NO_FUNCTION || functions[3] == PROFILE_NO_FUNCTION)
        return -1;
    return fill_tree(profile, functions, 6) || fill_tree(profile, functions, 0) ||
                   profile_set_text(profile, "clock", "wall", 4) || profile_set_real(profile, "wall", 2.5) ||
                   profile_set_integer(profile, "process", 4000000000) ||
                   profile_set_text(profile, "command", "m\xc3\xbcll \0.py", 10)
               ? -1
               : 0;
}

void profiles_assert_numbers(const struct profile *profile, uint32_t position, int64_t ncalls, double tottime,
                             double cumtime)
{
    const struct function *function = &profile->functions[position];
    ck_assert(function->listed);
    ck_assert_int_eq(function->ncalls, ncalls);
    ck_assert_double_eq(function->tottime, tottime);
    ck_assert_double_eq(function->cumtime, cumtime);
}

void profiles_assert_edge(const struct profile *profile, uint32_t function, uint32_t caller, int64_t ncalls,
                          double tottime)
{
    const struct caller *edge = function_find_caller(&profile->functions[function], caller);
    ck_assert_ptr_nonnull(edge);
    ck_assert_int_eq(edge->ncalls, ncalls);
    ck_assert_double_eq(edge->tottime, tottime);
}

void profiles_assert_label(const struct profile *profile, uint32_t position, const char *file, const char *name)
{
    ck_assert_str_eq(profile->functions[position].label.file->bytes, file);
    ck_assert_str_eq(profile->functions[position].label.name->bytes, name);
}
