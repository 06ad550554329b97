/* A fact of the sum has to be true of the sum.  What all sources agree on (the clock, the version of Python) stays as
 * it is; what they do not agree on (the process) is no fact of the sum and goes, unless it is a quantity that adds up,
 * or has an earliest or a largest value, and the table says so. */
#include "merge_facts.h"

#include <string.h>

enum fact_rule { RULE_SUM, RULE_SMALLEST, RULE_LARGEST };

static const struct {
    const char *name;
    enum fact_rule rule;
} rules[] = {
    {"calls_dropped", RULE_SUM},
    {"wall_time", RULE_SUM},
    {"start", RULE_SMALLEST},
    {"paths_cut", RULE_LARGEST},
};

static bool facts_equal(const struct fact *a, const struct fact *b)
{
    if (a->kind != b->kind)
        return false;
    if (a->kind == FACT_INTEGER)
        return a->integer == b->integer;
    if (a->kind == FACT_REAL)
        return a->real == b->real;
    return a->text->size == b->text->size && memcmp(a->text->bytes, b->text->bytes, a->text->size) == 0;
}

static bool all_agree(const struct fact *fact, const struct profile *const *sources, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct fact *other = profile_fact(sources[i], fact->name->bytes);
        if (!other || !facts_equal(fact, other))
            return false;
    }
    return true;
}

static int combine_integer(int64_t a, int64_t b, enum fact_rule rule, int64_t *result)
{
    if (rule == RULE_SUM)
        return __builtin_add_overflow(a, b, result) ? -1 : 0;
    *result = (a < b) == (rule == RULE_SMALLEST) ? a : b;
    return 0;
}

static double combine_real(double a, double b, enum fact_rule rule)
{
    if (rule == RULE_SUM)
        return a + b;
    return (a < b) == (rule == RULE_SMALLEST) ? a : b;
}

/* False when the values cannot be combined. */
static bool combine(struct fact *sum, const struct fact *fact, enum fact_rule rule)
{
    if (sum->kind != fact->kind || sum->kind == FACT_TEXT)
        return false;
    if (sum->kind == FACT_INTEGER)
        return combine_integer(sum->integer, fact->integer, rule, &sum->integer) == 0;
    sum->real = combine_real(sum->real, fact->real, rule);
    return true;
}

static int set_fact(struct profile *sum, const struct fact *fact)
{
    if (fact->kind == FACT_INTEGER)
        return profile_set_integer(sum, fact->name->bytes, fact->integer);
    if (fact->kind == FACT_REAL)
        return profile_set_real(sum, fact->name->bytes, fact->real);
    return profile_set_text(sum, fact->name->bytes, fact->text->bytes, fact->text->size);
}

/* Where a source lacks the fact, the others speak for it. */
static int merge_by_rule(struct profile *sum, const struct fact *fact, enum fact_rule rule,
                         const struct profile *const *sources, size_t count)
{
    struct fact total = *fact;
    bool first = true;
    for (size_t i = 0; i < count; i++) {
        const struct fact *other = profile_fact(sources[i], fact->name->bytes);
        if (!other)
            continue;
        if (first)
            total = *other;
        else if (!combine(&total, other, rule))
            return 0;
        first = false;
    }
    return set_fact(sum, &total);
}

static int merge_fact(struct profile *sum, const struct fact *fact, const struct profile *const *sources, size_t count)
{
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (strcmp(fact->name->bytes, rules[i].name) == 0)
            return merge_by_rule(sum, fact, rules[i].rule, sources, count);
    return all_agree(fact, sources, count) ? set_fact(sum, fact) : 0;
}

int merge_facts(struct profile *sum, const struct profile *const *sources, size_t count, struct error *error)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < sources[i]->fact_count; j++) {
            const struct fact *fact = &sources[i]->facts[j];
            if (profile_fact(sum, fact->name->bytes))
                continue;
            if (merge_fact(sum, fact, sources, count) < 0)
                return error_set_memory(error);
        }
    }
    return 0;
}
