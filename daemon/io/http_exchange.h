/* SPDX-License-Identifier: ISC */
/*
 * A request and its answer, as the connection that they come and go on sees
 * them; nobody else includes this.
 */
#ifndef IO_HTTP_EXCHANGE_H
#define IO_HTTP_EXCHANGE_H

#include <sys/queue.h>

#include "base/buf.h"
#include "io/http.h"
#include "io/http_observe.h"
#include "io/http_parse.h"
#include "io/http_peers.h"

struct http_conn;

struct http_exchange {
	LIST_ENTRY(http_exchange) link;
	struct http_server *server;	/* NULL: gone */
	struct http_conn *conn;		/* NULL: the client is gone */
	char *text;			/* the head, owned */
	struct http_head head;
	struct http_peer client;	/* the peer, or a proxy's client */
	bool counts_client;		/* among the server's peers */
	struct buf body;
	struct http_request request;
	struct buf headers;		/* of the answer */
	unsigned status, mark;		/* for the observer */
	int64_t whole_at;		/* monotonic us */
	bool streaming;
	void (*on_room)(struct http_exchange *, void *arg);
	void *room_arg;
	void *data;
	void (*data_free)(void *);
};

/*
 * A new exchange; `head` is copied, with room for that many headers to be
 * found in it, and empty when it was malformed.
 */
struct http_exchange *http_exchange_new(struct http_conn *,
    struct slice head, size_t headers);
/*
 * Finds out who asks, once the head is parsed; false when a proxy's client
 * has as many requests under way as one peer may have connections.
 */
bool http_exchange_identify(struct http_exchange *);
/* Makes request of what was parsed and read. */
void http_exchange_complete(struct http_exchange *);
void http_exchange_free(struct http_exchange *);

#endif
