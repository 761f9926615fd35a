/* SPDX-License-Identifier: ISC */
/*
 * What both sides of TLS share: the words for what went wrong, and the end of
 * a connection.
 */
#ifndef IO_TLS_H
#define IO_TLS_H

struct buf;
struct bufferevent;

/* Adds what OpenSSL says of its last failure, and clears its queue. */
void tls_add_error(struct buf *out);
/* The same of a connection that failed. */
void tls_add_connection_error(struct bufferevent *, struct buf *out);
/*
 * Says that nothing more will be sent, if it can be said at once; for a
 * connection whose handshake went well and that has written all it had.
 */
void tls_say_goodbye(struct bufferevent *);

#endif
