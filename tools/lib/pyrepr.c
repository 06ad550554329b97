#include "pyrepr.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decimal.h"
#include "pcre2_memory.h"
#include "utf8.h"

enum { FIRST_EXPONENT_ABOVE = 16, LAST_EXPONENT_BELOW = -5 };

static char *put(char *at, const char *bytes, int count)
{
    memcpy(at, bytes, (size_t)count);
    return at + count;
}

static char *put_zeros(char *at, int count)
{
    while (count-- > 0)
        *at++ = '0';
    return at;
}

/* `point` digits before the point. */
static char *put_fixed(char *at, const char *digits, int count, int point)
{
    int before = point < 0 ? 0 : point < count ? point : count;
    at = before ? put(at, digits, before) : put_zeros(at, 1);
    at = put_zeros(at, point - count);
    *at++ = '.';
    at = put_zeros(at, -point);
    return before < count ? put(at, digits + before, count - before) : put_zeros(at, 1);
}

static char *put_scientific(char *at, const char *digits, int count, int exponent)
{
    *at++ = digits[0];
    if (count > 1)
        *at++ = '.';
    at = put(at, digits + 1, count - 1);
    return at + sprintf(at, "e%c%02d", exponent < 0 ? '-' : '+', abs(exponent));
}

static char *put_finite(double value, char *at)
{
    char digits[24];
    if (signbit(value))
        *at++ = '-';
    if (value == 0)
        return put(at, "0.0", 3);
    struct decimal decimal = decimal_shortest(fabs(value));
    int count = 0;
    for (uint64_t left = decimal.digits; left > 0; left /= 10)
        digits[sizeof digits - (size_t)++count] = (char)('0' + left % 10);
    const char *first = digits + sizeof digits - (size_t)count;
    int point = count + decimal.exponent;
    if (point - 1 >= FIRST_EXPONENT_ABOVE || point - 1 <= LAST_EXPONENT_BELOW)
        return put_scientific(at, first, count, point - 1);
    return put_fixed(at, first, count, point);
}

char *pyrepr_double(double value, char text[PYREPR_DOUBLE_SIZE])
{
    if (isfinite(value))
        *put_finite(value, text) = '\0';
    else
        strcpy(text, isnan(value) ? "nan" : value < 0 ? "-inf" : "inf");
    return text;
}

/* Python escapes the categories "other" and "separator", but not the space.  PCRE2 knows the categories. */
struct printable {
    pcre2_general_context *memory;
    pcre2_code *unprintable;
    pcre2_match_data *match;
};

static void printable_release(struct printable *printable)
{
    pcre2_match_data_free(printable->match);
    pcre2_code_free(printable->unprintable);
    pcre2_general_context_free(printable->memory);
}

static pcre2_code *compile_unprintable(pcre2_general_context *memory)
{
    int code;
    PCRE2_SIZE offset;
    pcre2_compile_context *context = pcre2_compile_context_create(memory);
    if (!context)
        return NULL;
    pcre2_code *unprintable =
        pcre2_compile((PCRE2_SPTR) "[\\p{C}\\p{Z}]", PCRE2_ZERO_TERMINATED, PCRE2_UTF, &code, &offset, context);
    pcre2_compile_context_free(context);
    return unprintable;
}

static int printable_init(struct printable *printable, const struct allocator *allocator)
{
    *printable = (struct printable){.memory = pcre2_memory(allocator)};
    if (printable->memory)
        printable->unprintable = compile_unprintable(printable->memory);
    if (printable->unprintable)
        printable->match = pcre2_match_data_create(1, printable->memory);
    if (printable->match)
        return 0;
    printable_release(printable);
    return -1;
}

/* 1, 0, or -1 when memory is short. */
static int is_printable(const struct printable *printable, const char *bytes, size_t size, uint32_t code)
{
    if (code < 0x7F || utf8_is_surrogate(code))
        return code >= 0x20 && code < 0x7F;
    int found =
        pcre2_match(printable->unprintable, (PCRE2_SPTR)bytes, size, 0, PCRE2_NO_UTF_CHECK, printable->match, NULL);
    return found == PCRE2_ERROR_NOMATCH ? 1 : found >= 0 ? 0 : -1;
}

static void append_escape(uint32_t code, struct buffer *out)
{
    if (code == '\n' || code == '\r' || code == '\t')
        buffer_append_format(out, "\\%c", code == '\n' ? 'n' : code == '\r' ? 'r' : 't');
    else
        buffer_append_format(out, code <= 0xFF ? "\\x%02x" : code <= 0xFFFF ? "\\u%04x" : "\\U%08x", code);
}

void pyrepr_string(const char *bytes, size_t size, struct buffer *out)
{
    char quote = memchr(bytes, '\'', size) && !memchr(bytes, '"', size) ? '"' : '\'';
    struct printable printable;
    uint32_t code;
    if (printable_init(&printable, out->allocator) < 0) {
        out->failed = true;
        return;
    }
    buffer_append_byte(out, (unsigned char)quote);
    for (size_t i = 0, step; i < size; i += step) {
        step = utf8_decode(bytes + i, size - i, &code);
        if (code == '\\' || code == (unsigned char)quote)
            buffer_append_byte(out, '\\');
        int shown = is_printable(&printable, bytes + i, step, code);
        if (shown > 0)
            buffer_append(out, bytes + i, step);
        else
            append_escape(code, out);
        out->failed |= shown < 0;
    }
    buffer_append_byte(out, (unsigned char)quote);
    printable_release(&printable);
}
