#include "graph_part.h"

#include <string.h>

#include "profiles.h"
#include "support.h"

enum { MAIN, F, G, H, ALONE };

/* main calls f and g, these call h, and h calls g; alone is called by none. */
static int fill(struct profile *profile)
{
    static const char *const names[] = {"main", "f", "g", "h", "alone"};
    static const uint32_t pairs[][2] = {{F, MAIN}, {G, MAIN}, {H, F}, {H, G}, {G, H}};
    for (size_t i = 0; i < 5; i++)
        if (profiles_list(profile, "m.py", 1, names[i], 1, 1, 5.0 - (double)i) == PROFILE_NO_FUNCTION)
            return -1;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        if (!profiles_call(profile, pairs[i][0], pairs[i][1], 1, 0, 1))
            return -1;
    return 0;
}

/* `shown` has a letter for each function: x is shown. */
static void assert_shown(const char *root, const char *leaf, double least, const char *shown)
{
    struct profile profile;
    struct graph graph;
    struct graph_part part;
    struct pattern *roots = root ? pattern_new(root, &allocator_libc, NULL) : NULL;
    struct pattern *leaves = leaf ? pattern_new(leaf, &allocator_libc, NULL) : NULL;
    struct graph_request request = {roots, leaves, least};
    profile_init(&profile, &allocator_libc);
    ck_assert_int_eq(fill(&profile), 0);
    ck_assert_int_eq(graph_init(&graph, &profile, NULL), 0);
    ck_assert_int_eq(graph_part_init(&part, &profile, &graph, &request, NULL), 0);
    ck_assert_uint_eq(part.count, 5);
    for (size_t i = 0; i < part.count; i++)
        ck_assert_msg(part.shown[i] == (shown[i] == 'x'), "%s", profile.functions[i].label.name->bytes);
    graph_part_release(&part);
    graph_release(&graph);
    profile_release(&profile);
    pattern_free(roots);
    pattern_free(leaves);
}

START_TEST(functions_are_chosen_by_time_and_by_what_they_call)
{
    assert_shown(NULL, NULL, 0, "xxxxx");
    assert_shown(NULL, NULL, 3, "xxx--");
    assert_shown("\\(f\\)", NULL, 0, "-xxx-");
    assert_shown("\\(g\\)", NULL, 0, "--xx-");
    assert_shown("\\(g\\)", NULL, 3, "--x--");
    assert_shown(NULL, "\\(f\\)", 0, "xx---");
    assert_shown(NULL, "\\(h\\)", 0, "xxxx-");
    assert_shown("\\(f\\)", "\\(g\\)", 0, "-xxx-");
    assert_shown("alone", NULL, 0, "----x");
    assert_shown("alone", "main", 0, "-----");
}
END_TEST

START_TEST(a_pattern_must_match)
{
    struct profile profile;
    struct graph graph;
    struct graph_part part;
    struct error error = {0};
    struct pattern *pattern = pattern_new("nobody", &allocator_libc, NULL);
    struct graph_request request = {.leaf = pattern};
    profile_init(&profile, &allocator_libc);
    ck_assert_int_eq(fill(&profile), 0);
    ck_assert_int_eq(graph_init(&graph, &profile, NULL), 0);
    ck_assert_int_eq(graph_part_init(&part, &profile, &graph, &request, &error), -1);
    ck_assert_int_eq(error.code, ERROR_NOTHING);
    graph_release(&graph);
    profile_release(&profile);
    pattern_free(pattern);
}
END_TEST

static int make(const struct allocator *allocator, void *pattern)
{
    struct profile profile;
    struct graph graph;
    struct graph_part part;
    struct graph_request request = {.root = pattern, .leaf = pattern};
    profile_init(&profile, allocator);
    int result = fill(&profile);
    if (result == 0)
        result = graph_init(&graph, &profile, NULL);
    if (result == 0) {
        result = graph_part_init(&part, &profile, &graph, &request, NULL);
        if (result == 0)
            graph_part_release(&part);
        graph_release(&graph);
    }
    profile_release(&profile);
    return result;
}

START_TEST(says_when_memory_is_short)
{
    struct pattern *pattern = pattern_new("f", &allocator_libc, NULL);
    test_fail_each_allocation(make, pattern);
    pattern_free(pattern);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("graph_part");
    TCase *tcase = tcase_create("graph_part");
    tcase_add_test(tcase, functions_are_chosen_by_time_and_by_what_they_call);
    tcase_add_test(tcase, a_pattern_must_match);
    tcase_add_test(tcase, says_when_memory_is_short);
    suite_add_tcase(suite, tcase);
    return test_main(suite);
}
