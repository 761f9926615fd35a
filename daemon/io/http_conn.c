/* SPDX-License-Identifier: ISC */
/*
 * One connection: reads a request (http_read.c), waits for its answer, writes
 * it, and only then looks at the next one.  Every state has a deadline that no
 * trickle of bytes puts off.
 */
#include "io/http_private.h"

#include <sys/socket.h>

#include <stdlib.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>

#include "base/log.h"
#include "base/mem.h"
#include "io/http_trust.h"
#include "io/tls.h"

enum {
	READ_AHEAD = 32 * 1024,		/* of what isn't wanted yet */
	ROOM = 32 * 1024,		/* a stream is asked for more below */
	LINGER_SECONDS = 2,
	LINGER_BYTES = 256 * 1024,
};

#define NEVER INT64_MAX

/* How long a state may last, in seconds; 0: as long as it wants. */
static unsigned
seconds_of(const struct http_conn *conn, enum http_conn_state state)
{
	const struct http_limits *limits = &conn->server->limits;
	size_t backlog;

	switch (state) {
	case HTTP_CONN_IDLE:
		return limits->keepalive_seconds;
	case HTTP_CONN_GREETING:
	case HTTP_CONN_HEAD:
		return limits->header_seconds;
	case HTTP_CONN_BODY:
		return 1;	/* on_timer looks at the rate each second */
	case HTTP_CONN_WRITING:
		backlog = evbuffer_get_length(
		    bufferevent_get_output(conn->bev));
		return limits->stall_seconds +
		    (unsigned)(backlog / (limits->min_body_rate + 1));
	case HTTP_CONN_LINGERING:
		return LINGER_SECONDS;
	case HTTP_CONN_HANDLING:
	case HTTP_CONN_STREAMING:
	case HTTP_CONN_STATES:
		break;
	}
	return 0;
}

static void
start_timer(struct http_conn *conn, int64_t ms)
{
	const struct timeval left = { .tv_sec = (time_t)(ms / 1000),
		.tv_usec = (suseconds_t)(ms % 1000 * 1000) };

	conn->timer_at = conn->deadline;
	evtimer_add(conn->timer, &left);
}

/*
 * Deadlines come and go with each request, and hardly one is met.  So the
 * timer is let run when it goes off before: it is time enough to look then.
 */
void
http_conn_set_deadline(struct http_conn *conn, unsigned seconds)
{
	int64_t ms = (int64_t)seconds * 1000;

	conn->deadline = seconds > 0 ? clock_monotonic_ms() + ms : NEVER;
	if (conn->deadline < conn->timer_at)
		start_timer(conn, ms);
}

void
http_conn_set_state(struct http_conn *conn, enum http_conn_state state)
{
	bool was_idle = conn->state == HTTP_CONN_IDLE;
	bool is_idle = state == HTTP_CONN_IDLE;

	if (was_idle && conn->used)
		TAILQ_REMOVE(&conn->server->idle, conn, idle_link);
	if (is_idle && conn->used)
		TAILQ_INSERT_TAIL(&conn->server->idle, conn, idle_link);
	conn->state = state;
	conn->used |= was_idle && !is_idle;
	/* Until its first byte of HTTP it has what its greeting left. */
	if (!is_idle || conn->used)
		http_conn_set_deadline(conn, seconds_of(conn, state));
}

void
http_conn_free(struct http_conn *conn)
{
	struct http_server *server = conn->server;
	struct http_exchange *exchange = conn->exchange;
	bool incomplete = conn->state == HTTP_CONN_BODY;

	if (conn->state == HTTP_CONN_IDLE && conn->tls != NULL)
		tls_say_goodbye(conn->bev);
	if (conn->state == HTTP_CONN_IDLE && conn->used)
		TAILQ_REMOVE(&server->idle, conn, idle_link);
	TAILQ_REMOVE(&server->conns, conn, link);
	server->conn_count--;
	http_peers_drop(server->peers, &conn->peer);
	event_free(conn->timer);
	if (conn->greeting != NULL)
		event_free(conn->greeting);
	buf_fini(&conn->intro);
	buf_fini(&conn->out);
	if (conn->bev != NULL)
		bufferevent_free(conn->bev);
	else
		close(conn->fd);
	free(conn);
	if (exchange != NULL && incomplete) {
		/* Nobody else knows of it. */
		http_exchange_free(exchange);
	} else if (exchange != NULL) {
		exchange->conn = NULL;
		/* Whoever feeds a stream must learn that nobody drinks. */
		if (exchange->streaming && exchange->on_room != NULL)
			exchange->on_room(exchange, exchange->room_arg);
	}
	http_server_relax(server);
}

