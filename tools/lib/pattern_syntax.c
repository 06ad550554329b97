/* One pass over the expression.  Nearly all of it means the same to both engines and is copied.  The differences:
 *
 *   \Z            Python: the very end                           ->  \z
 *   \v            Python: the character VT                       ->  \x0b
 *   \s \S         Python's white space includes U+001C..U+001F   ->  a class that has them
 *   \uXXXX ...    PCRE2 has no \u and \U                         ->  \x{XXXX}
 *   \1 \012       PCRE2 guesses; Python: three octal digits or a leading 0 are a character, else a group
 *   {,n}          PCRE2: literal                                 ->  {0,n}
 *   { alone       a literal to both, but not when blanks behind it are dropped  ->  \{
 *   (?x)          what it ignores is dropped here
 *   [ in a class  PCRE2: may begin a POSIX class                 ->  \[
 *   (?(name)...)  a condition on a group                         ->  (?(<name>)...)
 *   (?u)          Python's default                               ->  left out
 *
 * What only PCRE2 knows (\K, \R, \Q, (?R), (?|...), (*VERB), ...) is refused as Python refuses it, so that an
 * expression never means something else than it does to pstats. */
#include "pattern_syntax.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* As deep as PCRE2 takes groups. */
enum { GROUP_DEPTH = 250 };

struct translation {
    const char *at;
    const char *start;
    struct buffer *out;
    struct error *error;
    bool verbose;                    /* here: blanks and comments mean nothing */
    bool outer_verbose[GROUP_DEPTH]; /* around each group that is open */
    size_t depth;
    enum { LAST_NOTHING, LAST_ITEM, LAST_QUANTIFIER } last; /* what a quantifier here would repeat */
    bool begun;                                             /* behind something that is not a flag or a comment */
};

