/* SPDX-License-Identifier: ISC */
/*
 * Accepting connections, as many as the limits allow, and letting them run
 * out.  What is said on them is http_conn's.
 */
#include "io/http.h"

#include <sys/resource.h>
#include <sys/socket.h>

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/mem.h"
#include "io/http_private.h"
#include "io/http_trust.h"

const struct http_limits http_limits_default = {
	.request_line = 8192,
	.header_bytes = 16384,
	.header_count = 64,
	.body = 16384,
	.header_seconds = 10,
	.body_seconds = 20,
	.keepalive_seconds = 5,
	.stall_seconds = 20,
	.min_body_rate = 500,
	.connections = 8192,
	.connections_per_peer = 128,
};

/*
 * A few at a time, so that other processes on the same socket get theirs;
 * descriptors that are left to files, pipes and libraries; how long a head or
 * a body may take once the server drains, and who has sent nothing.
 */
enum { ACCEPT_AT_ONCE = 16, SPARE_FDS = 64, DRAIN_SECONDS = 5,
	DRAIN_IDLE_SECONDS = 1 };

struct http_listener {
	SLIST_ENTRY(http_listener) link;
	struct http_server *server;
	struct event *event;
	int fd;
	struct http_listen how;
};

static const struct timeval accept_pause = { .tv_usec = 100000 };

static void
set_accepting(struct http_server *server, bool on)
{
	struct http_listener *listener;

	SLIST_FOREACH(listener, &server->listeners, link) {
		if (on)
			event_add(listener->event, NULL);
		else
			event_del(listener->event);
	}
}

static void
on_resume(evutil_socket_t fd, short what, void *arg)
{
	struct http_server *server = arg;

	(void)fd;
	(void)what;
	if (!server->draining)
		set_accepting(server, true);
}

static void
on_drained(evutil_socket_t fd, short what, void *arg)
{
	struct http_server *server = arg;

	(void)fd;
	(void)what;
	if (server->on_drained != NULL)
		server->on_drained(server->drained_arg);
	server->on_drained = NULL;
}

/* Descriptors end before connections do where the system allows few. */
static unsigned
max_connections(unsigned wanted)
{
	struct rlimit limit;
	rlim_t room;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 ||
	    limit.rlim_cur == RLIM_INFINITY)
		return wanted;
	room = limit.rlim_cur > 2 * SPARE_FDS ?
	    limit.rlim_cur - SPARE_FDS : SPARE_FDS;
	return room < wanted ? (unsigned)room : wanted;
}

struct http_server *
http_server_new(struct event_base *base, const struct http_limits *limits,
    http_handler handler, http_error_page error_page, void *arg)
{
	struct http_server *server = MEM_NEW(struct http_server);

	server->base = base;
	server->limits = *limits;
	server->limits.connections = max_connections(limits->connections);
	server->handler = handler;
	server->error_page = error_page;
	server->arg = arg;
	SLIST_INIT(&server->listeners);
	TAILQ_INIT(&server->conns);
	TAILQ_INIT(&server->idle);
	LIST_INIT(&server->exchanges);
	server->peers = http_peers_new();
	server->resume = evtimer_new(base, on_resume, server);
	server->drained = evtimer_new(base, on_drained, server);
	return server;
}

void
http_server_observe(struct http_server *server, http_observer observer)
{
	server->observer = observer;
}

void
http_server_trust(struct http_server *server, const struct http_trust *trust)
{
	server->trust = trust;
}

/* At the cap: whoever waits idle longest makes room, if anybody does. */
static bool
make_room(struct http_server *server)
{
	struct http_conn *idle = TAILQ_FIRST(&server->idle);

	if (server->conn_count < server->limits.connections)
		return true;
	if (idle == NULL)
		return false;
	http_conn_free(idle);
	return true;
}

/* Who that is, and whether we want to hear them. */
static bool
admit(struct http_listener *listener, const struct sockaddr *address,
    struct http_peer *ret_peer)
{
	struct http_server *server = listener->server;
	const struct http_trust *trust = server->trust;
	bool trusted;

	http_peer_of(address, ret_peer);
	trusted = trust != NULL && http_trust_has(trust, &ret_peer->ip);
	if (listener->how.proxy_protocol && !trusted) {
		if (trust != NULL && trust->on_stranger != NULL)
			trust->on_stranger(ret_peer->text, "PROXY",
			    trust->arg);
		return false;
	}
	/* Its clients are counted instead. */
	if (trusted)
		ret_peer->counted = false;
	return http_peers_take(server->peers, ret_peer,
	    server->limits.connections_per_peer);
}

static void
take_connection(struct http_listener *listener, int fd,
    const struct sockaddr *address)
{
	struct http_server *server = listener->server;
	struct ucred cred = { .uid = UINT32_MAX, .gid = UINT32_MAX };
	socklen_t len = sizeof(cred);
	struct http_peer peer;
	int one = 1;

	if (!admit(listener, address, &peer)) {
		close(fd);
		return;
	}
	if (address->sa_family == AF_UNIX) {
		if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) < 0)
			cred.uid = cred.gid = UINT32_MAX;
	} else {
		/* Only speed is lost if that fails. */
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	}
	http_conn_open(server, fd, &peer, cred.uid, cred.gid,
	    &listener->how);
}

