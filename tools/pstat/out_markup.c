/* Text in SVG and HTML.  What XML does not allow (most control characters, surrogates, U+FFFE and U+FFFF) and what
 * would turn the direction of the text around it is shown escaped, as on a terminal. */
#include <stdio.h>
#include <string.h>

#include "out.h"
#include "utf8.h"

enum { ESCAPE_SIZE = 12 };

static const char *reference_of(char byte)
{
    static const struct {
        char byte;
        const char *text;
    } references[] = {{'<', "&lt;"}, {'>', "&gt;"}, {'&', "&amp;"}, {'"', "&quot;"}, {'\'', "&#39;"}};
    for (size_t i = 0; i < sizeof references / sizeof *references; i++)
        if (references[i].byte == byte)
            return references[i].text;
    return NULL;
}

/* How what stands at `bytes` is written; its length, 0: as it is. */
static int escape(const char *bytes, size_t size, uint32_t code, char text[ESCAPE_SIZE])
{
    unsigned char byte = (unsigned char)*bytes;
    const char *reference = size == 1 ? reference_of(*bytes) : NULL;
    if (reference)
        return snprintf(text, ESCAPE_SIZE, "%s", reference);
    if (size == 1 && byte >= 0x80)
        return snprintf(text, ESCAPE_SIZE, "\\x%02x", byte);
    if (!utf8_is_control(code) && !utf8_is_surrogate(code))
        return 0;
    return snprintf(text, ESCAPE_SIZE, code <= 0xFF ? "\\x%02x" : "\\u%04x", code);
}

void out_markup(struct out *out, const char *bytes, size_t size)
{
    char text[ESCAPE_SIZE];
    uint32_t code;
    size_t done = 0;
    for (size_t i = 0, step; i < size; i += step) {
        step = utf8_decode(bytes + i, size - i, &code);
        int length = escape(bytes + i, step, code, text);
        if (length == 0)
            continue;
        out_bytes(out, bytes + done, i - done);
        out_bytes(out, text, (size_t)length);
        done = i + step;
    }
    out_bytes(out, bytes + done, size - done);
}
