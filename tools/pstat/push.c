#include "push.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "export.h"
#include "http.h"
#include "ingest.h"
#include "progress.h"
#include "retry.h"
#include "utf8.h"

enum { SHOWN_ANSWER = 600, SECRET_PREFIX = 32 };
enum { BAD_REQUEST = 400, TOO_LARGE = 413, UNPROCESSABLE = 422, TOO_MANY_REQUESTS = 429 };

/* One profile on its way. */
struct delivery {
    struct pusher *pusher;
    const char *file;
    const struct http_form *form;
    struct http_answer answer;
    struct error error; /* of this program, not of the server */
};

/* Makes a header in `header`, which stays empty without a value. */
static int make_header(struct buffer *header, const char *name, const char *value, struct error *error)
{
    if (!value || !*value)
        return 0;
    buffer_append_string(header, name);
    buffer_append(header, value, strlen(value) + 1);
    return header->failed ? error_set_memory(error) : 0;
}

static int make_headers(struct pusher *pusher, struct error *error)
{
    struct buffer value;
    buffer_init(&value, &allocator_libc);
    int result = address_authorize(&pusher->request->address, pusher->secret, &value, error);
    buffer_append_byte(&value, '\0');
    if (result == 0 && value.failed)
        result = error_set_memory(error);
    if (result == 0)
        result = make_header(&pusher->authorization, "Authorization: ", (const char *)value.data, error);
    if (result == 0)
        result = make_header(&pusher->tenant, "X-Scope-OrgID: ", pusher->request->tenant, error);
    buffer_release(&value);
    return result;
}

int pusher_init(struct pusher *pusher, const struct push_request *request, struct error *error)
{
    *pusher = (struct pusher){.request = request, .secret = getenv("PSTAT_PUSH_TOKEN"), .tells = isatty(STDERR_FILENO)};
    buffer_init(&pusher->authorization, &allocator_libc);
    buffer_init(&pusher->tenant, &allocator_libc);
    if (make_headers(pusher, error) == 0 && (pusher->http = http_new(error)))
        return 0;
    pusher_release(pusher);
    return -1;
}

void pusher_release(struct pusher *pusher)
{
    http_free(pusher->http);
    buffer_release(&pusher->authorization);
    buffer_release(&pusher->tenant);
}

static enum trial judge(const struct http_answer *answer)
{
    if (answer->status >= 200 && answer->status < 300)
        return TRIAL_DONE;
    if (answer->status == 0)
        return answer->never_connected ? TRIAL_AGAIN : TRIAL_FINAL;
    return answer->status == TOO_MANY_REQUESTS || answer->status >= 500 ? TRIAL_AGAIN : TRIAL_FINAL;
}

static enum trial attempt(void *context, int64_t left_ms, int64_t *asked_ms)
{
    struct delivery *delivery = context;
    if (http_send(delivery->pusher->http, delivery->form, left_ms, &delivery->answer, &delivery->error) < 0)
        return TRIAL_FINAL;
    *asked_ms = delivery->answer.asked_ms;
    return judge(&delivery->answer);
}

static int64_t now_ms(void *context)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* The seed of the hash is another one in each process. */
static uint32_t some_number(void *context)
{
    return hash_mix((uint64_t)now_ms(context));
}

/* Whether the answer repeats what nobody should see; of a long secret its beginning is enough. */
static bool holds(const struct http_answer *answer, const char *secret)
{
    size_t size = secret ? strnlen(secret, SECRET_PREFIX) : 0;
    return size > 0 && memmem(answer->body, answer->body_size, secret, size);
}

static bool holds_secret(const struct pusher *pusher, const struct http_answer *answer)
{
    const char *header = (const char *)pusher->authorization.data;
    const char *credentials = header ? strrchr(header, ' ') + 1 : NULL;
    return holds(answer, pusher->secret) || holds(answer, pusher->request->address.password) ||
           holds(answer, credentials);
}

/* What the server says, in one line, with what ends it. */
static void append_answer(struct out *text, const struct pusher *pusher, const struct http_answer *answer)
{
    char shown[SHOWN_ANSWER + 1] = "";
    size_t size = answer->body_size;
    while (size > 0 && strchr(" \r\n", answer->body[size - 1]))
        size--;
    if (size == 0)
        return;
    if (holds_secret(pusher, answer)) {
        out_string(text, ": (an answer that repeats the secret)");
        return;
    }
    memcpy(shown, answer->body, size < SHOWN_ANSWER ? size : SHOWN_ANSWER);
    out_string(text, ": ");
    out_line_text(text, shown, size <= SHOWN_ANSWER ? size : (size_t)utf8_fitting(shown, SHOWN_ANSWER));
    out_string(text, size > SHOWN_ANSWER || answer->body_size == HTTP_BODY_SIZE ? "..." : "");
}

