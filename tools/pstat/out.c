#include "out.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pyrepr.h"
#include "utf8.h"

enum { PIECE = 1 << 16, ESCAPE_SIZE = 12 };
enum { FORMAT_ROOM = 1024 }; /* three of the largest doubles */

static bool wants_colour(void)
{
    const char *no_color = getenv("NO_COLOR");
    const char *term = getenv("TERM");
    return !(no_color && *no_color) && term && *term && strcmp(term, "dumb") != 0;
}

void out_init_memory(struct out *out)
{
    *out = (struct out){.fd = -1};
    buffer_init(&out->buffer, &allocator_libc);
}

void out_init_file(struct out *out, int fd)
{
    out_init_memory(out);
    out->fd = fd;
    out->terminal = isatty(fd);
    out->colour = out->terminal && wants_colour();
}

void out_release(struct out *out)
{
    buffer_release(&out->buffer);
}

/* Whoever made standard output non-blocking shares it with this program. */
static void wait_until_writable(int fd)
{
    struct pollfd ready = {.fd = fd, .events = POLLOUT};
    poll(&ready, 1, -1);
}

static void send(struct out *out)
{
    size_t sent = 0;
    while (sent < out->buffer.size && out->error.code == ERROR_NONE) {
        ssize_t count = write(out->fd, out->buffer.data + sent, out->buffer.size - sent);
        if (count >= 0)
            sent += (size_t)count;
        else if (errno == EAGAIN || errno == EWOULDBLOCK)
            wait_until_writable(out->fd);
        else if (errno != EINTR)
            error_set_system(&out->error);
    }
    buffer_clear(&out->buffer);
}

void out_bytes(struct out *out, const void *bytes, size_t size)
{
    if (out->error.code != ERROR_NONE)
        return;
    buffer_append(&out->buffer, bytes, size);
    if (out->buffer.failed)
        error_set_memory(&out->error);
    else if (out->fd >= 0 && out->buffer.size >= PIECE)
        send(out);
}

void out_string(struct out *out, const char *string)
{
    out_bytes(out, string, strlen(string));
}

void out_format(struct out *out, const char *format, ...)
{
    char text[FORMAT_ROOM];
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (size < 0 || size >= FORMAT_ROOM)
        error_set(&out->error, ERROR_ARGUMENT, ERROR_NO_OFFSET, "a number too long to print");
    else
        out_bytes(out, text, (size_t)size);
}

void out_spaces(struct out *out, size_t count)
{
    static const char spaces[] = "                                                                ";
    for (size_t piece; count > 0; count -= piece) {
        piece = count < sizeof spaces - 1 ? count : sizeof spaces - 1;
        out_bytes(out, spaces, piece);
    }
}

void out_integer(struct out *out, int64_t number)
{
    char digits[24], *at = digits + sizeof digits;
    uint64_t left = number < 0 ? -(uint64_t)number : (uint64_t)number;
    do
        *--at = (char)('0' + left % 10);
    while ((left /= 10) > 0);
    if (number < 0)
        *--at = '-';
    out_bytes(out, at, (size_t)(digits + sizeof digits - at));
}

void out_real(struct out *out, double number)
{
    char text[PYREPR_DOUBLE_SIZE];
    out_string(out, pyrepr_double(number, text));
}

/* How what stands at `bytes`, a code point or (in a path) a byte that begins none, is shown when it cannot be shown as
 * itself; the length, 0 when it can. */
static int escape(const struct out *out, const char *bytes, size_t size, uint32_t code, char text[ESCAPE_SIZE])
{
    unsigned char byte = (unsigned char)*bytes;
    if (size == 1 && byte >= 0x80)
        return out->terminal ? snprintf(text, ESCAPE_SIZE, "\\x%02x", byte) : 0;
    if (!utf8_is_surrogate(code) && !(out->terminal && utf8_is_control(code)))
        return 0;
    return snprintf(text, ESCAPE_SIZE, code <= 0xFF ? "\\x%02x" : "\\u%04x", code);
}

static bool is_printable_ascii(char byte)
{
    return byte >= ' ' && byte <= '~';
}

/* What every notation writes as it is. */
static bool is_plain_ascii(char byte)
{
    return is_printable_ascii(byte) && byte != '"' && byte != '\\';
}

/* How a code point, or a byte that begins none, is written in a notation; the length, 0: as it is. */
typedef int escape_code(const struct out *out, const char *bytes, size_t size, uint32_t code, char text[ESCAPE_SIZE]);

