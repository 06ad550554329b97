/* One pass over the expression.  Nearly all of it means the same to both engines and is copied.  The differences:
 *
 *   \Z            Python: the very end                           ->  \z
 *   \v            Python: the character VT                       ->  \x0b
 *   \s \S         Python's white space includes U+001C..U+001F   ->  a class that has them
 *   \uXXXX ...    PCRE2 has no \u and \U                         ->  \x{XXXX}
 *   \1 \012       PCRE2 guesses; Python: three octal digits or a leading 0 are a character, else a group
 *   {,n}          PCRE2: literal                                 ->  {0,n}
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

struct translation {
    const char *at;
    const char *start;
    struct buffer *out;
    struct error *error;
    bool verbose;
    bool begun; /* behind something that is not a flag or a comment */
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

/* (?flags) and (?flags-flags:...); Python takes the first form at the start of the expression only. */
static int translate_flags(struct translation *t)
{
    const char *end = t->at + 2;
    end += strspn(end, "aiLmsux-");
    if (end == t->at + 2 || (*end != ')' && *end != ':'))
        return refuse(t, "unknown extension");
    if (*end == ')' && t->begun)
        return refuse(t, "global flags not at the start of the expression");
    for (const char *flag = t->at + 2; flag < end; flag++)
        if (*flag == 'a' || *flag == 'L')
            return refuse(t, "the flags a and L are not supported");
    buffer_append_string(t->out, "(?");
    for (t->at += 2; t->at < end; t->at++) {
        t->verbose = t->verbose || (*t->at == 'x' && *end == ')');
        if (*t->at != 'u')
            buffer_append_byte(t->out, (unsigned char)*t->at);
    }
    t->begun = t->begun || *t->at == ':';
    copy(t, 1);
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
    return 0;
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
        return 0;
    }
    for (size_t i = 0; i < sizeof common_groups / sizeof *common_groups; i++) {
        size_t size = strlen(common_groups[i]);
        if (strncmp(t->at, common_groups[i], size) == 0) {
            copy(t, size);
            return 0;
        }
    }
    if (t->at[2] == '#')
        return translate_comment(t);
    if (t->at[2] == '(')
        return translate_condition(t);
    return translate_flags(t);
}

/* {,n} and {,}: from none on.  Every other brace means the same to both. */
static void translate_brace(struct translation *t)
{
    size_t digits = t->at[1] == ',' ? strspn(t->at + 2, "0123456789") : 0;
    copy(t, 1);
    if (*t->at == ',' && t->at[1 + digits] == '}')
        buffer_append_byte(t->out, '0');
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

static int translate_item(struct translation *t)
{
    size_t ignore = ignored(t);
    if (ignore) {
        t->at += ignore;
        return 0;
    }
    t->begun = t->begun || !at_flags_or_comment(t);
    switch (*t->at) {
    case '\\':
        return translate_escape(t, false);
    case '[':
        return translate_class(t);
    case '(':
        return translate_group(t);
    case '{':
        translate_brace(t);
        return 0;
    default:
        copy(t, 1);
        return 0;
    }
}

int pattern_translate(const char *text, struct buffer *out, struct error *error)
{
    struct translation t = {.at = text, .start = text, .out = out, .error = error};
    while (*t.at)
        if (translate_item(&t) < 0)
            return -1;
    return out->failed ? error_set_memory(error) : 0;
}