/* Said all there is to say; what still comes in is thrown away. */
static void
linger(struct http_conn *conn)
{
	struct evbuffer *input = bufferevent_get_input(conn->bev);

	/*
	 * Closing with unread bytes would reset the connection and could take
	 * the answer away from the client.
	 */
	if (conn->tls != NULL)
		tls_say_goodbye(conn->bev);
	if (conn->eof ||
	    shutdown(bufferevent_getfd(conn->bev), SHUT_WR) < 0) {
		http_conn_free(conn);
		return;
	}
	evbuffer_drain(input, evbuffer_get_length(input));
	http_conn_set_state(conn, HTTP_CONN_LINGERING);
}

void
http_conn_refuse(struct http_conn *conn, unsigned status)
{
	struct http_server *server = conn->server;

	if (conn->exchange == NULL)
		conn->exchange = http_exchange_new(conn, slice_of(NULL, 0), 0);
	http_exchange_complete(conn->exchange);
	conn->close = true;
	http_conn_set_state(conn, HTTP_CONN_HANDLING);
	if (server->error_page != NULL)
		server->error_page(conn->exchange, status, server->arg);
	if (conn->exchange != NULL)
		http_answer(conn->exchange, status, slice_of(NULL, 0));
}

static void
on_read(struct bufferevent *bev, void *arg)
{
	struct evbuffer *input = bufferevent_get_input(bev);
	struct http_conn *conn = arg;

	switch (conn->state) {
	case HTTP_CONN_IDLE:
	case HTTP_CONN_HEAD:
		http_conn_read_head(conn);
		break;
	case HTTP_CONN_BODY:
		http_conn_read_body(conn);
		break;
	case HTTP_CONN_LINGERING:
		conn->lingered += evbuffer_get_length(input);
		evbuffer_drain(input, evbuffer_get_length(input));
		if (conn->lingered > LINGER_BYTES)
			http_conn_free(conn);
		break;
	case HTTP_CONN_GREETING:
	case HTTP_CONN_HANDLING:
	case HTTP_CONN_WRITING:
	case HTTP_CONN_STREAMING:
	case HTTP_CONN_STATES:
		break;	/* waits in the buffer, up to READ_AHEAD */
	}
}

/* The answer is out: the next request, if there may be one. */
static void
go_on(struct http_conn *conn)
{
	/* Even at the end only whom the answer told: others ask again. */
	if (conn->close) {
		linger(conn);
		return;
	}
	http_conn_set_state(conn, HTTP_CONN_IDLE);
	http_conn_read_head(conn);
	/* What is not whole by now will never be. */
	if (conn->eof && (conn->state == HTTP_CONN_IDLE ||
	    conn->state == HTTP_CONN_HEAD || conn->state == HTTP_CONN_BODY))
		http_conn_free(conn);
}

/*
 * Mostly there is room in the socket: to wait until it says so takes two calls
 * and another turn of the loop.  What goes wrong here goes wrong again where
 * on_event hears of it.
 */
static void
write_out(struct http_conn *conn)
{
	struct slice text = buf_slice(&conn->out);
	ssize_t sent;

	if (text.len == 0)
		return;
	sent = write(bufferevent_getfd(conn->bev), text.p, text.len);
	if (sent < (ssize_t)text.len) {
		text = slice_sub(text, sent > 0 ? (size_t)sent : 0, text.len);
		bufferevent_write(conn->bev, text.p, text.len);
		http_conn_set_state(conn, HTTP_CONN_WRITING);
	}
	buf_fini(&conn->out);
}

static void
on_write(struct bufferevent *bev, void *arg)
{
	struct http_conn *conn = arg;

	write_out(conn);
	if (conn->state == HTTP_CONN_STREAMING && conn->exchange != NULL)
		conn->exchange->on_room(conn->exchange,
		    conn->exchange->room_arg);
	else if (conn->state == HTTP_CONN_WRITING &&
	    evbuffer_get_length(bufferevent_get_output(bev)) == 0)
		go_on(conn);
}

/* Scanners fail all day: of interest to whoever looks for it only. */
static void
log_handshake(const struct http_conn *conn, struct bufferevent *bev)
{
	struct buf why = { 0 };

	tls_add_connection_error(bev, &why);
	log_debug("handshake_failed", log_str("peer", conn->peer.text),
	    log_slice("why", buf_slice(&why)));
	buf_fini(&why);
}