static void put_escaped(struct out *out, const char *bytes, size_t size, escape_code *escape_one)
{
    char text[ESCAPE_SIZE];
    uint32_t code;
    size_t done = 0;
    for (size_t i = 0, step; i < size; i += step) {
        step = 1;
        if (is_plain_ascii(bytes[i]))
            continue;
        step = utf8_decode(bytes + i, size - i, &code);
        int length = escape_one(out, bytes + i, step, code, text);
        if (length == 0)
            continue;
        out_bytes(out, bytes + done, i - done);
        out_bytes(out, text, (size_t)length);
        done = i + step;
    }
    out_bytes(out, bytes + done, size - done);
}

void out_text(struct out *out, const char *bytes, size_t size)
{
    put_escaped(out, bytes, size, escape);
}

static int escape_in_line(const struct out *out, const char *bytes, size_t size, uint32_t code, char text[ESCAPE_SIZE])
{
    if (utf8_is_surrogate(code))
        return snprintf(text, ESCAPE_SIZE, "\\u%04x", code);
    return code < 0x20 || code == 0x7F ? snprintf(text, ESCAPE_SIZE, "\\x%02x", code) : 0;
}

void out_line_text(struct out *out, const char *bytes, size_t size)
{
    put_escaped(out, bytes, size, escape_in_line);
}

/* Bytes that are no UTF-8 (the path of a file may have some) are replaced, since JSON has nothing for them. */
static int escape_in_json(const struct out *out, const char *bytes, size_t size, uint32_t code, char text[ESCAPE_SIZE])
{
    if (code == '"' || code == '\\')
        return snprintf(text, ESCAPE_SIZE, "\\%c", (char)code);
    if (code < 0x20 || code == 0x7F || utf8_is_surrogate(code) || code == UTF8_REPLACEMENT)
        return snprintf(text, ESCAPE_SIZE, "\\u%04x", code);
    return 0;
}

void out_json_part(struct out *out, const char *bytes, size_t size)
{
    put_escaped(out, bytes, size, escape_in_json);
}

void out_json_text(struct out *out, const char *bytes, size_t size)
{
    out_string(out, "\"");
    out_json_part(out, bytes, size);
    out_string(out, "\"");
}

size_t out_text_width(const struct out *out, const char *bytes, size_t size)
{
    char text[ESCAPE_SIZE];
    uint32_t code;
    size_t width = 0;
    for (size_t i = 0, step; i < size; i += step, width++) {
        step = 1;
        if (is_printable_ascii(bytes[i]))
            continue;
        step = utf8_decode(bytes + i, size - i, &code);
        int length = out->terminal ? escape(out, bytes + i, step, code, text) : 0;
        width += length ? (size_t)length - 1 : 0;
    }
    return width;
}

void out_style(struct out *out, enum style style)
{
    static const char *const codes[] = {
        [STYLE_PLAIN] = "\033[0m", [STYLE_BOLD] = "\033[1m", [STYLE_WARM] = "\033[33m", [STYLE_HOT] = "\033[31m"};
    if (out->colour)
        out_string(out, codes[style]);
}

int out_finish(struct out *out, struct error *error)
{
    if (out->fd >= 0) {
        send(out);
        if (close(out->fd) < 0 && out->error.code == ERROR_NONE)
            error_set_system(&out->error);
    }
    if (out->error.code == ERROR_NONE)
        return 0;
    if (error)
        *error = out->error;
    return -1;
}

/* A file may have any name, and an expression any text. */
static void put_message(const char *message)
{
    struct out out;
    out_init_memory(&out);
    out.terminal = isatty(STDERR_FILENO);
    out_string(&out, "pstat: ");
    out_text(&out, message, strlen(message));
    out_string(&out, "\n");
    fwrite(out.buffer.data, 1, out.buffer.size, stderr);
    out_release(&out);
}

void out_note(const char *format, ...)
{
    char *message;
    va_list arguments;
    va_start(arguments, format);
    int size = vasprintf(&message, format, arguments);
    va_end(arguments);
    put_message(size < 0 ? "out of memory" : message);
    if (size >= 0)
        free(message);
}

void out_error(const char *about, const struct error *error)
{
    const char *colon = about ? ": " : "";
    if (error->offset == ERROR_NO_OFFSET)
        out_note("%s%s%s", about ? about : "", colon, error->reason);
    else
        out_note("%s%s%s (byte %lld)", about ? about : "", colon, error->reason, (long long)error->offset);
}
