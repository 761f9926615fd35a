/* SPDX-License-Identifier: ISC */
/*
 * What the server and its connections know of each other; nobody else but
 * their exchanges includes this.
 */
#ifndef IO_HTTP_PRIVATE_H
#define IO_HTTP_PRIVATE_H

#include "base/clock.h"
#include "io/http_chunk.h"
#include "io/http_exchange.h"

struct bufferevent;
struct event;

struct http_server {
	struct event_base *base;
	struct http_limits limits;
	http_handler handler;
	http_error_page error_page;
	http_observer observer;		/* NULL: nobody's */
	void *arg;
	SLIST_HEAD(, http_listener) listeners;	/* http_server.c */
	struct event *resume;		/* accepts again after a pause */
	TAILQ_HEAD(http_conns, http_conn) conns;
	TAILQ_HEAD(, http_conn) idle;	/* kept alive; longest first */
	unsigned conn_count;
	LIST_HEAD(, http_exchange) exchanges;
	struct http_peers *peers;
	const struct http_trust *trust;	/* NULL: nobody's */
	uint64_t serial;
	int64_t date_of;		/* a second, wall clock */
	char date[CLOCK_RFC5322_SIZE];
	bool draining;
	struct event *drained;
	void (*on_drained)(void *arg);
	void *drained_arg;
};

enum http_conn_state { HTTP_CONN_GREETING, HTTP_CONN_IDLE, HTTP_CONN_HEAD,
	HTTP_CONN_BODY, HTTP_CONN_HANDLING, HTTP_CONN_WRITING,
	HTTP_CONN_STREAMING, HTTP_CONN_LINGERING, HTTP_CONN_STATES };

struct http_conn {
	TAILQ_ENTRY(http_conn) link, idle_link;
	struct http_server *server;
	int fd;				/* -1 once it is bev's */
	struct bufferevent *bev;	/* NULL until http_conn_begin */
	struct event *timer;
	int64_t timer_at, deadline;	/* monotonic ms; it may be early */
	struct event *greeting;		/* http_greet.c; NULL: none */
	bool awaits_proxy;
	struct buf intro;		/* as much as came of its block */
	struct buf out;			/* an answer, before bev has it */
	struct tls_server *tls;		/* NULL: plain */
	enum http_scheme scheme;
	enum http_conn_state state;
	struct http_peer peer;
	bool trusted;			/* a proxy of ours */
	uint32_t uid, gid;
	struct http_scan scan;
	struct http_chunk chunk;
	struct http_exchange *exchange;	/* the one under way */
	int64_t body_since;		/* monotonic ms */
	size_t lingered;		/* bytes thrown away */
	bool used;			/* a request has begun */
	bool close;			/* after this answer */
	bool eof;			/* nothing more will come */
};

/* Takes the fd. */
void http_conn_open(struct http_server *, int fd, const struct http_peer *,
    uint32_t uid, uint32_t gid, const struct http_listen *);
/* Reads what comes before HTTP, if anything, then begins. */
void http_conn_greet(struct http_conn *, const struct http_listen *);
/* Takes the bufferevent, on the fd; HTTP starts, or a TLS handshake. */
void http_conn_begin(struct http_conn *, struct bufferevent *);
/* The one setter of a state and its deadline, and of another deadline. */
void http_conn_set_state(struct http_conn *, enum http_conn_state);
void http_conn_set_deadline(struct http_conn *, unsigned seconds);
/* Reads on, in a head (or idle) or a body; what is read whole is handled. */
void http_conn_read_head(struct http_conn *);
void http_conn_read_body(struct http_conn *);
/* Once a second while a body comes in: refuses one that is too slow. */
void http_conn_check_body(struct http_conn *);
/* Answers what is no request with that status, and closes. */
void http_conn_refuse(struct http_conn *, unsigned status);
/* Closes at once; its exchange, if any, goes on without it. */
void http_conn_free(struct http_conn *);
/* Takes an answer's text: it is sent once http_conn_answered was called. */
void http_conn_write(struct http_conn *, struct buf *text);
/* The exchange is over: its last byte is in the output. */
void http_conn_answered(struct http_conn *);
/* The exchange sends its answer bit by bit; again: under new limits. */
void http_conn_stream(struct http_conn *);

/* A connection or an exchange ended: accept again, or be drained. */
void http_server_relax(struct http_server *);

#endif
