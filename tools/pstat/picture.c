#include "picture.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "names.h"
#include "utf8.h"

char *picture_time(int64_t nanoseconds, char text[PICTURE_TIME_SIZE])
{
    static const struct {
        int64_t least;
        double unit;
        const char *name;
    } units[] = {{1000000000, 1e9, "s"}, {1000000, 1e6, "ms"}, {0, 1e3, "\xc2\xb5s"}};
    size_t i = 0;
    if (nanoseconds == 0)
        return strcpy(text, "0 s");
    while (nanoseconds < units[i].least && units[i].least > 0)
        i++;
    snprintf(text, PICTURE_TIME_SIZE, "%.3f %s", (double)nanoseconds / units[i].unit, units[i].name);
    return text;
}

char *picture_count(int64_t count, char text[PICTURE_COUNT_SIZE])
{
    char digits[PICTURE_COUNT_SIZE], *end = text;
    int size = snprintf(digits, sizeof digits, "%" PRId64, count);
    for (int i = 0; i < size; i++) {
        if (i > 0 && digits[i - 1] != '-' && (size - i) % 3 == 0)
            *end++ = ',';
        *end++ = digits[i];
    }
    *end = '\0';
    return text;
}

void picture_name(const struct label *label, struct buffer *text)
{
    struct name name;
    if (strcmp(label->file->bytes, "~") == 0) {
        name_make(&name, label, text);
        text->size = text->failed ? 0 : name.size;
        return;
    }
    buffer_clear(text);
    buffer_append(text, label->name->bytes, label->name->size);
    buffer_append_string(text, " (");
    buffer_append(text, label->file->bytes, label->file->size);
    buffer_append_format(text, ":%" PRId64 ")", label->line);
}

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static void append_sources(struct buffer *text, const char *name, size_t count)
{
    buffer_append_string(text, name);
    if (count > 1)
        buffer_append_format(text, " and %zu more", count - 1);
}

void picture_title(const struct report *report, struct buffer *text)
{
    const char *path = report->source_count ? report->sources[0].path : "";
    const char *base = report->base_count ? report->base[0].path : "";
    bool alike = strcmp(last_part(path), last_part(base)) == 0;
    buffer_clear(text);
    append_sources(text, alike ? path : last_part(path), report->source_count);
    if (report->diff) {
        buffer_append_string(text, " compared with ");
        append_sources(text, alike ? base : last_part(base), report->base_count);
    }
    if (report->thread) {
        buffer_append_string(text, ", thread ");
        buffer_append_string(text, report->thread);
    }
}

/* Roughly East Asian Wide, and pictographs. */
static size_t width_of(uint32_t code)
{
    return code >= 0x1100 && (code <= 0x115F || (code >= 0x2E80 && code <= 0xD7A3) ||
                              (code >= 0xF900 && code <= 0xFAFF) || (code >= 0xFF00 && code <= 0xFF60) ||
                              code >= 0x1F300)
               ? 2
               : 1;
}

size_t picture_fitting(const char *bytes, size_t size, size_t columns)
{
    uint32_t code;
    size_t i = 0;
    while (i < size) {
        size_t step = utf8_decode(bytes + i, size - i, &code);
        if (width_of(code) > columns)
            break;
        columns -= width_of(code);
        i += step;
    }
    return i;
}

size_t picture_columns(const char *bytes, size_t size)
{
    uint32_t code;
    size_t columns = 0;
    for (size_t i = 0; i < size;) {
        i += utf8_decode(bytes + i, size - i, &code);
        columns += width_of(code);
    }
    return columns;
}
