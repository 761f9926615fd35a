/* SPDX-License-Identifier: ISC */
/*
 * A strict HTTP/1.1 server on bufferevents (RFC 9110, RFC 9112, nothing
 * optional taken): what is malformed is answered with its 4xx and the
 * connection closed before any handler sees it.  Each request becomes an
 * exchange, handed to the handler whole, its body decoded; the handler answers
 * once, at once or later.  A client that goes away costs nothing: the exchange
 * stays until it is answered.  The process is to ignore SIGPIPE.
 */
#ifndef IO_HTTP_H
#define IO_HTTP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"
#include "io/http_limits.h"
#include "io/http_listen.h"
#include "io/http_request.h"

struct event_base;
struct http_server;
struct http_exchange;
struct http_trust;

typedef void (*http_handler)(struct http_exchange *, void *arg);
/*
 * Lets the owner of the pages answer a malformed request, at once, with that
 * status.  Of the request only what was understood is there.  May be NULL, or
 * leave it unanswered: then the answer has no body.
 */
typedef void (*http_error_page)(struct http_exchange *, unsigned status,
    void *arg);

/* Borrows limits (copied).  No listener yet. */
struct http_server *http_server_new(struct event_base *,
    const struct http_limits *, http_handler, http_error_page, void *arg);
/* Whose word about their clients it believes: borrowed; at first nobody's. */
void http_server_trust(struct http_server *, const struct http_trust *);
/*
 * Accepts on a bound, listening fd; the fd stays the caller's.  `how` is
 * copied; NULL: with nothing before HTTP.
 */
int http_server_listen(struct http_server *, int fd,
    const struct http_listen *how);
/*
 * Another server accepts on the same sockets now: takes no new connection, and
 * each that there is ends with its next answer, or when it has idled for its
 * time; on_drained is called (from the loop) at the end.
 */
void http_server_leave(struct http_server *, void (*on_drained)(void *arg),
    void *arg);
/*
 * Stops accepting, and finishes what was accepted: a connection without a
 * request has 1 s left to send one, a request 5 s to come in whole.
 * on_drained is called (from the loop) at the end.
 */
void http_server_drain(struct http_server *, void (*on_drained)(void *arg),
    void *arg);
void http_server_free(struct http_server *);

const struct http_request *http_exchange_request(const struct http_exchange *);

/*
 * The answer: headers first, then one of the two ways to end it.  Date,
 * Content-Length, Connection are the server's.  A value with CR, LF or NUL
 * makes it a bare 500.
 */
void http_answer_header(struct http_exchange *, const char *name,
    struct slice value);
/* Lines of them that are always the same: "Vary: Origin\r\n". */
void http_answer_lines(struct http_exchange *, const char *lines);
/* Ends the exchange; HEAD gets no body, but its length. */
void http_answer(struct http_exchange *, unsigned status, struct slice body);
/*
 * Or streamed, with chunked coding: start, any number of chunks, end.  Chunk
 * tells how many bytes wait; on_room is called when few do: after the start,
 * and whenever what was written is gone or the client is.
 */
void http_stream_start(struct http_exchange *, unsigned status,
    void (*on_room)(struct http_exchange *, void *arg), void *arg);
size_t http_stream_chunk(struct http_exchange *, struct slice);
void http_stream_end(struct http_exchange *);
/* Ends it in the middle: the client sees that something is missing. */
void http_stream_abort(struct http_exchange *);
/* The client is gone: a stream may end early (still call http_stream_end). */
bool http_exchange_is_dead(const struct http_exchange *);
/* Anything the handler wants to find again; freed with free_fn. */
void http_exchange_set_data(struct http_exchange *, void *data,
    void (*free_fn)(void *));
void *http_exchange_data(const struct http_exchange *);

#endif
