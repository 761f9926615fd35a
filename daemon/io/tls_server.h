/* SPDX-License-Identifier: ISC */
/*
 * TLS as a server: certificates with their keys, and the connections that are
 * accepted with them.  TLS 1.2 and 1.3, no renegotiation, compression or
 * early data; ALPN knows http/1.1.  A client that asks for a name gets the
 * first certificate that holds it, else the very first.  Made before a fork,
 * it works in all children, tickets across them.
 */
#ifndef IO_TLS_SERVER_H
#define IO_TLS_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct bufferevent;
struct event_base;
struct tls_server;
struct tls_tickets;

/* Which of two files is at fault. */
enum tls_fault { TLS_FINE, TLS_CERTIFICATE, TLS_KEY };

/* Borrows the tickets.  No certificate yet. */
struct tls_server *tls_server_new(struct tls_tickets *);
/* Frees the keys too; NULL is fine. */
void tls_server_free(struct tls_server *);

/*
 * Adds a certificate with its chain and its private key, each a PEM file.
 * When something is wrong with one of them it says what, and what would be
 * right, in `error`.
 */
enum tls_fault tls_server_add(struct tls_server *, const char *certificate,
    const char *key, struct buf *error);
size_t tls_server_count(const struct tls_server *);
/* From when to when the i-th certificate is good: wall clock, microseconds. */
void tls_server_validity(const struct tls_server *, size_t i,
    int64_t *ret_from, int64_t *ret_until);
/* Does a certificate hold that host name or address? */
bool tls_server_has_name(const struct tls_server *, const char *host);

/*
 * A connection on a connected socket, which it takes.  BEV_EVENT_CONNECTED
 * tells that the handshake is done; an end without the TLS way of saying so
 * counts as any end.
 */
struct bufferevent *tls_server_accept(struct tls_server *,
    struct event_base *, int fd);

#endif
