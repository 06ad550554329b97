/* Floor 1.  What Pyroscope is told beside a profile: the name of the application, labels, the time, what the samples
 * are. */
#ifndef PROFSTAT_INGEST_H
#define PROFSTAT_INGEST_H

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "profile.h"

/* What the server accepts of an application's name, of a label "NAME=VALUE", and of the identifier of a tenant.  0, or
 * -1 with *error naming the rule. */
int ingest_check_app(const char *app, struct error *error);
int ingest_check_label(const char *label, struct error *error);
int ingest_check_tenant(const char *tenant, struct error *error);

/* How a profile is called. */
struct ingest_name {
    const char *app;
    const char *const *labels; /* "NAME=VALUE"; the last one of a name counts, and without a value there is none */
    size_t label_count;
};

/* Appends the URL to which the profile is sent: on the server, with its name, with what its facts say for the labels
 * host, pid and clock where no label is given, and with the time when it was recorded where that is known; `now`, in
 * seconds since the epoch, is when that has ended at the latest. */
void ingest_url(struct buffer *url, const char *server, const struct ingest_name *name, const struct profile *profile,
                int64_t now);

/* Appends the configuration of the sample types that export_pprof writes: JSON that says how they are shown. */
void ingest_sample_types(struct buffer *json, const struct profile *profile);

#endif
