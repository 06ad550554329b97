#include "pyrepr.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "utf8.h"

enum { LARGEST_DIGITS = 17, FIRST_EXPONENT_ABOVE = 16, LAST_EXPONENT_BELOW = -5 };

/* Scientific notation with as few digits as possible: "d.ddde+xx". */
static void shortest(double value, char text[PYREPR_DOUBLE_SIZE])
{
    for (int digits = 1; digits <= LARGEST_DIGITS; digits++) {
        snprintf(text, PYREPR_DOUBLE_SIZE, "%.*e", digits - 1, value);
        if (strtod(text, NULL) == value)
            return;
    }
}

char *pyrepr_double(double value, char text[PYREPR_DOUBLE_SIZE])
{
    if (!isfinite(value)) {
        snprintf(text, PYREPR_DOUBLE_SIZE, "%s", isnan(value) ? "nan" : value < 0 ? "-inf" : "inf");
        return text;
    }
    shortest(value, text);
    int exponent = atoi(strchr(text, 'e') + 1);
    if (exponent >= FIRST_EXPONENT_ABOVE || exponent <= LAST_EXPONENT_BELOW)
        return text;
    int mantissa = (int)(strchr(text, 'e') - text) - (value < 0 || signbit(value));
    int digits = mantissa == 1 ? 1 : mantissa - 1;
    int decimals = digits - 1 - exponent;
    snprintf(text, PYREPR_DOUBLE_SIZE, "%.*f", decimals < 1 ? 1 : decimals, value);
    return text;
}

/* Python escapes the categories "other" and "separator", but not the space.  PCRE2 knows the categories. */
static pcre2_code *compile_unprintable(void)
{
    int code;
    PCRE2_SIZE offset;
    return pcre2_compile((PCRE2_SPTR) "(?! )[\\p{C}\\p{Z}]", PCRE2_ZERO_TERMINATED, PCRE2_UTF, &code, &offset, NULL);
}

static bool is_printable(const pcre2_code *unprintable, pcre2_match_data *match, const char *bytes, size_t size,
                         uint32_t code)
{
    if (code < 0x7F)
        return code >= 0x20;
    if (utf8_is_surrogate(code) || !unprintable || !match)
        return false;
    return pcre2_match(unprintable, (PCRE2_SPTR)bytes, size, 0, PCRE2_NO_UTF_CHECK, match, NULL) < 0;
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
    pcre2_code *unprintable = compile_unprintable();
    pcre2_match_data *match = unprintable ? pcre2_match_data_create_from_pattern(unprintable, NULL) : NULL;
    uint32_t code;

    buffer_append_byte(out, (unsigned char)quote);
    for (size_t i = 0, step; i < size; i += step) {
        step = utf8_decode(bytes + i, size - i, &code);
        if (code == '\\' || code == (unsigned char)quote)
            buffer_append_byte(out, '\\');
        if (is_printable(unprintable, match, bytes + i, step, code))
            buffer_append(out, bytes + i, step);
        else
            append_escape(code, out);
    }
    buffer_append_byte(out, (unsigned char)quote);
    pcre2_match_data_free(match);
    pcre2_code_free(unprintable);
}
