/* SPDX-License-Identifier: ISC */
/*
 * The answer to a request, whole or bit by bit.
 */
#include "io/http_private.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>

#include "base/escape.h"

enum { HEAD_SIZE = 256 };	/* of an answer, without the handler's part */

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

void
http_answer_header(struct http_exchange *exchange, const char *name,
    struct slice value)
{
	buf_add_str(&exchange->headers, name);
	buf_add_str(&exchange->headers, ": ");
	escape_header(&exchange->headers, value);
	buf_add_str(&exchange->headers, "\r\n");
}

void
http_answer_lines(struct http_exchange *exchange, const char *lines)
{
	buf_add_str(&exchange->headers, lines);
}

/* "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 §5.6.7), the same all second. */
static void
add_date(struct http_server *server, struct buf *out)
{
	int64_t second = clock_wall_us() / CLOCK_SECOND;

	if (second != server->date_of)
		clock_rfc5322(second * CLOCK_SECOND, server->date);
	server->date_of = second;
	buf_add_str(out, "Date: ");
	/* The two forms differ in how they write the zone. */
	buf_add_slice(out, slice_sub(slice_str(server->date), 0,
	    sizeof("Sun, 06 Nov 1994 08:49:37") - 1));
	buf_add_str(out, " GMT\r\n");
}

/* Status line and headers, but for those of how the body ends. */
static void
add_head(struct http_exchange *exchange, unsigned status, struct buf *out)
{
	if (exchange->server->draining)
		exchange->conn->close = true;
	buf_add_str(out, "HTTP/1.1 ");
	buf_add_num(out, status);
	buf_add_char(out, ' ');
	buf_add_str(out, reason_of(status));
	buf_add_str(out, "\r\n");
	add_date(exchange->server, out);
	if (exchange->conn->close)
		buf_add_str(out, "Connection: close\r\n");
	buf_add_slice(out, buf_slice(&exchange->headers));
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

static void
write_answer(struct http_exchange *exchange, struct slice body)
{
	bool bodiless = exchange->status == 204 || exchange->status == 304;
	struct buf text = { 0 };

	buf_reserve(&text, HEAD_SIZE + exchange->headers.len + body.len);
	add_head(exchange, exchange->status, &text);
	if (!bodiless) {
		buf_add_str(&text, "Content-Length: ");
		buf_add_num(&text, (int64_t)body.len);
		buf_add_str(&text, "\r\n");
	}
	buf_add_str(&text, "\r\n");
	if (!bodiless && !is_head(exchange))
		buf_add_slice(&text, body);
	http_conn_write(exchange->conn, &text);
}

void
http_answer(struct http_exchange *exchange, unsigned status,
    struct slice body)
{
	if (drop_bad_headers(exchange)) {
		status = 500;
		body.len = 0;
	}
	exchange->status = status;
	if (exchange->conn != NULL)
		write_answer(exchange, body);
	finish(exchange);
}

void
http_stream_start(struct http_exchange *exchange, unsigned status,
    void (*on_room)(struct http_exchange *, void *arg), void *arg)
{
	struct http_conn *conn = exchange->conn;
	struct buf head = { 0 };

	exchange->streaming = true;
	exchange->on_room = on_room;
	exchange->room_arg = arg;
	exchange->status = drop_bad_headers(exchange) ? 500 : status;
	if (conn == NULL)
		return;
	add_head(exchange, exchange->status, &head);
	/* HTTP/1.0 knows no chunks; there the end is the end of it all. */
	buf_add_str(&head, exchange->head.minor == 0 ? "\r\n" :
	    "Transfer-Encoding: chunked\r\n\r\n");
	/* Not at once: on_room is called when it is out. */
	bufferevent_write(conn->bev, head.p, head.len);
	buf_fini(&head);
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
