/* A rule is read from its operator, the last one in it: before it stands the field, and what is left there is the
 * expression, which may hold anything. */
#include "rule.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char BLANKS[] = " \t", OPERATORS[] = "<>=!";

struct rule_field {
    const char *name;
    bool time;
    double (*value)(const struct function *function);
    double (*whole)(const struct grand_total *total);
};

static double value_of_ncalls(const struct function *function)
{
    return (double)function->ncalls;
}

static double value_of_pcalls(const struct function *function)
{
    return (double)function->primitive;
}

static double value_of_tottime(const struct function *function)
{
    return function->tottime;
}

static double value_of_cumtime(const struct function *function)
{
    return function->cumtime;
}

static double whole_ncalls(const struct grand_total *total)
{
    return (double)total->ncalls;
}

static double whole_pcalls(const struct grand_total *total)
{
    return (double)total->primitive;
}

static double whole_time(const struct grand_total *total)
{
    return total->tottime;
}

static const struct rule_field fields[] = {
    {"ncalls", false, value_of_ncalls, whole_ncalls},
    {"pcalls", false, value_of_pcalls, whole_pcalls},
    {"tottime", true, value_of_tottime, whole_time},
    {"cumtime", true, value_of_cumtime, whole_time},
};

struct rule_operator {
    const char *text;
    bool below, equal, above; /* whether it holds for a value that is so */
};

static const struct rule_operator operators[] = {
    {"<", true, false, false}, {"<=", true, true, false},  {">", false, false, true},
    {">=", false, true, true}, {"==", false, true, false}, {"!=", true, false, true},
};

static const struct {
    const char *text;
    double seconds;
} units[] = {{"ms", 1e-3}, {"us", 1e-6}, {"ns", 1e-9}, {"s", 1}};

static int refuse(const char *what, struct error *error)
{
    return error_set(error, ERROR_ARGUMENT, ERROR_NO_OFFSET,
                     "%s; a rule is [RE] FIELD OPERATOR VALUE, such as 'get_db_user ncalls <= 2', 'cumtime < 10%%' or "
                     "'ncalls <= base * 1.1'",
                     what);
}

/* A part of the rule's text. */
struct words {
    const char *start;
    const char *end;
};

static struct words trim(struct words words)
{
    while (words.start < words.end && strchr(BLANKS, *words.start))
        words.start++;
    while (words.end > words.start && strchr(BLANKS, words.end[-1]))
        words.end--;
    return words;
}

static size_t size_of(struct words words)
{
    return (size_t)(words.end - words.start);
}

static bool is_word(struct words words, const char *word)
{
    return size_of(words) == strlen(word) && memcmp(words.start, word, size_of(words)) == 0;
}

static int take_operator(struct rule *rule, struct words text, struct words *before, struct words *value,
                         struct error *error)
{
    struct words operator = {text.end, text.end};
    while (operator.end > text.start && !strchr(OPERATORS, operator.end[-1]))
        operator.end--;
    operator.start = operator.end;
    while (operator.start > text.start && size_of(operator) < 2 && strchr(OPERATORS, operator.start[-1]))
        operator.start--;
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++)
        if (is_word(operator, operators[i].text))
            rule->operator = &operators[i];
    *before = trim((struct words){text.start, operator.start});
    *value = trim((struct words){operator.end, text.end});
    return rule->operator ? 0 : refuse("no operator (< <= > >= == !=)", error);
}

static int take_field(struct rule *rule, struct words *before, struct error *error)
{
    struct words field = *before;
    field.start = field.end;
    while (field.start > before->start && !strchr(BLANKS, field.start[-1]))
        field.start--;
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (is_word(field, fields[i].name))
            rule->field = &fields[i];
    *before = trim((struct words){before->start, field.start});
    return rule->field ? 0 : refuse("no field (ncalls, pcalls, tottime, cumtime) before the operator", error);
}

static bool begins_with(struct words words, const char *text)
{
    return size_of(words) >= strlen(text) && memcmp(words.start, text, strlen(text)) == 0;
}

/* A field, and an operator behind it. */
static bool begins_with_comparison(struct words words)
{
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        if (!begins_with(words, fields[i].name))
            continue;
        struct words behind = trim((struct words){words.start + strlen(fields[i].name), words.end});
        for (size_t j = 0; j < sizeof operators / sizeof *operators; j++)
            if (begins_with(behind, operators[j].text))
                return true;
    }
    return false;
}

/* What is meant by "ncalls > 1 and ncalls" is not an expression. */
static bool holds_comparison(struct words words)
{
    for (const char *at = words.start; at < words.end; at++)
        if ((at == words.start || strchr(BLANKS, at[-1])) && begins_with_comparison((struct words){at, words.end}))
            return true;
    return false;
}

