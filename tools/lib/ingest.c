/* The endpoint /ingest is the one that servers of all ages have.  The name of the profile is one text,
 * app{name=value,...}, without any way to quote, so that what would end a value early is refused in labels that are
 * given, and replaced in those from a file.  Old servers ignore sample types that are not configured; newer ones take
 * from the configuration only what kind of profile it is. */
#include "ingest.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/strings.h"
#include "utf8.h"

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS  "0123456789"

enum { MOST_TENANT = 150, MOST_VALUE = 2048, QUOTED_SIZE = 60 };

static int refuse(const char *what, const char *text, const char *rule, struct error *error)
{
    return error_set(error, ERROR_ARGUMENT, ERROR_NO_OFFSET, "'%.*s' is not %s: %s", utf8_fitting(text, QUOTED_SIZE),
                     text, what, rule);
}

int ingest_check_app(const char *app, struct error *error)
{
    if (*app == '\0' || app[strspn(app, LETTERS DIGITS "_.-/")])
        return refuse("the name of an application", app, "letters, digits, '_', '.', '-' and '/'", error);
    return 0;
}

static size_t name_size(const char *label)
{
    return strcspn(label, "=");
}

/* Names that begin with two underscores are the server's. */
static bool is_label_name(const char *label, size_t size)
{
    return size > 0 && strspn(label, LETTERS DIGITS "_") == size && !strchr(DIGITS, *label) &&
           strncmp(label, "__", 2) != 0;
}

static bool ends_value(char c)
{
    return c == ',' || c == '}' || (unsigned char)c < ' ' || c == 0x7F;
}

int ingest_check_label(const char *label, struct error *error)
{
    size_t size = name_size(label);
    const char *value = label + size;
    if (*value++ != '=')
        return refuse("NAME=VALUE", label, "there is no '='", error);
    if (!is_label_name(label, size))
        return refuse("a label", label, "a name has letters, digits and '_', and begins with neither a digit nor '__'",
                      error);
    if (strlen(value) > MOST_VALUE || !utf8_is_valid(value, strlen(value)))
        return refuse("a label", label, "a value is UTF-8 of 2048 bytes at most", error);
    for (; *value; value++)
        if (ends_value(*value))
            return refuse("a label", label, "a value has no ',', no '}' and no control characters", error);
    return 0;
}

int ingest_check_tenant(const char *tenant, struct error *error)
{
    size_t size = strlen(tenant);
    if (size == 0 || size > MOST_TENANT || tenant[strspn(tenant, LETTERS DIGITS "!-_.*'()")])
        return refuse("a tenant", tenant, "up to 150 letters, digits and any of !-_.*'()", error);
    return 0;
}

static void append_encoded(struct buffer *url, const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] && strchr(LETTERS DIGITS "-_.~", bytes[i]))
            buffer_append_byte(url, (unsigned char)bytes[i]);
        else
            buffer_append_format(url, "%%%02X", (unsigned char)bytes[i]);
    }
}

/* A label in the list, of which something is there when it is not the first. */
static void append_label(struct buffer *url, bool *first, const char *name, size_t size)
{
    buffer_append_string(url, *first ? "" : "%2C");
    *first = false;
    append_encoded(url, name, size);
    buffer_append_string(url, "%3D");
}

/* The label of that name that counts, NULL when there is none. */
static const char *find_label(const struct ingest_name *name, const char *wanted, size_t size)
{
    const char *found = NULL;
    for (size_t i = 0; i < name->label_count; i++)
        if (name_size(name->labels[i]) == size && memcmp(name->labels[i], wanted, size) == 0)
            found = name->labels[i];
    return found;
}

/* Bytes are checked one by one: those of longer characters are none that end a value. */
static void append_text(struct buffer *url, const struct string *text)
{
    uint32_t code;
    for (size_t i = 0, step; i < text->size && i + 4 <= MOST_VALUE; i += step) {
        step = utf8_decode(text->bytes + i, text->size - i, &code);
        bool fine = !ends_value(text->bytes[i]) && !utf8_is_surrogate(code);
        append_encoded(url, fine ? text->bytes + i : "_", fine ? step : 1);
    }
}

static void append_fact(struct buffer *url, bool *first, const struct ingest_name *name, const char *label,
                        const struct profile *profile)
{
    const struct fact *fact = profile_fact(profile, label);
    char number[24];
    if (!fact || fact->kind == FACT_REAL || find_label(name, label, strlen(label)) ||
        (fact->kind == FACT_TEXT && fact->text->size == 0))
        return;
    append_label(url, first, label, strlen(label));
    if (fact->kind == FACT_TEXT)
        append_text(url, fact->text);
    else
        append_encoded(url, number, (size_t)snprintf(number, sizeof number, "%" PRId64, fact->integer));
}

static void append_labels(struct buffer *url, const struct ingest_name *name, const struct profile *profile)
{
    static const char *const facts[] = {"host", "pid", "clock"};
    bool first = true;
    buffer_append_string(url, "%7B");
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++)
        append_fact(url, &first, name, facts[i], profile);
    for (size_t i = 0; i < name->label_count; i++) {
        const char *label = name->labels[i], *value = label + name_size(label) + 1;
        if (*value == '\0' || find_label(name, label, name_size(label)) != label)
            continue;
        append_label(url, &first, label, name_size(label));
        append_encoded(url, value, strlen(value));
    }
    buffer_append_string(url, "%7D");
}

static double seconds_of(const struct profile *profile, const char *name)
{
    const struct fact *fact = profile_fact(profile, name);
    double seconds = fact && fact->kind == FACT_REAL ? fact->real : 0;
    return seconds > 0 && seconds < 9e9 ? seconds : 0;
}

/* Whole seconds are what all servers read.  A sum was recorded for longer than it took where processes ran at the same
 * time. */
static void append_times(struct buffer *url, const struct profile *profile, int64_t now)
{
    double started = seconds_of(profile, "started"), ended = ceil(started + seconds_of(profile, "enabled"));
    if (started == 0)
        return;
    int64_t from = (int64_t)started, until = ended < (double)now ? (int64_t)ended : now;
    buffer_append_format(url, "&from=%" PRId64 "&until=%" PRId64, from, until > from ? until : from + 1);
}

void ingest_url(struct buffer *url, const char *server, const struct ingest_name *name, const struct profile *profile,
                int64_t now)
{
    buffer_append_string(url, server);
    buffer_append_string(url, text_ends_in(server, "/ingest") ? "?name=" : "/ingest?name=");
    append_encoded(url, name->app, strlen(name->app));
    append_labels(url, name, profile);
    append_times(url, profile, now);
    buffer_append_string(url, "&spyName=profstat");
}

static bool clock_is(const struct profile *profile, const char *name)
{
    const struct fact *fact = profile_fact(profile, "clock");
    return fact && fact->kind == FACT_TEXT && strcmp(fact->text->bytes, name) == 0;
}

/* Pyroscope has names of its own for elapsed and for CPU time. */
void ingest_sample_types(struct buffer *json, const struct profile *profile)
{
    const char *time = clock_is(profile, "wall") ? "wall" : clock_is(profile, "cpu") ? "cpu" : "time";
    buffer_append_format(json,
                         "{\"calls\":{\"units\":\"objects\",\"aggregation\":\"sum\",\"display-name\":\"calls\"},"
                         "\"time\":{\"units\":\"samples\",\"aggregation\":\"sum\",\"display-name\":\"%s\","
                         "\"sampled\":true}}",
                         time);
}
