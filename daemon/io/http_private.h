/* SPDX-License-Identifier: ISC */
/*
 * What the server, its connections and their exchanges know of each other;
 * nobody else includes this.
 */
#ifndef IO_HTTP_PRIVATE_H
#define IO_HTTP_PRIVATE_H

#include <sys/queue.h>

#include "base/clock.h"
#include "io/http.h"
#include "io/http_chunk.h"
#include "io/http_parse.h"
#include "io/http_peers.h"

struct bufferevent;
struct event;

struct http_server {
	struct event_base *base;
	struct http_limits limits;
	http_handler handler;
	http_error_page error_page;
	void *arg;
	SLIST_HEAD(, http_listener) listeners;	/* http_server.c */
	struct event *resume;		/* accepts again after a pause */
	TAILQ_HEAD(http_conns, http_conn) conns;
	TAILQ_HEAD(, http_conn) idle;	/* kept alive; longest first */
	unsigned conn_count;
	LIST_HEAD(, http_exchange) exchanges;
	struct http_peers *peers;
	uint64_t serial;
	bool draining;
	struct event *drained;
	void (*on_drained)(void *arg);
	void *drained_arg;
};

enum http_conn_state { HTTP_CONN_IDLE, HTTP_CONN_HEAD, HTTP_CONN_BODY,
	HTTP_CONN_HANDLING, HTTP_CONN_WRITING, HTTP_CONN_STREAMING,
	HTTP_CONN_LINGERING, HTTP_CONN_STATES };

struct http_conn {
	TAILQ_ENTRY(http_conn) link;
	TAILQ_ENTRY(http_conn) idle_link;
	struct http_server *server;
	struct bufferevent *bev;
	struct event *timer;
	enum http_conn_state state;
	struct http_peer peer;
	uint32_t uid, gid;
	struct http_scan scan;
	struct http_chunk chunk;
	struct http_exchange *exchange;	/* the one under way */
	int64_t body_since;		/* monotonic ms */
	size_t lingered;		/* bytes thrown away */
	bool used;			/* had a request already */
	bool close;			/* after this answer */
	bool eof;			/* nothing more will come */
};

struct http_exchange {
	LIST_ENTRY(http_exchange) link;
	struct http_server *server;	/* NULL: gone */
	struct http_conn *conn;		/* NULL: the client is gone */
	char *text;			/* the head, owned */
	struct http_head head;
	struct buf body;
	struct http_request request;
	struct buf headers;		/* of the answer */
	bool streaming;
	void (*on_room)(struct http_exchange *, void *arg);
	void *room_arg;
	void *data;
	void (*data_free)(void *);
};

/* Takes the fd. */
void http_conn_open(struct http_server *, int fd, const struct http_peer *,
    uint32_t uid, uint32_t gid);
/* Closes at once; its exchange, if any, goes on without it. */
void http_conn_free(struct http_conn *);
/* The exchange is over: its last byte is in the output. */
void http_conn_answered(struct http_conn *);
/* The exchange sends its answer bit by bit; again: under new limits. */
void http_conn_stream(struct http_conn *);

/* A new exchange; `head` is copied, and empty when it was malformed. */
struct http_exchange *http_exchange_new(struct http_conn *,
    struct slice head);
/* Makes request of what was parsed and read. */
void http_exchange_complete(struct http_exchange *);
void http_exchange_free(struct http_exchange *);

/* A connection or an exchange ended: accept again, or be drained. */
void http_server_relax(struct http_server *);

#endif