static int take_pattern(struct rule *rule, struct words words, struct error *error)
{
    if (size_of(words) == 0)
        return 0;
    if (holds_comparison(words))
        return refuse("one rule holds one comparison (repeat --check for more)", error);
    char *text = allocator_resize(rule->allocator, NULL, size_of(words) + 1, 1);
    if (!text)
        return error_set_memory(error);
    memcpy(text, words.start, size_of(words));
    text[size_of(words)] = '\0';
    rule->pattern = pattern_new(text, rule->allocator, error);
    allocator_free(rule->allocator, text);
    return rule->pattern ? 0 : -1;
}

/* A number that is not negative, taken off the front; false when there is none. */
static bool take_number(struct words *words, double *number)
{
    char text[40];
    size_t size = size_of(*words) < sizeof text ? size_of(*words) : sizeof text - 1;
    memcpy(text, words->start, size);
    text[size] = '\0';
    text[strspn(text, "0123456789.eE+-")] = '\0';
    char *end;
    *number = strtod(text, &end);
    words->start += end - text;
    *words = trim(*words);
    return end != text && *number >= 0 && isfinite(*number);
}

static double unit_of(const struct rule *rule, struct words words)
{
    for (size_t i = 0; rule->field->time && i < sizeof units / sizeof *units; i++)
        if (is_word(words, units[i].text))
            return units[i].seconds;
    return size_of(words) == 0 ? 1 : 0;
}

/* A number, maybe with a unit, or a percentage: the whole of what it is a part of goes to *part. */
static int take_amount(const struct rule *rule, struct words words, double sign, double *part, double *number,
                       struct error *error)
{
    double amount;
    bool found = take_number(&words, &amount);
    if (found && is_word(words, "%")) {
        *part += sign * amount / 100;
        return 0;
    }
    double unit = unit_of(rule, words);
    if (!found || unit == 0)
        return refuse(rule->field->time ? "no number, time (s, ms, us, ns), percentage or base behind the operator"
                                        : "no number, percentage or base behind the operator",
                      error);
    *number += sign * amount * unit;
    return 0;
}

static int take_base(struct rule *rule, struct words words, struct error *error)
{
    rule->about_base = true;
    rule->factor = 1;
    if (size_of(words) == 0)
        return 0;
    char sign = *words.start++;
    words = trim(words);
    if (sign == '*')
        return take_number(&words, &rule->factor) && size_of(words) == 0 ? 0 : refuse("no number behind base *", error);
    if (sign != '+' && sign != '-')
        return refuse("base stands alone or before *, + or -", error);
    return take_amount(rule, words, sign == '+' ? 1 : -1, &rule->factor, &rule->number, error);
}

static int take_value(struct rule *rule, struct words words, struct error *error)
{
    static const char base[] = "base";
    size_t size = sizeof base - 1;
    if (size_of(words) < size || memcmp(words.start, base, size) != 0)
        return take_amount(rule, words, 1, &rule->share, &rule->number, error);
    words.start += size;
    return take_base(rule, trim(words), error);
}

static int read_rule(struct rule *rule, struct words text, struct error *error)
{
    struct words before, value;
    rule->text = allocator_resize(rule->allocator, NULL, size_of(text) + 1, 1);
    if (!rule->text)
        return error_set_memory(error);
    memcpy(rule->text, text.start, size_of(text));
    rule->text[size_of(text)] = '\0';
    if (take_operator(rule, text, &before, &value, error) < 0 || take_field(rule, &before, error) < 0 ||
        take_value(rule, value, error) < 0)
        return -1;
    return take_pattern(rule, before, error);
}

int rule_init(struct rule *rule, const char *text, const struct allocator *allocator, struct error *error)
{
    *rule = (struct rule){.allocator = allocator};
    int result = read_rule(rule, trim((struct words){text, text + strlen(text)}), error);
    if (result < 0)
        rule_release(rule);
    return result;
}

void rule_release(struct rule *rule)
{
    pattern_free(rule->pattern);
    allocator_free(rule->allocator, rule->text);
    rule->pattern = NULL;
    rule->text = NULL;
}

const char *rule_field_name(const struct rule *rule)
{
    return rule->field->name;
}

bool rule_is_about_time(const struct rule *rule)
{
    return rule->field->time;
}

double rule_value(const struct rule *rule, const struct function *function)
{
    return function ? rule->field->value(function) : 0;
}

double rule_whole(const struct rule *rule, const struct grand_total *total)
{
    return rule->field->whole(total);
}

double rule_limit(const struct rule *rule, const struct grand_total *total, const struct function *base)
{
    return rule->share * rule_whole(rule, total) + rule->factor * rule_value(rule, base) + rule->number;
}

bool rule_holds(const struct rule *rule, double value, double limit)
{
    const struct rule_operator *operator = rule->operator;
    return value < limit ? operator->below : value > limit ? operator->above : operator->equal;
}
