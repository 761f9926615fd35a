/* SPDX-License-Identifier: ISC */
/*
 * A request and its answer.  It outlives its connection: whoever works on it
 * need not know that the client went away.
 */
#include "io/http_private.h"

#include <sys/socket.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>

#include "base/escape.h"
#include "base/mem.h"
#include "io/http_forwarded.h"
#include "io/http_trust.h"

static const struct {
	unsigned status;
	const char *reason;
} reasons[] = {
	{ 200, "OK" }, { 201, "Created" }, { 202, "Accepted" },
	{ 204, "No Content" }, { 303, "See Other" }, { 304, "Not Modified" },
	{ 400, "Bad Request" }, { 401, "Unauthorized" }, { 403, "Forbidden" },
	{ 404, "Not Found" }, { 405, "Method Not Allowed" },
	{ 406, "Not Acceptable" }, { 408, "Request Timeout" },
	{ 409, "Conflict" }, { 410, "Gone" }, { 413, "Content Too Large" },
	{ 414, "URI Too Long" }, { 415, "Unsupported Media Type" },
	{ 417, "Expectation Failed" }, { 422, "Unprocessable Content" },
	{ 429, "Too Many Requests" },
	{ 431, "Request Header Fields Too Large" },
	{ 500, "Internal Server Error" }, { 501, "Not Implemented" },
	{ 503, "Service Unavailable" },
	{ 505, "HTTP Version Not Supported" },
};

unsigned
http_status_at(size_t i)
{
	return i < sizeof(reasons) / sizeof(reasons[0]) ? reasons[i].status :
	    0;
}

static const char *
reason_of(unsigned status)
{
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		if (reasons[i].status == status)
			return reasons[i].reason;
	}
	return "";
}

struct http_exchange *
http_exchange_new(struct http_conn *conn, struct slice head)
{
	struct http_exchange *exchange = MEM_NEW(struct http_exchange);

	exchange->server = conn->server;
	exchange->conn = conn;
	exchange->client = conn->peer;
	exchange->request.scheme = conn->scheme;
	exchange->text = slice_dup(head);
	exchange->head.method = HTTP_OTHER;
	exchange->head.close = true;
	LIST_INSERT_HEAD(&conn->server->exchanges, exchange, link);
	return exchange;
}

/* What the neighbour's headers tell, if it may tell us anything. */
static void
read_forwarded(struct http_exchange *exchange,
    struct http_forwarded *ret_forwarded)
{
	const struct http_trust *trust = exchange->server->trust;
	const struct http_head *head = &exchange->head;
	const struct http_conn *conn = exchange->conn;
	const char *name;

	*ret_forwarded = (struct http_forwarded){ 0 };
	if (trust == NULL)
		return;
	if (conn->trusted) {
		http_forwarded_read(trust, head->header, head->header_count,
		    ret_forwarded);
		return;
	}
	name = http_forwarded_name(head->header, head->header_count);
	if (name != NULL && trust->on_stranger != NULL)
		trust->on_stranger(conn->peer.text, name, trust->arg);
}

bool
http_exchange_identify(struct http_exchange *exchange)
{
	struct http_server *server = exchange->server;
	struct http_forwarded forwarded;

	read_forwarded(exchange, &forwarded);
	if (forwarded.scheme != HTTP_SCHEME_UNTOLD)
		exchange->request.scheme = forwarded.scheme;
	if (forwarded.client.len == 0)
		return true;
	http_peer_of_ip(&forwarded.client, &exchange->client);
	exchange->counts_client = http_peers_take(server->peers,
	    &exchange->client, server->limits.connections_per_peer);
	return exchange->counts_client;
}

void
http_exchange_complete(struct http_exchange *exchange)
{
	const struct http_head *head = &exchange->head;
	struct http_request *request = &exchange->request;

	request->method = head->method;
	request->path = head->path;
	request->query = head->query;
	request->body = buf_slice(&exchange->body);
	request->headers = head->header;
	request->header_count = head->header_count;
	request->uid = exchange->conn->uid;
	request->gid = exchange->conn->gid;
	memcpy(request->client, exchange->client.text,
	    sizeof(request->client));
	request->serial = ++exchange->server->serial;
	exchange->whole_at = clock_monotonic_us();
}

void
http_exchange_free(struct http_exchange *exchange)
{
	struct http_server *server = exchange->server;

	if (exchange->data_free != NULL)
		exchange->data_free(exchange->data);
	buf_fini(&exchange->body);
	buf_fini(&exchange->headers);
	free(exchange->text);
	if (server != NULL) {
		LIST_REMOVE(exchange, link);
		if (exchange->counts_client)
			http_peers_drop(server->peers, &exchange->client);
	}
	free(exchange);
	if (server != NULL)
		http_server_relax(server);
}

const struct http_request *
http_exchange_request(const struct http_exchange *exchange)
{
	return &exchange->request;
}

struct slice
http_request_header(const struct http_request *request, const char *name)
{
	return http_header_find(request->headers, request->header_count,
	    name);
}

void
http_answer_header(struct http_exchange *exchange, const char *name,
    struct slice value)
{
	escape_header(&exchange->headers, slice_str(name));
	buf_add_str(&exchange->headers, ": ");
	escape_header(&exchange->headers, value);
	buf_add_str(&exchange->headers, "\r\n");
}

/* "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 §5.6.7). */
static void
add_date(struct evbuffer *out)
{
	char date[CLOCK_RFC5322_SIZE];

	clock_rfc5322(clock_wall_us(), date);
	/* The two forms differ in how they write the zone. */
	evbuffer_add_printf(out, "Date: %.25s GMT\r\n", date);
}

