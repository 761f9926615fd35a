/* SPDX-License-Identifier: ISC */
/*
 * Reads a request from its connection, head and then body, as it comes in;
 * what is whole goes to the handler, what is none is refused.
 */
#include "io/http_private.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>

enum { RATE_GRACE_MS = 5000 };	/* until the least rate counts */

static void
dispatch(struct http_conn *conn)
{
	http_exchange_complete(conn->exchange);
	http_conn_set_state(conn, HTTP_CONN_HANDLING);
	conn->server->handler(conn->exchange, conn->server->arg);
}

/* Takes what is there of a body with a length. */
static enum http_chunk_result
take_plain(struct http_exchange *exchange, struct slice in, size_t *ret_used)
{
	size_t left = (size_t)exchange->head.length - exchange->body.len;

	*ret_used = in.len < left ? in.len : left;
	buf_add(&exchange->body, in.p, *ret_used);
	return *ret_used == left ? HTTP_CHUNK_DONE : HTTP_CHUNK_MORE;
}

/* MORE, or it was dispatched or refused. */
static enum http_chunk_result
take_body(struct http_conn *conn)
{
	struct evbuffer *input = bufferevent_get_input(conn->bev);
	struct http_exchange *exchange = conn->exchange;
	size_t len = evbuffer_get_length(input), used;
	enum http_chunk_result result;
	struct slice in;

	if (len == 0)
		return HTTP_CHUNK_MORE;
	in = slice_of(evbuffer_pullup(input, -1), len);
	result = exchange->head.chunked ?
	    http_chunk_feed(&conn->chunk, in, conn->server->limits.body,
	    &exchange->body, &used) :
	    take_plain(exchange, in, &used);
	evbuffer_drain(input, used);
	switch (result) {
	case HTTP_CHUNK_MORE:
		break;
	case HTTP_CHUNK_DONE:
		dispatch(conn);
		break;
	case HTTP_CHUNK_MALFORMED:
		http_conn_refuse(conn, 400);
		break;
	case HTTP_CHUNK_TOO_LARGE:
		http_conn_refuse(conn, 413);
		break;
	}
	return result;
}

void
http_conn_read_body(struct http_conn *conn)
{
	(void)take_body(conn);
}

/* The head is understood; 100 Continue only for those who wait for it. */
static void
start_body(struct http_conn *conn)
{
	static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
	const struct http_head *head = &conn->exchange->head;
	size_t waiting =
	    evbuffer_get_length(bufferevent_get_input(conn->bev));

	if (!head->chunked && head->length == 0) {
		dispatch(conn);
		return;
	}
	conn->chunk = (struct http_chunk){ 0 };
	/* Mostly it came with its head: then there is nothing to wait for. */
	if (take_body(conn) != HTTP_CHUNK_MORE)
		return;
	conn->body_since = clock_monotonic_ms();
	http_conn_set_state(conn, HTTP_CONN_BODY);
	if (head->expects_continue && waiting == 0)
		bufferevent_write(conn->bev, go_on, sizeof(go_on) - 1);
}

void
http_conn_read_head(struct http_conn *conn)
{
	struct evbuffer *input = bufferevent_get_input(conn->bev);
	const struct http_limits *limits = &conn->server->limits;
	size_t len = evbuffer_get_length(input), head_len;
	struct slice in;
	unsigned status;

	if (len == 0)
		return;
	in = slice_of(evbuffer_pullup(input, -1), len);
	status = http_scan_head(&conn->scan, in, limits, &head_len);
	if (status != 0) {
		http_conn_refuse(conn, status);
		return;
	}
	if (head_len == 0) {
		if (conn->state == HTTP_CONN_IDLE)
			http_conn_set_state(conn, HTTP_CONN_HEAD);
		return;
	}
	conn->exchange = http_exchange_new(conn, slice_sub(in, 0, head_len),
	    conn->scan.headers);
	conn->scan = (struct http_scan){ 0 };
	evbuffer_drain(input, head_len);
	status = http_parse_head(slice_of(conn->exchange->text, head_len),
	    limits, &conn->exchange->head);
	conn->close = conn->exchange->head.close;
	if (!http_exchange_identify(conn->exchange) && status == 0)
		status = 429;
	if (status != 0)
		http_conn_refuse(conn, status);
	else
		start_body(conn);
}

void
http_conn_check_body(struct http_conn *conn)
{
	const struct http_limits *limits = &conn->server->limits;
	int64_t ms = clock_monotonic_ms() - conn->body_since;
	int64_t least = (ms - RATE_GRACE_MS) / 1000 * limits->min_body_rate;

	if (ms >= (int64_t)limits->body_seconds * 1000 ||
	    (int64_t)conn->exchange->body.len < least)
		http_conn_refuse(conn, 408);
	else
		http_conn_set_state(conn, HTTP_CONN_BODY);
}