/* Why it did not work this time. */
static void append_reason(struct out *text, const struct delivery *delivery)
{
    const struct http_answer *answer = &delivery->answer;
    if (answer->status == 0) {
        out_line_text(text, answer->trouble, strlen(answer->trouble));
        return;
    }
    out_format(text, "it answers %d", answer->status);
    if (*answer->location) {
        out_string(text, ", and that the place is ");
        out_line_text(text, answer->location, strlen(answer->location));
    }
    append_answer(text, delivery->pusher, answer);
    if (answer->asked_ms > 0)
        out_format(text, " (to be tried again after %lld s)", (long long)(answer->asked_ms / 1000));
}

static void tell(const struct delivery *delivery, const char *what)
{
    struct out text;
    out_init_memory(&text);
    append_reason(&text, delivery);
    out_bytes(&text, "", 1);
    progress_clear();
    if (out_finish(&text, NULL) == 0)
        out_note("%s: not pushed to %s: %s%s", delivery->file, delivery->pusher->request->address.server,
                 (const char *)text.buffer.data, what);
    out_release(&text);
}

static void wait_to_try(void *context, int64_t wait_ms)
{
    const struct delivery *delivery = context;
    struct timespec left = {.tv_sec = wait_ms / 1000, .tv_nsec = wait_ms % 1000 * 1000000};
    if (delivery->pusher->tells)
        tell(delivery, "; trying again");
    while (nanosleep(&left, &left) < 0)
        ;
}

static enum pushed conclude(const struct delivery *delivery, enum trial trial, unsigned tries)
{
    int status = delivery->answer.status;
    char count[40] = "";
    if (trial == TRIAL_DONE)
        return PUSH_DONE;
    if (delivery->error.code != ERROR_NONE) {
        out_error(delivery->file, &delivery->error);
        return PUSH_FAILED;
    }
    if (tries > 1)
        snprintf(count, sizeof count, " (%u tries)", tries);
    tell(delivery, count);
    return status == BAD_REQUEST || status == TOO_LARGE || status == UNPROCESSABLE ? PUSH_REFUSED : PUSH_FAILED;
}

static enum pushed deliver_form(struct pusher *pusher, const char *file, const struct http_form *form)
{
    struct delivery delivery = {.pusher = pusher, .file = file, .form = form};
    const struct retry retry = {&delivery, attempt, now_ms, wait_to_try, some_number};
    unsigned tries;
    enum trial trial = retry_run(&retry, pusher->request->limit_ms, &tries);
    return conclude(&delivery, trial, tries);
}

static enum pushed push_pprof(struct pusher *pusher, const char *file, const struct profile *profile,
                              const struct buffer *pprof)
{
    const struct push_request *request = pusher->request;
    const struct ingest_name name = {request->app, request->labels, request->label_count};
    const char *headers[2];
    struct buffer url, types;
    buffer_init(&url, &allocator_libc);
    buffer_init(&types, &allocator_libc);
    ingest_url(&url, request->address.server, &name, profile, (int64_t)time(NULL));
    buffer_append_byte(&url, '\0');
    ingest_sample_types(&types, profile);
    const struct http_part parts[] = {{"profile", "profile.pb.gz", pprof->data, pprof->size},
                                      {"sample_type_config", "sample_type_config.json", types.data, types.size}};
    struct http_form form = {(const char *)url.data, headers, 0, parts, sizeof parts / sizeof *parts};
    if (pusher->authorization.size)
        headers[form.header_count++] = (const char *)pusher->authorization.data;
    if (pusher->tenant.size)
        headers[form.header_count++] = (const char *)pusher->tenant.data;
    enum pushed pushed = PUSH_FAILED;
    if (url.failed || types.failed)
        out_note("%s: out of memory", file);
    else
        pushed = deliver_form(pusher, file, &form);
    buffer_release(&types);
    buffer_release(&url);
    return pushed;
}

enum pushed push_profile(struct pusher *pusher, const char *file, const struct profile *profile)
{
    const struct report report = {.profile = profile};
    struct error error = {0};
    enum pushed pushed = PUSH_REFUSED;
    struct out pprof;
    out_init_memory(&pprof);
    int result = export_pprof(&report, &pprof, &error);
    if (result == 0)
        result = out_finish(&pprof, &error);
    if (result < 0)
        out_error(file, &error);
    else
        pushed = push_pprof(pusher, file, profile, &pprof.buffer);
    out_release(&pprof);
    return pushed;
}
