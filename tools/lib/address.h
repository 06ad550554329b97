/* Floor 1.  The address of a server, and what is said there of who asks. */
#ifndef PROFSTAT_ADDRESS_H
#define PROFSTAT_ADDRESS_H

#include <stddef.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "base/error.h"

/* Owns its texts.  {0}: none, which may be released. */
struct address {
    const struct allocator *allocator;
    char *server;   /* "https://host:port/path", without the user and without a slash at the end */
    char *user;     /* decoded; NULL: none */
    char *password; /* decoded; NULL: none */
};

/* Takes an http or https URL apart.  0, or -1 with *error, which does not quote the URL (it may hold a password), and
 * nothing to release. */
int address_init(struct address *address, const char *url, const struct allocator *allocator, struct error *error);
void address_release(struct address *address);

/* Appends the value of the header "Authorization": nothing without a user and without a token; with a user Basic, the
 * token being the password where the address has none; else the token as Bearer.  `token` may be NULL or empty.  0, or
 * -1 with *error set. */
int address_authorize(const struct address *address, const char *token, struct buffer *value, struct error *error);

#endif
