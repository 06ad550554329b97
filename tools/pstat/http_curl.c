/* libcurl, which brings thirty other libraries along: linked to it, a program takes five milliseconds more to start,
 * many times what pstat takes.  So it is loaded when something is sent. */
#include "http.h"

#include <curl/curl.h>
#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of libcurl; named as there, without "curl_". */
struct functions {
    CURL *(*easy_init)(void);
    CURLcode (*easy_setopt)(CURL *handle, CURLoption option, ...);
    CURLcode (*easy_perform)(CURL *handle);
    CURLcode (*easy_getinfo)(CURL *handle, CURLINFO info, ...);
    const char *(*easy_strerror)(CURLcode code);
    void (*easy_cleanup)(CURL *handle);
    struct curl_slist *(*slist_append)(struct curl_slist *list, const char *text);
    void (*slist_free_all)(struct curl_slist *list);
    curl_mime *(*mime_init)(CURL *handle);
    curl_mimepart *(*mime_addpart)(curl_mime *mime);
    CURLcode (*mime_name)(curl_mimepart *part, const char *name);
    CURLcode (*mime_filename)(curl_mimepart *part, const char *name);
    CURLcode (*mime_data)(curl_mimepart *part, const char *data, size_t size);
    void (*mime_free)(curl_mime *mime);
};

static const struct {
    const char *name;
    size_t place;
} symbols[] = {
    {"curl_easy_init", offsetof(struct functions, easy_init)},
    {"curl_easy_setopt", offsetof(struct functions, easy_setopt)},
    {"curl_easy_perform", offsetof(struct functions, easy_perform)},
    {"curl_easy_getinfo", offsetof(struct functions, easy_getinfo)},
    {"curl_easy_strerror", offsetof(struct functions, easy_strerror)},
    {"curl_easy_cleanup", offsetof(struct functions, easy_cleanup)},
    {"curl_slist_append", offsetof(struct functions, slist_append)},
    {"curl_slist_free_all", offsetof(struct functions, slist_free_all)},
    {"curl_mime_init", offsetof(struct functions, mime_init)},
    {"curl_mime_addpart", offsetof(struct functions, mime_addpart)},
    {"curl_mime_name", offsetof(struct functions, mime_name)},
    {"curl_mime_filename", offsetof(struct functions, mime_filename)},
    {"curl_mime_data", offsetof(struct functions, mime_data)},
    {"curl_mime_free", offsetof(struct functions, mime_free)},
};

/* The handle keeps the connection for the next form. */
struct http {
    struct functions curl;
    CURL *handle;
    char trouble[CURL_ERROR_SIZE];
};

/* The library stays loaded until the program ends. */
static int load_functions(struct functions *functions, struct error *error)
{
    static const char *const names[] = {"libcurl.so.4", "libcurl-gnutls.so.4"};
    void *library = NULL;
    for (size_t i = 0; i < sizeof names / sizeof *names && !library; i++)
        library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
    if (!library)
        return error_set(error, ERROR_ARGUMENT, ERROR_NO_OFFSET,
                         "libcurl.so.4 cannot be loaded; install libcurl4 (Debian's name of the package)");
    for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++) {
        void *symbol = dlsym(library, symbols[i].name);
        if (!symbol)
            return error_set(error, ERROR_ARGUMENT, ERROR_NO_OFFSET, "this libcurl is too old: it has no %s",
                             symbols[i].name);
        memcpy((char *)functions + symbols[i].place, &symbol, sizeof symbol);
    }
    return 0;
}

struct http *http_new(struct error *error)
{
    struct http *http = calloc(1, sizeof *http);
    if (!http) {
        error_set_memory(error);
        return NULL;
    }
    if (load_functions(&http->curl, error) < 0) {
        free(http);
        return NULL;
    }
    http->handle = http->curl.easy_init();
    if (http->handle)
        return http;
    free(http);
    error_set_memory(error);
    return NULL;
}

void http_free(struct http *http)
{
    if (!http)
        return;
    http->curl.easy_cleanup(http->handle);
    free(http);
}

static size_t keep_beginning(char *bytes, size_t one, size_t size, void *context)
{
    struct http_answer *answer = context;
    size_t room = sizeof answer->body - answer->body_size, kept = size < room ? size : room;
    memcpy(answer->body + answer->body_size, bytes, kept);
    answer->body_size += kept;
    return size;
}

/* Where the curl program, too, looks for certificates; else the library's own place holds. */
static const char *certificates(void)
{
    static const char *const variables[] = {"CURL_CA_BUNDLE", "SSL_CERT_FILE"};
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
        const char *path = getenv(variables[i]);
        if (path && *path)
            return path;
    }
    return NULL;
}