static int refuse(struct translation *t, const char *what)
{
    return error_set(t->error, ERROR_ARGUMENT, ERROR_NO_OFFSET, "%s at position %zu", what, (size_t)(t->at - t->start));
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_octal(char c)
{
    return c >= '0' && c <= '7';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static void copy(struct translation *t, size_t count)
{
    buffer_append(t->out, t->at, count);
    t->at += count;
}

static int put_code(struct translation *t, unsigned long code)
{
    if (code > 0x10FFFF)
        return refuse(t, "no such character");
    if (code >= 0xD800 && code <= 0xDFFF)
        return refuse(t, "surrogates cannot be matched");
    buffer_append_format(t->out, "\\x{%lx}", code);
    return 0;
}

/* \xXX, \uXXXX, \UXXXXXXXX: exactly that many hexadecimal digits. */
static int translate_hex(struct translation *t, size_t digits)
{
    char number[9] = {0};
    memcpy(number, t->at + 2, strnlen(t->at + 2, digits));
    if (strspn(number, "0123456789abcdefABCDEF") != digits)
        return refuse(t, "incomplete escape");
    if (put_code(t, strtoul(number, NULL, 16)) < 0)
        return -1;
    t->at += 2 + digits;
    return 0;
}

static int translate_octal(struct translation *t, size_t digits)
{
    char number[4] = {0};
    memcpy(number, t->at + 1, digits);
    unsigned long code = strtoul(number, NULL, 8);
    if (code > 0377)
        return refuse(t, "octal escape outside of range 0-0o377");
    t->at += 1 + digits;
    return put_code(t, code);
}

static size_t octal_digits(const char *at)
{
    size_t count = 0;
    while (count < 3 && is_octal(at[count]))
        count++;
    return count;
}

static int translate_number(struct translation *t, bool in_class)
{
    size_t octal = octal_digits(t->at + 1);
    if (in_class && octal == 0)
        return refuse(t, "bad escape");
    if (in_class || t->at[1] == '0' || octal == 3)
        return translate_octal(t, octal);
    size_t digits = is_digit(t->at[2]) ? 2 : 1;
    buffer_append_format(t->out, "\\g{%.*s}", (int)digits, t->at + 1);
    t->at += 1 + digits;
    return 0;
}

/* Escapes of one letter.  A NULL translation: copied.  `outside` and `inside` say where Python takes them. */
static const struct {
    char letter;
    bool outside;
    bool inside;
    const char *outside_translation;
    const char *inside_translation;
} escapes[] = {
    {'a', true, true, NULL, NULL},
    {'b', true, true, NULL, NULL},
    {'f', true, true, NULL, NULL},
    {'n', true, true, NULL, NULL},
    {'r', true, true, NULL, NULL},
    {'t', true, true, NULL, NULL},
    {'v', true, true, "\\x0b", "\\x0b"},
    {'A', true, false, NULL, NULL},
    {'B', true, false, NULL, NULL},
    {'Z', true, false, "\\z", NULL},
    {'d', true, true, NULL, NULL},
    {'D', true, true, NULL, NULL},
    {'w', true, true, NULL, NULL},
    {'W', true, true, NULL, NULL},
    {'s', true, true, "[\\s\\x1c-\\x1f]", "\\s\\x1c-\\x1f"},
    {'S', true, true, "[^\\s\\x1c-\\x1f]", NULL},
};

static int translate_letter(struct translation *t, bool in_class)
{
    for (size_t i = 0; i < sizeof escapes / sizeof *escapes; i++) {
        if (escapes[i].letter != t->at[1] || !(in_class ? escapes[i].inside : escapes[i].outside))
            continue;
        const char *translation = in_class ? escapes[i].inside_translation : escapes[i].outside_translation;
        buffer_append(t->out, translation ? translation : t->at, translation ? strlen(translation) : 2);
        t->at += 2;
        return 0;
    }
    return refuse(t, t->at[1] == 'N' ? "characters by name are not supported" : "bad escape");
}

static int translate_escape(struct translation *t, bool in_class)
{
    char next = t->at[1];
    if (next == '\0')
        return refuse(t, "bad escape (end of pattern)");
    if (next == 'x' || next == 'u' || next == 'U')
        return translate_hex(t, next == 'x' ? 2 : next == 'u' ? 4 : 8);
    if (is_digit(next))
        return translate_number(t, in_class);
    if (is_letter(next))
        return translate_letter(t, in_class);
    copy(t, 2);
    return 0;
}

static int translate_class(struct translation *t)
{
    const char *start = t->at;
    copy(t, t->at[1] == '^' ? 2 : 1);
    /* A bracket belongs to the class, and PCRE2 takes [: [. [= for its own. */
    if (*t->at != '\0' && strchr("]:.=", *t->at)) {
        buffer_append_byte(t->out, '\\');
        copy(t, 1);
    }
    while (*t->at != ']') {
        if (*t->at == '\0') {
            t->at = start;
            return refuse(t, "unterminated character set");
        }
        if (*t->at == '\\') {
            if (translate_escape(t, true) < 0)
                return -1;
        } else if (*t->at == '[') {
            buffer_append_string(t->out, "\\[");
            t->at++;
        } else {
            copy(t, 1);
        }
    }
    copy(t, 1);
    return 0;
}

/* Every group ends with what was verbose before it. */
static int open_group(struct translation *t, bool verbose)
{
    if (t->depth == GROUP_DEPTH)
        return refuse(t, "groups nested too deeply");
    t->outer_verbose[t->depth++] = t->verbose;
    t->verbose = verbose;
    t->last = LAST_NOTHING;
    return 0;
}

static void close_group(struct translation *t)
{
    if (t->depth > 0)
        t->verbose = t->outer_verbose[--t->depth];
    t->last = LAST_ITEM;
    copy(t, 1);
}

/* "flags", "flags-flags" or "-flags", and what ends them. */
struct flags {
    const char *added, *removed, *end;
    size_t added_size, removed_size;
};

static bool has_flag(const char *flags, size_t size, char flag)
{
    return size > 0 && memchr(flags, flag, size);
}

static int check_flags(struct translation *t, const struct flags *flags)
{
    for (size_t i = 0; i < flags->added_size; i++)
        if (flags->added[i] == 'a' || flags->added[i] == 'L')
            return refuse(t, "the flags a and L are not supported");
    for (size_t i = 0; i < flags->removed_size; i++) {
        if (strchr("aLu", flags->removed[i]))
            return refuse(t, "the flags a, u and L cannot be turned off");
        if (has_flag(flags->added, flags->added_size, flags->removed[i]))
            return refuse(t, "flag turned on and off");
    }
    return 0;
}

static int read_flags(struct translation *t, struct flags *flags)
{
    static const char known[] = "aiLmsux";
    *flags = (struct flags){.added = t->at + 2};
    flags->added_size = strspn(flags->added, known);
    flags->end = flags->added + flags->added_size;
    if (*flags->end == '-') {
        flags->removed = flags->end + 1;
        flags->removed_size = strspn(flags->removed, known);
        flags->end = flags->removed + flags->removed_size;
        if (flags->removed_size == 0)
            return refuse(t, "missing flag");
        if (*flags->end != ':')
            return refuse(t, "missing :");
    } else if (flags->added_size == 0 || (*flags->end != ')' && *flags->end != ':')) {
        return refuse(t, "unknown extension");
    }
    return check_flags(t, flags);
}

/* But for u, Python's default, and x, whose work is done here. */
static void put_flags(struct translation *t, const char *flags, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (flags[i] != 'u' && flags[i] != 'x')
            buffer_append_byte(t->out, (unsigned char)flags[i]);
}

/* (?flags) and (?flags-flags:...); Python takes the first form at the start of the expression only. */
static int translate_flags(struct translation *t)
{
    struct flags flags;
    if (read_flags(t, &flags) < 0)
        return -1;
    bool global = *flags.end == ')';
    if (global && t->begun)
        return refuse(t, "global flags not at the start of the expression");
    bool verbose = (t->verbose || has_flag(flags.added, flags.added_size, 'x')) &&
                   !has_flag(flags.removed, flags.removed_size, 'x');
    buffer_append_string(t->out, "(?");
    put_flags(t, flags.added, flags.added_size);
    if (flags.removed_size > 1 || (flags.removed_size == 1 && *flags.removed != 'x')) {
        buffer_append_byte(t->out, '-');
        put_flags(t, flags.removed, flags.removed_size);
    }
    t->at = flags.end;
    copy(t, 1);
    t->begun = t->begun || !global;
    if (!global)
        return open_group(t, verbose);
    t->verbose = verbose;
    return 0;
}

static int translate_condition(struct translation *t)
{
    const char *name = t->at + 3;
    size_t size = strcspn(name, ")");
    if (name[size] == '\0' || size == 0 || strpbrk("?*<'&", (char[]){*name, '\0'}))
        return refuse(t, "bad group name");
    bool number = strspn(name, "0123456789") == size;
    buffer_append_format(t->out, number ? "(?(%.*s)" : "(?(<%.*s>)", (int)size, name);
    t->at = name + size + 1;
    return open_group(t, t->verbose);
}

static int translate_comment(struct translation *t)
{
    const char *end = strchr(t->at, ')');
    if (!end)
        return refuse(t, "missing ), unterminated comment");
    t->at = end + 1;
    return 0;
}

/* Groups that both engines write the same way. */
static const char *const common_groups[] = {"(?:", "(?=", "(?!", "(?<=", "(?<!", "(?>", "(?P<", "(?P="};

static int translate_group(struct translation *t)
{
    if (t->at[1] == '*')
        return refuse(t, "nothing to repeat");
    if (t->at[1] != '?') {
        copy(t, 1);
        return open_group(t, t->verbose);
    }
    for (size_t i = 0; i < sizeof common_groups / sizeof *common_groups; i++) {
        size_t size = strlen(common_groups[i]);
        if (strncmp(t->at, common_groups[i], size) == 0) {
            copy(t, size);
            return open_group(t, t->verbose);
        }
    }
    if (t->at[2] == '#')
        return translate_comment(t);
    if (t->at[2] == '(')
        return translate_condition(t);
    return translate_flags(t);
}

/* The size of the quantifier here, without the ? or + that may follow it: 0 when there is none. */
static size_t quantifier_size(const char *at)
{
    if (*at != '{')
        return *at == '*' || *at == '+' || *at == '?';
    size_t size = 1 + strspn(at + 1, "0123456789");
    if (at[size] == ',')
        size += 1 + strspn(at + size + 1, "0123456789");
    return at[size] == '}' && size > 1 ? size + 1 : 0;
}

/* PCRE2 would take what follows ignored blanks for a part of the quantifier before them. */
static int translate_quantifier(struct translation *t, size_t size)
{
    if (t->last != LAST_ITEM)
        return refuse(t, t->last == LAST_NOTHING ? "nothing to repeat" : "multiple repeat");
    if (t->at[1] == ',' && *t->at == '{') {
        buffer_append_string(t->out, "{0");
        t->at++;
        size--;
    }
    copy(t, size);
    if (*t->at == '?' || *t->at == '+')
        copy(t, 1);
    t->last = LAST_QUANTIFIER;
    return 0;
}

/* A brace that begins no quantifier could begin one when blanks behind it are dropped. */
static void translate_brace(struct translation *t)
{
    buffer_append_string(t->out, "\\{");
    t->at++;
}

/* Whether the expression goes on with (?flags) or (?#comment). */
static bool at_flags_or_comment(const struct translation *t)
{
    return strncmp(t->at, "(?", 2) == 0 && strchr("#aiLmsux", t->at[2]) != NULL;
}

/* In verbose mode blanks and comments mean nothing. */
static size_t ignored(const struct translation *t)
{
    if (!t->verbose)
        return 0;
    return *t->at == '#' ? strcspn(t->at, "\n") : strspn(t->at, " \t\n\r\v\f");
}

static int translate_single(struct translation *t)
{
    t->last = LAST_ITEM;
    switch (*t->at) {
    case '\\':
        return translate_escape(t, false);
    case '[':
        return translate_class(t);
    case '{':
        translate_brace(t);
        return 0;
    case '|':
        t->last = LAST_NOTHING;
        break;
    }
    copy(t, 1);
    return 0;
}

static int translate_item(struct translation *t)
{
    size_t ignore = ignored(t);
    if (ignore) {
        t->at += ignore;
        return 0;
    }
    t->begun = t->begun || !at_flags_or_comment(t);
    size_t quantifier = quantifier_size(t->at);
    if (quantifier)
        return translate_quantifier(t, quantifier);
    if (*t->at == '(')
        return translate_group(t);
    if (*t->at != ')')
        return translate_single(t);
    close_group(t);
    return 0;
}

int pattern_translate(const char *text, struct buffer *out, struct error *error)
{
    struct translation t = {.at = text, .start = text, .out = out, .error = error};
    while (*t.at)
        if (translate_item(&t) < 0)
            return -1;
    return out->failed ? error_set_memory(error) : 0;
}
