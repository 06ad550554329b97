#include "utf8.h"

#include <string.h>

static bool is_continuation(char byte)
{
    return ((unsigned char)byte & 0xC0) == 0x80;
}

size_t utf8_decode(const char *bytes, size_t size, uint32_t *code)
{
    unsigned char lead = (unsigned char)bytes[0];
    static const uint32_t smallest[5] = {0, 0, 0x80, 0x800, 0x10000};
    size_t length = lead < 0x80 ? 1 : lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;

    if (length == 1) {
        *code = lead;
        return 1;
    }
    *code = UTF8_REPLACEMENT;
    if (length == 0 || length > size)
        return 1;
    uint32_t value = lead & (0x7Fu >> length);
    for (size_t i = 1; i < length; i++) {
        if (!is_continuation(bytes[i]))
            return 1;
        value = value << 6 | ((unsigned char)bytes[i] & 0x3F);
    }
    if (value < smallest[length] || value > 0x10FFFF)
        return 1;
    *code = value;
    return length;
}

size_t utf8_encode(uint32_t code, char bytes[4])
{
    if (code < 0x80) {
        bytes[0] = (char)code;
        return 1;
    }
    size_t length = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const unsigned char lead[5] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (size_t i = length - 1; i > 0; i--) {
        bytes[i] = (char)(0x80 | (code & 0x3F));
        code >>= 6;
    }
    bytes[0] = (char)(lead[length] | code);
    return length;
}

int utf8_fitting(const char *text, int most)
{
    int size = (int)strnlen(text, (size_t)most + 1);
    if (size <= most)
        return size;
    size = most;
    for (int back = 0; back < 3 && size > 0 && is_continuation(text[size]); back++)
        size--;
    return is_continuation(text[size]) ? most : size;
}

bool utf8_is_valid(const char *bytes, size_t size)
{
    uint32_t code;
    for (size_t i = 0, step; i < size; i += step) {
        step = utf8_decode(bytes + i, size - i, &code);
        if (utf8_is_surrogate(code) || (step == 1 && (unsigned char)bytes[i] >= 0x80))
            return false;
    }
    return true;
}

bool utf8_is_surrogate(uint32_t code)
{
    return code >= 0xD800 && code <= 0xDFFF;
}

bool utf8_is_control(uint32_t code)
{
    return code < 0x20 || (code >= 0x7F && code < 0xA0) || code == 0x61C || code == 0x200E || code == 0x200F ||
           (code >= 0x2028 && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069) || code == 0xFFFE ||
           code == 0xFFFF;
}