/* One connection; false when there is none, or no room for one. */
static bool
accept_one(struct http_listener *listener)
{
	struct http_server *server = listener->server;
	struct sockaddr_storage address = { .ss_family = AF_UNSPEC };
	socklen_t len = sizeof(address);
	int fd;

	if (!make_room(server)) {
		/* http_server_relax goes on. */
		set_accepting(server, false);
		return false;
	}
	fd = accept4(listener->fd, (struct sockaddr *)&address, &len,
	    SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd >= 0) {
		take_connection(listener, fd, (struct sockaddr *)&address);
		return true;
	}
	if (errno == EAGAIN || errno == EWOULDBLOCK)
		return false;
	if (errno == EINTR || errno == ECONNABORTED || errno == EPROTO)
		return true;
	/*
	 * No descriptor or memory left: the socket stays readable, so look
	 * away for a while instead of spinning.
	 */
	set_accepting(server, false);
	evtimer_add(server->resume, &accept_pause);
	return false;
}

static void
on_accept(evutil_socket_t fd, short what, void *arg)
{
	struct http_listener *listener = arg;

	(void)fd;
	(void)what;
	for (int i = 0; i < ACCEPT_AT_ONCE; i++) {
		if (!accept_one(listener))
			break;
		/* Room is made only when somebody is known to wait. */
		if (listener->server->conn_count >=
		    listener->server->limits.connections)
			break;
	}
}

int
http_server_listen(struct http_server *server, int fd,
    const struct http_listen *how)
{
	struct http_listener *listener = MEM_NEW(struct http_listener);

	if (evutil_make_socket_nonblocking(fd) < 0) {
		free(listener);
		return -errno;
	}
	listener->server = server;
	listener->fd = fd;
	if (how != NULL)
		listener->how = *how;
	listener->event = event_new(server->base, fd, EV_READ | EV_PERSIST,
	    on_accept, listener);
	SLIST_INSERT_HEAD(&server->listeners, listener, link);
	return event_add(listener->event, NULL) < 0 ? -ENOMEM : 0;
}

void
http_server_relax(struct http_server *server)
{
	static const struct timeval now = { 0 };

	if (!server->draining) {
		if (server->conn_count + 1 == server->limits.connections &&
		    !evtimer_pending(server->resume, NULL))
			set_accepting(server, true);
		return;
	}
	if (server->conn_count == 0 && LIST_EMPTY(&server->exchanges))
		evtimer_add(server->drained, &now);
}

void
http_server_leave(struct http_server *server, void (*drained)(void *arg),
    void *arg)
{
	server->draining = true;
	server->on_drained = drained;
	server->drained_arg = arg;
	set_accepting(server, false);
	http_server_relax(server);
}

void
http_server_drain(struct http_server *server, void (*drained)(void *arg),
    void *arg)
{
	struct http_limits *limits = &server->limits;
	struct http_conn *conn;

	/* Else any slow client could hold up the end of the process. */
	if (limits->keepalive_seconds > DRAIN_IDLE_SECONDS)
		limits->keepalive_seconds = DRAIN_IDLE_SECONDS;
	if (limits->header_seconds > DRAIN_SECONDS)
		limits->header_seconds = DRAIN_SECONDS;
	if (limits->body_seconds > DRAIN_SECONDS)
		limits->body_seconds = DRAIN_SECONDS;
	if (limits->stall_seconds > DRAIN_SECONDS)
		limits->stall_seconds = DRAIN_SECONDS;
	/*
	 * Whoever came just now, or is kept, may have a request on the way:
	 * to close at once would take it from them without an answer.
	 */
	TAILQ_FOREACH(conn, &server->conns, link) {
		if (conn->state == HTTP_CONN_IDLE ||
		    conn->state == HTTP_CONN_GREETING)
			http_conn_set_deadline(conn, DRAIN_IDLE_SECONDS);
		else if (conn->state == HTTP_CONN_HEAD ||
		    conn->state == HTTP_CONN_WRITING)
			http_conn_set_deadline(conn, DRAIN_SECONDS);
		else if (conn->state == HTTP_CONN_STREAMING)
			http_conn_stream(conn);
	}
	http_server_leave(server, drained, arg);
}

void
http_server_free(struct http_server *server)
{
	struct http_listener *listener;
	struct http_exchange *exchange;

	server->draining = true;
	while (!TAILQ_EMPTY(&server->conns))
		http_conn_free(TAILQ_FIRST(&server->conns));
	LIST_FOREACH(exchange, &server->exchanges, link)
		exchange->server = NULL;
	while ((listener = SLIST_FIRST(&server->listeners)) != NULL) {
		SLIST_REMOVE_HEAD(&server->listeners, link);
		event_free(listener->event);
		free(listener);
	}
	event_free(server->resume);
	event_free(server->drained);
	http_peers_free(server->peers);
	free(server);
}
