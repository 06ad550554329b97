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

void fact_merge_init(struct fact_merge *merge, const struct allocator *allocator)
{
    *merge = (struct fact_merge){.allocator = allocator};
    string_pool_init(&merge->strings, allocator);
}

void fact_merge_release(struct fact_merge *merge)
{
    for (size_t i = 0; i < merge->count; i++)
        allocator_free(merge->allocator, merge->list[i].texts);
    allocator_free(merge->allocator, merge->list);
    string_pool_release(&merge->strings);
    fact_merge_init(merge, merge->allocator);
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

static bool combine_numbers(struct fact *sum, const struct fact *more)
{
    enum fact_rule rule = rule_for(sum->name->bytes);
    if (sum->kind != more->kind)
        return false;
    return sum->kind == FACT_REAL ? combine_reals(&sum->real, more->real, rule)
                                  : combine_integers(&sum->integer, more->integer, rule);
}

static int add_text(struct fact_merge *merge, struct merged_fact *merged, const struct string *text)
{
    const struct string *own = string_pool_intern_string(&merge->strings, text);
    if (!own)
        return -1;
    for (size_t i = 0; i < merged->text_count; i++)
        if (merged->texts[i] == own)
            return 0;
    if (allocator_reserve(merge->allocator, &merged->texts, &merged->text_capacity, merged->text_count + 1,
                          sizeof *merged->texts) < 0)
        return -1;
    merged->texts[merged->text_count++] = own;
    return 0;
}

/* The entry for a fact of that name; NULL when memory is short. */
static struct merged_fact *find_or_add(struct fact_merge *merge, const struct fact *fact)
{
    const struct string *name = string_pool_intern_string(&merge->strings, fact->name);
    if (!name)
        return NULL;
    for (size_t i = 0; i < merge->count; i++)
        if (merge->list[i].fact.name == name)
            return &merge->list[i];
    if (allocator_reserve(merge->allocator, &merge->list, &merge->capacity, merge->count + 1, sizeof *merge->list) < 0)
        return NULL;
    struct merged_fact *merged = &merge->list[merge->count++];
    *merged = (struct merged_fact){.fact = *fact, .holds = true};
    merged->fact.name = name;
    return merged;
}

static int add_fact(struct fact_merge *merge, const struct fact *fact)
{
    size_t known = merge->count;
    struct merged_fact *merged = find_or_add(merge, fact);
    if (!merged)
        return -1;
    if (fact->kind == FACT_TEXT && merged->fact.kind == FACT_TEXT) {
        merged->profiles++;
        return add_text(merge, merged, fact->text);
    }
    if (merge->count == known)
        merged->holds = merged->holds && combine_numbers(&merged->fact, fact);
    return 0;
}

int fact_merge_add(struct fact_merge *merge, const struct profile *profile)
{
    merge->profile_count++;
    for (size_t i = 0; i < profile->fact_count; i++)
        if (add_fact(merge, &profile->facts[i]) < 0)
            return -1;
    return 0;
}

static int set_texts(const struct merged_fact *merged, struct profile *sum)
{
    struct buffer texts;
    buffer_init(&texts, sum->allocator);
    for (size_t i = 0; i < merged->text_count; i++) {
        buffer_append_string(&texts, i ? BETWEEN_TEXTS : "");
        buffer_append(&texts, merged->texts[i]->bytes, merged->texts[i]->size);
    }
    int result = -1;
    if (!texts.failed)
        result = profile_set_text(sum, merged->fact.name->bytes, (const char *)texts.data, texts.size);
    buffer_release(&texts);
    return result;
}

/* All agree on the paths where each has the same text. */
static int set_paths(const struct fact_merge *merge, const struct merged_fact *merged, struct profile *sum)
{
    bool agree = merged->fact.kind == FACT_TEXT && merged->text_count == 1 && merged->profiles == merge->profile_count;
    return agree ? set_texts(merged, sum) : profile_set_text(sum, PATHS, PATHS_CUT, strlen(PATHS_CUT));
}

static int set_fact(const struct fact_merge *merge, const struct merged_fact *merged, struct profile *sum)
{
    const struct fact *fact = &merged->fact;
    if (strcmp(fact->name->bytes, PATHS) == 0)
        return set_paths(merge, merged, sum);
    if (fact->kind == FACT_TEXT)
        return set_texts(merged, sum);
    if (!merged->holds)
        return 0;
    return fact->kind == FACT_REAL ? profile_set_real(sum, fact->name->bytes, fact->real)
                                   : profile_set_integer(sum, fact->name->bytes, fact->integer);
}

int fact_merge_finish(struct fact_merge *merge, struct profile *sum)
{
    sum->fact_count = 0;
    for (size_t i = 0; i < merge->count; i++)
        if (set_fact(merge, &merge->list[i], sum) < 0)
            return -1;
    return 0;
}
