/* SPDX-License-Identifier: ISC */
/*
 * What comes before HTTP on a connection: a proxy's word of who is at its
 * other end, then TLS.  The former is read from the socket itself and to the
 * byte, so that whatever follows is still there; nothing is made for TLS
 * before a client's first byte says that it wants it.
 */
#include "io/http_private.h"

#include <sys/socket.h>

#include <errno.h>
#include <unistd.h>

#include <event2/bufferevent.h>
#include <event2/event.h>

#include "base/log.h"
#include "io/http_trust.h"
#include "io/proxy_v2.h"
#include "io/tls_server.h"

enum step { STEP_WAIT, STEP_NEXT, STEP_END };

/* The first byte that a TLS client sends (RFC 8446 §5.1). */
enum { TLS_HANDSHAKE = 22 };

/*
 * From now on the connection is that client's.  False when it has too many
 * already.
 */
static bool
become(struct http_conn *conn, const struct ip *client)
{
	struct http_server *server = conn->server;
	struct http_peer peer;

	http_peer_of_ip(client, &peer);
	conn->trusted = http_trust_has(server->trust, client);
	if (conn->trusted)
		peer.counted = false;
	if (!http_peers_take(server->peers, &peer,
	    server->limits.connections_per_peer))
		return false;
	http_peers_drop(server->peers, &conn->peer);
	conn->peer = peer;
	return true;
}

static enum step
take_block(struct http_conn *conn, const struct proxy_v2 *block)
{
	conn->awaits_proxy = false;
	buf_fini(&conn->intro);
	/* A health check is the proxy's own and says so. */
	if (block->is_local)
		return STEP_NEXT;
	if (block->source.len > 0)
		return become(conn, &block->source) ? STEP_NEXT : STEP_END;
	/* Nobody knows who it is: not one to believe about others. */
	conn->trusted = false;
	return STEP_NEXT;
}

static enum step
read_some(struct http_conn *conn, size_t want)
{
	char bytes[PROXY_V2_MAX];
	ssize_t n = recv(conn->fd, bytes, want, 0);

	if (n > 0) {
		buf_add(&conn->intro, bytes, (size_t)n);
		return STEP_NEXT;
	}
	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK ||
	    errno == EINTR))
		return STEP_WAIT;
	return STEP_END;
}

static enum step
read_proxy(struct http_conn *conn)
{
	struct proxy_v2 block;
	size_t length;
	enum step step;

	do {
		switch (proxy_v2_read(buf_slice(&conn->intro), &block,
		    &length)) {
		case PROXY_V2_DONE:
			return take_block(conn, &block);
		case PROXY_V2_MALFORMED:
			log_debug("proxy_block_malformed",
			    log_str("peer", conn->peer.text));
			return STEP_END;
		case PROXY_V2_MORE:
			break;
		}
		step = read_some(conn, length - conn->intro.len);
	} while (step == STEP_NEXT);
	return step;
}

static struct bufferevent *
plain(struct http_conn *conn)
{
	return bufferevent_socket_new(conn->server->base, conn->fd,
	    BEV_OPT_CLOSE_ON_FREE);
}

/* The client's first byte is there, and stays there for TLS to read. */
static enum step
start_tls(struct http_conn *conn)
{
	char first;
	ssize_t n = recv(conn->fd, &first, 1, MSG_PEEK);

	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK ||
	    errno == EINTR))
		return STEP_WAIT;
	if (n != 1)
		return STEP_END;
	if (first == TLS_HANDSHAKE) {
		http_conn_begin(conn, tls_server_accept(conn->tls,
		    conn->server->base, conn->fd));
		return STEP_NEXT;
	}
	/* Plain HTTP most likely: such a client can read a plain answer. */
	conn->tls = NULL;
	conn->scheme = HTTP_SCHEME_HTTP;
	http_conn_begin(conn, plain(conn));
	http_conn_refuse(conn, 400);
	return STEP_NEXT;
}

/* As far as what has come allows. */
static enum step
go_on(struct http_conn *conn)
{
	enum step step = conn->awaits_proxy ? read_proxy(conn) : STEP_NEXT;

	if (step != STEP_NEXT)
		return step;
	if (conn->tls != NULL)
		return start_tls(conn);
	http_conn_begin(conn, plain(conn));
	return STEP_NEXT;
}

static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct http_conn *conn = arg;

	(void)fd;
	(void)what;
	if (go_on(conn) == STEP_END)
		http_conn_free(conn);
}

void
http_conn_greet(struct http_conn *conn, const struct http_listen *how)
{
	conn->awaits_proxy = how->proxy_protocol;
	conn->tls = how->tls;
	if (conn->tls != NULL)
		conn->scheme = HTTP_SCHEME_HTTPS;
	if (!conn->awaits_proxy && conn->tls == NULL) {
		http_conn_begin(conn, plain(conn));
		return;
	}
	conn->greeting = event_new(conn->server->base, conn->fd,
	    EV_READ | EV_PERSIST, on_readable, conn);
	event_add(conn->greeting, NULL);
}
