#include "pattern.h"

#include <string.h>

#include "base/buffer.h"
#include "pattern_syntax.h"
#include "pcre2_memory.h"
#include "utf8.h"

struct pattern {
    const struct allocator *allocator;
    char *text;
    pcre2_general_context *general;
    pcre2_code *code;
    pcre2_match_context *context;
    pcre2_match_data *match;
};

/* Far beyond any sensible expression on a name, and yet only some tens of milliseconds. */
enum { STEP_LIMIT = 2000000 };
enum { QUOTED_SIZE = 60 }; /* of the expression in a message */

static int refuse_code(int code, struct error *error)
{
    PCRE2_UCHAR reason[120] = "";
    if (code == PCRE2_ERROR_NOMEMORY || code == PCRE2_ERROR_HEAP_FAILED)
        return error_set_memory(error);
    pcre2_get_error_message(code, reason, sizeof reason);
    return error_set(error, ERROR_ARGUMENT, ERROR_NO_OFFSET, "%s", (const char *)reason);
}

static int compile(struct pattern *pattern, const struct buffer *expression, struct error *error)
{
    /* PCRE2_ALT_CIRCUMFLEX: with (?m), ^ matches after a newline at the very end too, as in Python. */
    uint32_t options = PCRE2_UTF | PCRE2_UCP | PCRE2_ALT_CIRCUMFLEX | PCRE2_NEVER_BACKSLASH_C;
    pcre2_compile_context *context = pcre2_compile_context_create(pattern->general);
    int code = PCRE2_ERROR_NOMEMORY;
    PCRE2_SIZE offset;
    if (context) {
        pcre2_set_newline(context, PCRE2_NEWLINE_LF);
        pattern->code = pcre2_compile(expression->data ? expression->data : (PCRE2_SPTR) "", expression->size, options,
                                      &code, &offset, context);
        pcre2_compile_context_free(context);
    }
    return pattern->code ? 0 : refuse_code(code, error);
}

static int prepare_match(struct pattern *pattern, struct error *error)
{
    pattern->context = pcre2_match_context_create(pattern->general);
    pattern->match = pcre2_match_data_create_from_pattern(pattern->code, pattern->general);
    if (!pattern->context || !pattern->match)
        return error_set_memory(error);
    pcre2_set_match_limit(pattern->context, STEP_LIMIT);
    return 0;
}

static int build(struct pattern *pattern, const char *text, struct error *error)
{
    size_t size = strlen(text);
    if (!utf8_is_valid(text, size))
        return error_set(error, ERROR_ARGUMENT, ERROR_NO_OFFSET, "not valid UTF-8");
    pattern->text = allocator_resize(pattern->allocator, NULL, size + 1, 1);
    pattern->general = pcre2_memory(pattern->allocator);
    if (!pattern->text || !pattern->general)
        return error_set_memory(error);
    memcpy(pattern->text, text, size + 1);

    struct buffer expression;
    buffer_init(&expression, pattern->allocator);
    int result = pattern_translate(text, &expression, error);
    if (result == 0)
        result = compile(pattern, &expression, error);
    buffer_release(&expression);
    return result == 0 ? prepare_match(pattern, error) : -1;
}

struct pattern *pattern_new(const char *text, const struct allocator *allocator, struct error *error)
{
    struct pattern *pattern = allocator_zeroed(allocator, 1, sizeof *pattern);
    if (!pattern) {
        error_set_memory(error);
        return NULL;
    }
    pattern->allocator = allocator;
    if (build(pattern, text, error) < 0) {
        pattern_free(pattern);
        return NULL;
    }
    return pattern;
}

void pattern_free(struct pattern *pattern)
{
    if (!pattern)
        return;
    pcre2_match_data_free(pattern->match);
    pcre2_match_context_free(pattern->context);
    pcre2_code_free(pattern->code);
    pcre2_general_context_free(pattern->general);
    allocator_free(pattern->allocator, pattern->text);
    allocator_free(pattern->allocator, pattern);
}

const char *pattern_text(const struct pattern *pattern)
{
    return pattern->text;
}

/* PCRE2 takes no surrogates.  To it they are U+FFFD, a character that is no letter either. */
static void replace_surrogates(const char *bytes, size_t size, struct buffer *out)
{
    uint32_t code;
    for (size_t i = 0, step; i < size; i += step) {
        step = utf8_decode(bytes + i, size - i, &code);
        if (utf8_is_surrogate(code) || code == UTF8_REPLACEMENT)
            buffer_append_string(out, "\xEF\xBF\xBD");
        else
            buffer_append(out, bytes + i, step);
    }
}

static int match(const struct pattern *pattern, const void *bytes, size_t size)
{
    return pcre2_match(pattern->code, bytes, size, 0, 0, pattern->match, pattern->context);
}

static int match_replaced(const struct pattern *pattern, const char *bytes, size_t size)
{
    struct buffer subject;
    buffer_init(&subject, pattern->allocator);
    replace_surrogates(bytes, size, &subject);
    int result = subject.failed ? PCRE2_ERROR_NOMEMORY : match(pattern, subject.data, subject.size);
    buffer_release(&subject);
    return result;
}

int pattern_search(const struct pattern *pattern, const char *bytes, size_t size, struct error *error)
{
    int result = match(pattern, bytes, size);
    if (result <= PCRE2_ERROR_UTF8_ERR1 && result >= PCRE2_ERROR_UTF8_ERR21)
        result = match_replaced(pattern, bytes, size);
    if (result >= 0)
        return 1;
    if (result == PCRE2_ERROR_NOMATCH)
        return 0;
    if (result == PCRE2_ERROR_MATCHLIMIT)
        return error_set(error, ERROR_ARGUMENT, ERROR_NO_OFFSET, "the pattern '%.*s' takes too many steps",
                         utf8_fitting(pattern->text, QUOTED_SIZE), pattern->text);
    return refuse_code(result, error);
}
