/* SPDX-License-Identifier: ISC */
/*
 * For who counts: what a server's requests were answered.
 */
#ifndef IO_HTTP_OBSERVE_H
#define IO_HTTP_OBSERVE_H

#include <stddef.h>
#include <stdint.h>

#include "io/http_request.h"

struct http_exchange;
struct http_server;

/*
 * Told of each request once it is answered, or what was refused: with which
 * status, and in how many microseconds since it was there whole.  `mark` is
 * what http_exchange_mark said; 0: nothing.
 */
typedef void (*http_observer)(const struct http_request *, unsigned mark,
    unsigned status, int64_t took_us, void *arg);

/* One observer, with the server's arg; NULL: none, as at first. */
void http_server_observe(struct http_server *, http_observer);
/* A number of the handler's own, for the observer. */
void http_exchange_mark(struct http_exchange *, unsigned mark);
/* All statuses that there are, one by one; 0 behind the last. */
unsigned http_status_at(size_t i);

#endif