static void
on_event(struct bufferevent *bev, short what, void *arg)
{
	struct http_conn *conn = arg;
	bool busy = conn->state == HTTP_CONN_HANDLING ||
	    conn->state == HTTP_CONN_WRITING ||
	    conn->state == HTTP_CONN_STREAMING;

	if ((what & BEV_EVENT_CONNECTED) != 0) {
		http_conn_set_state(conn, HTTP_CONN_IDLE);
		return;
	}
	if (conn->state == HTTP_CONN_GREETING)
		log_handshake(conn, bev);
	/* A client may close its half and still wait for the answer. */
	if ((what & BEV_EVENT_EOF) != 0 && busy) {
		conn->eof = true;
		/* Of TLS, libevent has stopped writing, too. */
		bufferevent_enable(bev, EV_WRITE);
	} else {
		http_conn_free(conn);
	}
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct http_conn *conn = arg;

	int64_t left = conn->deadline - clock_monotonic_ms();

	(void)fd;
	(void)what;
	conn->timer_at = NEVER;
	if (conn->deadline == NEVER)
		return;
	if (left > 0)
		start_timer(conn, left);
	else if (conn->state == HTTP_CONN_HEAD)
		http_conn_refuse(conn, 408);
	else if (conn->state == HTTP_CONN_BODY)
		http_conn_check_body(conn);
	else
		http_conn_free(conn);
}

void
http_conn_write(struct http_conn *conn, struct buf *text)
{
	struct evbuffer *out = bufferevent_get_output(conn->bev);

	if (conn->tls == NULL && evbuffer_get_length(out) == 0) {
		conn->out = *text;
		return;
	}
	bufferevent_write(conn->bev, text->p, text->len);
	buf_fini(text);
}

void
http_conn_answered(struct http_conn *conn)
{
	conn->exchange = NULL;
	bufferevent_setwatermark(conn->bev, EV_WRITE, 0, 0);
	http_conn_set_state(conn, HTTP_CONN_WRITING);
	/*
	 * Nobody calls when there is nothing in it: all was written, or waits
	 * in conn->out until the rest of this turn's requests have been read,
	 * so that their answers leave together.
	 */
	if (evbuffer_get_length(bufferevent_get_output(conn->bev)) == 0)
		bufferevent_trigger(conn->bev, EV_WRITE,
		    BEV_TRIG_DEFER_CALLBACKS);
}

void
http_conn_stream(struct http_conn *conn)
{
	const struct timeval stall = {
		.tv_sec = conn->server->limits.stall_seconds };

	bufferevent_setwatermark(conn->bev, EV_WRITE, ROOM, 0);
	bufferevent_set_timeouts(conn->bev, NULL, &stall);
	http_conn_set_state(conn, HTTP_CONN_STREAMING);
}

void
http_conn_begin(struct http_conn *conn, struct bufferevent *bev)
{
	if (conn->greeting != NULL)
		event_free(conn->greeting);
	conn->greeting = NULL;
	conn->bev = bev;
	conn->fd = -1;
	bufferevent_setcb(conn->bev, on_read, on_write, on_event, conn);
	bufferevent_setwatermark(conn->bev, EV_READ, 0, READ_AHEAD);
	bufferevent_enable(conn->bev, EV_READ | EV_WRITE);
	/* Of TLS, on_event hears when the handshake is done. */
	if (conn->tls == NULL)
		http_conn_set_state(conn, HTTP_CONN_IDLE);
}

void
http_conn_open(struct http_server *server, int fd,
    const struct http_peer *peer, uint32_t uid, uint32_t gid,
    const struct http_listen *how)
{
	struct http_conn *conn = MEM_NEW(struct http_conn);

	conn->server = server;
	conn->fd = fd;
	conn->peer = *peer;
	conn->trusted = server->trust != NULL &&
	    http_trust_has(server->trust, &peer->ip);
	conn->uid = uid;
	conn->gid = gid;
	conn->timer = evtimer_new(server->base, on_timer, conn);
	conn->timer_at = NEVER;
	TAILQ_INSERT_TAIL(&server->conns, conn, link);
	server->conn_count++;
	http_conn_set_state(conn, HTTP_CONN_GREETING);
	http_conn_greet(conn, how);
}