static void set_up(struct http *http, const struct http_form *form, int64_t left_ms, struct http_answer *answer)
{
    CURLcode (*set)(CURL * handle, CURLoption option, ...) = http->curl.easy_setopt;
    CURL *handle = http->handle;
    set(handle, CURLOPT_URL, form->url);
    set(handle, CURLOPT_USERAGENT, "pstat/" PROFSTAT_VERSION);
    set(handle, CURLOPT_NOSIGNAL, 1L);
    set(handle, CURLOPT_FOLLOWLOCATION, 0L);
    set(handle, CURLOPT_TIMEOUT_MS, (long)left_ms);
    set(handle, CURLOPT_ERRORBUFFER, http->trouble);
    set(handle, CURLOPT_WRITEFUNCTION, keep_beginning);
    set(handle, CURLOPT_WRITEDATA, answer);
    if (certificates())
        set(handle, CURLOPT_CAINFO, certificates());
}

/* A form that is large would wait for the server's word to go on. */
static bool add_headers(struct http *http, const struct http_form *form, struct curl_slist **list)
{
    *list = http->curl.slist_append(NULL, "Expect:");
    for (size_t i = 0; *list && i < form->header_count; i++) {
        struct curl_slist *longer = http->curl.slist_append(*list, form->headers[i]);
        if (!longer)
            return false;
        *list = longer;
    }
    http->curl.easy_setopt(http->handle, CURLOPT_HTTPHEADER, *list);
    return *list;
}

static bool add_part(struct http *http, curl_mime *mime, const struct http_part *part)
{
    curl_mimepart *added = http->curl.mime_addpart(mime);
    return added && http->curl.mime_name(added, part->name) == CURLE_OK &&
           http->curl.mime_filename(added, part->file_name) == CURLE_OK &&
           http->curl.mime_data(added, part->bytes, part->size) == CURLE_OK;
}

static bool add_parts(struct http *http, const struct http_form *form, curl_mime *mime)
{
    for (size_t i = 0; mime && i < form->part_count; i++)
        if (!add_part(http, mime, &form->parts[i]))
            return false;
    http->curl.easy_setopt(http->handle, CURLOPT_MIMEPOST, mime);
    return mime;
}

static bool is_of_connection(CURLcode code)
{
    static const CURLcode codes[] = {CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_CONNECT,
                                     CURLE_SEND_ERROR,            CURLE_RECV_ERROR,           CURLE_GOT_NOTHING};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (codes[i] == code)
            return true;
    return false;
}

static void perform(struct http *http, struct http_answer *answer)
{
    long status = 0;
    curl_off_t wait = 0;
    const char *location = NULL;
    http->trouble[0] = '\0';
    CURLcode code = http->curl.easy_perform(http->handle);
    http->curl.easy_getinfo(http->handle, CURLINFO_RESPONSE_CODE, &status);
    http->curl.easy_getinfo(http->handle, CURLINFO_RETRY_AFTER, &wait);
    http->curl.easy_getinfo(http->handle, CURLINFO_REDIRECT_URL, &location);
    /* An answer that breaks off or does not end has said enough with its status; those below 200 announce another. */
    answer->status = status >= 200 ? (int)status : 0;
    answer->never_connected = answer->status == 0 && is_of_connection(code);
    answer->asked_ms = wait > 0 && wait < INT32_MAX ? (int64_t)wait * 1000 : 0;
    snprintf(answer->location, sizeof answer->location, "%s", location ? location : "");
    snprintf(answer->trouble, sizeof answer->trouble, "%s",
             http->trouble[0] ? http->trouble : http->curl.easy_strerror(code));
}

int http_send(struct http *http, const struct http_form *form, int64_t left_ms, struct http_answer *answer,
              struct error *error)
{
    struct curl_slist *headers = NULL;
    curl_mime *mime = http->curl.mime_init(http->handle);
    *answer = (struct http_answer){0};
    set_up(http, form, left_ms, answer);
    bool ready = add_headers(http, form, &headers) && add_parts(http, form, mime);
    if (ready)
        perform(http, answer);
    http->curl.easy_setopt(http->handle, CURLOPT_MIMEPOST, NULL);
    http->curl.easy_setopt(http->handle, CURLOPT_HTTPHEADER, NULL);
    http->curl.slist_free_all(headers);
    http->curl.mime_free(mime);
    return ready ? 0 : error_set_memory(error);
}
