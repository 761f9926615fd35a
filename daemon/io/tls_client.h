/* SPDX-License-Identifier: ISC */
/*
 * TLS 1.2 and 1.3 as a client: who signs, whose name is wanted.  A connection
 * is up only when the certificate is good, and good for that name.
 */
#ifndef IO_TLS_CLIENT_H
#define IO_TLS_CLIENT_H

#include <stdbool.h>

struct buf;
struct bufferevent;
struct event_base;
struct tls_client;

/*
 * Trusts those in ca_file, or whom the system does if that is "".  Owned; NULL
 * after adding to `error` why not.
 */
struct tls_client *tls_client_new(const char *ca_file, struct buf *error);
void tls_client_free(struct tls_client *);
/* Where the system's are, which are read one by one as they are needed. */
const char *tls_client_trusted_folder(void);

/*
 * Begins on a connected socket, which it takes; BEV_EVENT_CONNECTED tells that
 * it is up.  `name` is a host's name or numeric address.  Owned; NULL, with fd
 * closed, when OpenSSL can't.
 */
struct bufferevent *tls_client_start(struct tls_client *,
    struct event_base *, int fd, const char *name);
/*
 * Adds why a connection didn't come up.  True when the other side and we
 * can't agree; false when it just went away.
 */
bool tls_client_add_failure(struct bufferevent *, struct buf *out);

#endif