/* Status line and headers; `framing` says how the body ends. */
static void
add_head(struct http_exchange *exchange, unsigned status, const char *framing)
{
	struct http_conn *conn = exchange->conn;
	struct evbuffer *out = bufferevent_get_output(conn->bev);
	struct slice headers = buf_slice(&exchange->headers);

	if (exchange->server->draining)
		conn->close = true;
	evbuffer_add_printf(out, "HTTP/1.1 %u %s\r\n", status,
	    reason_of(status));
	add_date(out);
	if (conn->close)
		evbuffer_add_printf(out, "Connection: close\r\n");
	evbuffer_add(out, headers.p, headers.len);
	evbuffer_add_printf(out, "%s\r\n", framing);
}

static bool
is_head(const struct http_exchange *exchange)
{
	return exchange->head.method == HTTP_HEAD;
}

static void
tell_observer(const struct http_exchange *exchange)
{
	const struct http_server *server = exchange->server;

	if (server != NULL && server->observer != NULL)
		server->observer(&exchange->request, exchange->mark,
		    exchange->status,
		    clock_monotonic_us() - exchange->whole_at, server->arg);
}

/* The answer was written, if there was anybody to write it to. */
static void
finish(struct http_exchange *exchange)
{
	struct http_conn *conn = exchange->conn;

	tell_observer(exchange);
	exchange->conn = NULL;
	exchange->streaming = false;
	if (conn != NULL)
		http_conn_answered(conn);
	http_exchange_free(exchange);
}

/* Drops headers that hold what none may; true when there were any. */
static bool
drop_bad_headers(struct http_exchange *exchange)
{
	if (!buf_failed(&exchange->headers))
		return false;
	buf_reset(&exchange->headers);
	return true;
}

void
http_answer(struct http_exchange *exchange, unsigned status,
    struct slice body)
{
	char framing[48];
	bool bodiless = status == 204 || status == 304;

	if (drop_bad_headers(exchange)) {
		status = 500;
		body.len = 0;
	}
	exchange->status = status;
	snprintf(framing, sizeof(framing), "Content-Length: %zu\r\n",
	    body.len);
	if (exchange->conn != NULL) {
		struct evbuffer *out =
		    bufferevent_get_output(exchange->conn->bev);

		add_head(exchange, status, bodiless ? "" : framing);
		if (!bodiless && !is_head(exchange))
			evbuffer_add(out, body.p, body.len);
	}
	finish(exchange);
}

void
http_stream_start(struct http_exchange *exchange, unsigned status,
    void (*on_room)(struct http_exchange *, void *arg), void *arg)
{
	struct http_conn *conn = exchange->conn;

	exchange->streaming = true;
	exchange->on_room = on_room;
	exchange->room_arg = arg;
	exchange->status = drop_bad_headers(exchange) ? 500 : status;
	if (conn == NULL)
		return;
	/* HTTP/1.0 knows no chunks; there the end is the end of it all. */
	add_head(exchange, exchange->status,
	    exchange->head.minor == 0 ? "" : "Transfer-Encoding: chunked\r\n");
	http_conn_stream(conn);
}

size_t
http_stream_chunk(struct http_exchange *exchange, struct slice chunk)
{
	struct evbuffer *out;

	if (exchange->conn == NULL)
		return 0;
	out = bufferevent_get_output(exchange->conn->bev);
	if (chunk.len > 0 && !is_head(exchange)) {
		bool plain = exchange->head.minor == 0;

		if (!plain)
			evbuffer_add_printf(out, "%zx\r\n", chunk.len);
		evbuffer_add(out, chunk.p, chunk.len);
		if (!plain)
			evbuffer_add(out, "\r\n", 2);
	}
	return evbuffer_get_length(out);
}

void
http_stream_end(struct http_exchange *exchange)
{
	if (exchange->conn != NULL && exchange->head.minor > 0 &&
	    !is_head(exchange))
		bufferevent_write(exchange->conn->bev, "0\r\n\r\n", 5);
	finish(exchange);
}

void
http_stream_abort(struct http_exchange *exchange)
{
	exchange->on_room = NULL;
	if (exchange->conn != NULL)
		http_conn_free(exchange->conn);
	finish(exchange);
}

bool
http_exchange_is_dead(const struct http_exchange *exchange)
{
	return exchange->conn == NULL;
}

bool
http_exchange_is_of_group(const struct http_exchange *exchange, uint32_t gid)
{
	socklen_t len = 0;
	gid_t *groups;
	bool found = exchange->request.gid == gid;
	int fd;

	if (found || exchange->conn == NULL)
		return found;
	fd = bufferevent_getfd(exchange->conn->bev);
	/* It tells how much room it wants: none for who has no groups. */
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, NULL, &len) == 0 ||
	    errno != ERANGE)
		return false;
	groups = mem_new(1, len);
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &len) == 0)
		for (size_t i = 0; i < len / sizeof(*groups); i++)
			found |= groups[i] == gid;
	free(groups);
	return found;
}

void
http_exchange_mark(struct http_exchange *exchange, unsigned mark)
{
	exchange->mark = mark;
}

void
http_exchange_set_data(struct http_exchange *exchange, void *data,
    void (*free_fn)(void *))
{
	exchange->data = data;
	exchange->data_free = free_fn;
}

void *
http_exchange_data(const struct http_exchange *exchange)
{
	return exchange->data;
}
