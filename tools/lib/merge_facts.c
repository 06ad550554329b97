/* A fact of the sum has to be true of the sum.  Texts (the command, the version of Python) are listed, each once.
 * Numbers on which all sources agree are kept; of the others those stay that add up or have an earliest value, as the
 * table says, and the rest (the process) goes.  A source without a fact, such as a file of cProfile, leaves it to the
 * others, but for the call paths: where one source lacks them, the paths of the sum are cut. */
#include "merge_facts.h"

#include <string.h>

#include "base/buffer.h"

enum fact_rule { RULE_AGREE, RULE_SUM, RULE_SMALLEST };

static const struct {
    const char *name;
    enum fact_rule rule;
} rules[] = {{"dropped", RULE_SUM}, {"enabled", RULE_SUM}, {"started", RULE_SMALLEST}};

static const char PATHS[] = "paths", PATHS_CUT[] = "cut", BETWEEN_TEXTS[] = "; ";

struct fact_merge {
    struct profile *sum;
    const struct profile *const *sources;
    size_t count;
};

static bool texts_equal(const struct fact *a, const struct fact *b)
{
    return a->text->size == b->text->size && memcmp(a->text->bytes, b->text->bytes, a->text->size) == 0;
}

static bool is_text(const struct fact *fact)
{
    return fact && fact->kind == FACT_TEXT;
}

/* Whether a source before this one says the same. */
static bool is_repeated(const struct fact_merge *merge, const struct fact *fact, size_t source)
{
    for (size_t i = 0; i < source; i++) {
        const struct fact *other = profile_fact(merge->sources[i], fact->name->bytes);
        if (is_text(other) && texts_equal(fact, other))
            return true;
    }
    return false;
}

static int merge_texts(const struct fact_merge *merge, const char *name)
{
    struct buffer texts;
    buffer_init(&texts, merge->sum->allocator);
    for (size_t i = 0; i < merge->count; i++) {
        const struct fact *fact = profile_fact(merge->sources[i], name);
        if (!is_text(fact) || is_repeated(merge, fact, i))
            continue;
        buffer_append_string(&texts, texts.size ? BETWEEN_TEXTS : "");
        buffer_append(&texts, fact->text->bytes, fact->text->size);
    }
    int result =
        texts.failed ? -1 : profile_set_text(merge->sum, name, texts.size ? (const char *)texts.data : "", texts.size);
    buffer_release(&texts);
    return result;
}

static int merge_paths(const struct fact_merge *merge)
{
    const struct fact *first = profile_fact(merge->sources[0], PATHS);
    bool agree = is_text(first);
    for (size_t i = 1; i < merge->count && agree; i++) {
        const struct fact *fact = profile_fact(merge->sources[i], PATHS);
        agree = is_text(fact) && texts_equal(first, fact);
    }
    const char *text = agree ? first->text->bytes : PATHS_CUT;
    return profile_set_text(merge->sum, PATHS, text, agree ? first->text->size : strlen(text));
}

static enum fact_rule rule_for(const char *name)
{
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (strcmp(name, rules[i].name) == 0)
            return rules[i].rule;
    return RULE_AGREE;
}

/* Each adds `more` to *sum; false when there is no such sum. */
static bool combine_integers(int64_t *sum, int64_t more, enum fact_rule rule)
{
    if (rule == RULE_SUM)
        return !__builtin_add_overflow(*sum, more, sum);
    if (rule == RULE_SMALLEST)
        *sum = more < *sum ? more : *sum;
    return rule == RULE_SMALLEST || *sum == more;
}

static bool combine_reals(double *sum, double more, enum fact_rule rule)
{
    if (rule == RULE_SUM)
        *sum += more;
    else if (rule == RULE_SMALLEST)
        *sum = more < *sum ? more : *sum;
    return rule != RULE_AGREE || *sum == more;
}

static int merge_numbers(const struct fact_merge *merge, const struct fact *fact)
{
    const char *name = fact->name->bytes;
    enum fact_rule rule = rule_for(name);
    struct fact sum = *fact;
    size_t i = 0;
    while (profile_fact(merge->sources[i], name) != fact)
        i++;
    for (i++; i < merge->count; i++) {
        const struct fact *other = profile_fact(merge->sources[i], name);
        if (!other)
            continue;
        if (other->kind != sum.kind || !(sum.kind == FACT_REAL ? combine_reals(&sum.real, other->real, rule)
                                                               : combine_integers(&sum.integer, other->integer, rule)))
            return 0;
    }
    return sum.kind == FACT_REAL ? profile_set_real(merge->sum, name, sum.real)
                                 : profile_set_integer(merge->sum, name, sum.integer);
}

/* `fact` is the first of its name. */
static int merge_fact(const struct fact_merge *merge, const struct fact *fact)
{
    if (strcmp(fact->name->bytes, PATHS) == 0)
        return merge_paths(merge);
    return is_text(fact) ? merge_texts(merge, fact->name->bytes) : merge_numbers(merge, fact);
}

static bool is_first(const struct fact_merge *merge, const struct fact *fact, size_t source)
{
    for (size_t i = 0; i < source; i++)
        if (profile_fact(merge->sources[i], fact->name->bytes))
            return false;
    return true;
}

int merge_facts(struct profile *sum, const struct profile *const *sources, size_t count, struct error *error)
{
    struct fact_merge merge = {sum, sources, count};
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < sources[i]->fact_count; j++)
            if (is_first(&merge, &sources[i]->facts[j], i) && merge_fact(&merge, &sources[i]->facts[j]) < 0)
                return error_set_memory(error);
    return 0;
}
