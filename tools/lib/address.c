#include "address.h"

#include <string.h>
#include <strings.h>

static const char DIGITS[] = "0123456789";
static const char HOST[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-_";
static const char HOST_IN_BRACKETS[] = "0123456789abcdefABCDEF:.";

/* The parts of a URL, as places in it. */
struct parts {
    const char *host;   /* behind the user */
    const char *user;   /* NULL: none */
    const char *path;   /* or the end */
    size_t scheme_size; /* with "://" */
};

static int refuse(const char *why, struct error *error)
{
    return error_set(error, ERROR_ARGUMENT, ERROR_NO_OFFSET, "the URL is not http[s]://HOST[:PORT][/PATH]: %s", why);
}

static size_t scheme_size(const char *url)
{
    static const char *const schemes[] = {"http://", "https://"};
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
        if (strncasecmp(url, schemes[i], strlen(schemes[i])) == 0)
            return strlen(schemes[i]);
    return 0;
}

static int check_port(const char *port, const char *end, struct error *error)
{
    size_t size = strspn(port, DIGITS);
    unsigned number = 0;
    for (size_t i = 0; i < size && number < 65536; i++)
        number = number * 10 + (unsigned)(port[i] - '0');
    if (port + size != end || number < 1 || number > 65535)
        return refuse("a port is a number from 1 to 65535", error);
    return 0;
}

static int check_host(const struct parts *parts, struct error *error)
{
    const char *host = parts->host, *end;
    if (*host == '[') {
        end = host + 1 + strspn(host + 1, HOST_IN_BRACKETS);
        if (end == host + 1 || *end++ != ']')
            return refuse("in brackets stands an IPv6 address", error);
    } else {
        end = host + strspn(host, HOST);
        if (end == host)
            return refuse("there is no host", error);
    }
    if (*end == ':')
        return check_port(end + 1, parts->path, error);
    return end == parts->path ? 0 : refuse("a host has letters, digits, '.', '-' and '_'", error);
}

static int split(struct parts *parts, const char *url, struct error *error)
{
    for (const char *c = url; *c; c++)
        if (*c <= ' ' || *c > '~')
            return refuse("it has a space, a control character or one beyond ASCII", error);
    parts->scheme_size = scheme_size(url);
    if (parts->scheme_size == 0)
        return refuse("it begins otherwise", error);
    if (url[strcspn(url, "?#")])
        return refuse("there is a '?' or a '#'", error);
    const char *authority = url + parts->scheme_size;
    parts->path = authority + strcspn(authority, "/");
    const char *at = memchr(authority, '@', (size_t)(parts->path - authority));
    parts->user = at ? authority : NULL;
    parts->host = at ? at + 1 : authority;
    return check_host(parts, error);
}

static int digit_value(char digit)
{
    static const char digits[] = "0123456789abcdef";
    const char *found = digit ? strchr(digits, digit >= 'A' && digit <= 'F' ? digit + ('a' - 'A') : digit) : NULL;
    return found ? (int)(found - digits) : -1;
}

/* Undoes percent encoding. */
static char *decode(const char *text, size_t size, const struct allocator *allocator, struct error *error)
{
    char *decoded = allocator_zeroed(allocator, size + 1, 1);
    size_t length = 0;
    if (!decoded) {
        error_set_memory(error);
        return NULL;
    }
    for (size_t i = 0; i < size; i++) {
        int high = text[i] == '%' ? digit_value(text[i + 1]) : 0;
        int low = text[i] == '%' && high >= 0 ? digit_value(text[i + 2]) : 0;
        int value = text[i] == '%' ? high * 16 + low : text[i];
        if (high < 0 || low < 0 || value < ' ' || value == 0x7F) {
            refuse("'%' begins no character in the user or the password", error);
            allocator_free(allocator, decoded);
            return NULL;
        }
        decoded[length++] = (char)value;
        i += text[i] == '%' ? 2 : 0;
    }
    return decoded;
}

static int take_user(struct address *address, const struct parts *parts, struct error *error)
{
    const char *end = parts->host - 1, *colon = memchr(parts->user, ':', (size_t)(end - parts->user));
    address->user = decode(parts->user, (size_t)((colon ? colon : end) - parts->user), address->allocator, error);
    if (!address->user)
        return -1;
    if (!colon)
        return 0;
    address->password = decode(colon + 1, (size_t)(end - colon - 1), address->allocator, error);
    return address->password ? 0 : -1;
}

static int take_server(struct address *address, const struct parts *parts, const char *url, struct error *error)
{
    size_t rest = strlen(parts->host), size = parts->scheme_size + rest;
    address->server = allocator_zeroed(address->allocator, size + 1, 1);
    if (!address->server)
        return error_set_memory(error);
    memcpy(address->server, url, parts->scheme_size);
    memcpy(address->server + parts->scheme_size, parts->host, rest);
    while (address->server[size - 1] == '/')
        address->server[--size] = '\0';
    return 0;
}

int address_init(struct address *address, const char *url, const struct allocator *allocator, struct error *error)
{
    struct parts parts = {0};
    *address = (struct address){.allocator = allocator};
    if (split(&parts, url, error) < 0)
        return -1;
    if ((parts.user && take_user(address, &parts, error) < 0) || take_server(address, &parts, url, error) < 0) {
        address_release(address);
        return -1;
    }
    return 0;
}

void address_release(struct address *address)
{
    char *const texts[] = {address->server, address->user, address->password};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (texts[i])
            allocator_free(address->allocator, texts[i]);
    *address = (struct address){0};
}

static void append_base64(struct buffer *text, const unsigned char *bytes, size_t size)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < size; i += 3) {
        size_t count = size - i < 3 ? size - i : 3;
        unsigned group = (unsigned)bytes[i] << 16;
        group |= count > 1 ? (unsigned)bytes[i + 1] << 8 : 0;
        group |= count > 2 ? bytes[i + 2] : 0;
        for (size_t digit = 0; digit < 4; digit++)
            buffer_append_byte(text, (unsigned char)(digit <= count ? digits[group >> (18 - 6 * digit) & 63] : '='));
    }
}

static void append_basic(struct buffer *value, const char *user, const char *password,
                         const struct allocator *allocator)
{
    struct buffer pair;
    buffer_init(&pair, allocator);
    buffer_append_string(&pair, user);
    buffer_append_byte(&pair, ':');
    buffer_append_string(&pair, password);
    buffer_append_string(value, "Basic ");
    append_base64(value, pair.data, pair.failed ? 0 : pair.size);
    value->failed = value->failed || pair.failed;
    buffer_release(&pair);
}

int address_authorize(const struct address *address, const char *token, struct buffer *value, struct error *error)
{
    bool has_token = token && *token;
    for (const char *c = token; has_token && *c; c++)
        if (*c <= ' ' || *c > '~')
            return error_set(error, ERROR_ARGUMENT, ERROR_NO_OFFSET,
                             "the token has a space, a control character or one beyond ASCII");
    if (address->user) {
        const char *password = address->password ? address->password : has_token ? token : "";
        append_basic(value, address->user, password, address->allocator);
    } else if (has_token) {
        buffer_append_string(value, "Bearer ");
        buffer_append_string(value, token);
    }
    return value->failed ? error_set_memory(error) : 0;
}
