/* Floor 1.  Rules about the functions of a profile: "get_db_user ncalls <= 2", "json.* cumtime < 10%",
 * "ncalls <= base * 1.1". */
#ifndef PROFSTAT_RULE_H
#define PROFSTAT_RULE_H

#include <stdbool.h>

#include "base/alloc.h"
#include "base/error.h"
#include "grand_total.h"
#include "pattern.h"
#include "profile.h"

struct rule_field;
struct rule_operator;

/* The limit is share * (what all functions come to) + factor * (what the function was in the base) + number. */
struct rule {
    const struct allocator *allocator;
    char *text;              /* as written, without blanks around it */
    struct pattern *pattern; /* of the names for which it holds; NULL: all */
    const struct rule_field *field;
    const struct rule_operator *operator;
    double share;
    double factor;
    double number;
    bool about_base;
};

/* Reads a rule: an expression or nothing, one of ncalls, pcalls, tottime and cumtime, one of < <= > >= == !=, and a
 * number (of times: seconds, or with ms, us or ns behind it), a percentage, or base, to which "*", "+" or "-" and a
 * number may be applied.  An expression with a field and an operator in it is refused: a rule holds one comparison.
 * 0, or -1 with *error set (ERROR_ARGUMENT; memory) and nothing to release. */
int rule_init(struct rule *rule, const char *text, const struct allocator *allocator, struct error *error);
void rule_release(struct rule *rule);

/* What the rule is about: its field's name, and whether that is a time. */
const char *rule_field_name(const struct rule *rule);
bool rule_is_about_time(const struct rule *rule);
/* Of a function that may be NULL, which has nothing. */
double rule_value(const struct rule *rule, const struct function *function);
/* What all functions come to, by which a percentage is measured. */
double rule_whole(const struct rule *rule, const struct grand_total *total);
double rule_limit(const struct rule *rule, const struct grand_total *total, const struct function *base);
bool rule_holds(const struct rule *rule, double value, double limit);

#endif
