/* SPDX-License-Identifier: ISC */
/*
 * A request, until it is answered.  It outlives its connection: whoever works
 * on it need not know that the client went away.
 */
#include "io/http_private.h"

#include <sys/socket.h>

#include <errno.h>
#include <stdlib.h>

#include <event2/bufferevent.h>

#include "base/mem.h"
#include "io/http_forwarded.h"
#include "io/http_trust.h"

enum { HEADERS_SIZE = 512 };	/* those of most answers */

struct http_exchange *
http_exchange_new(struct http_conn *conn, struct slice head, size_t headers)
{
	struct http_exchange *exchange = MEM_NEW(struct http_exchange);

	exchange->server = conn->server;
	exchange->conn = conn;
	exchange->client = conn->peer;
	exchange->request.scheme = conn->scheme;
	exchange->text = slice_dup(head);
	exchange->head.method = HTTP_OTHER;
	buf_reserve(&exchange->headers, HEADERS_SIZE);
	exchange->head.header = mem_new(headers, sizeof(struct http_header));
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
	enum http_field field;

	*ret_forwarded = (struct http_forwarded){ 0 };
	if (trust == NULL)
		return;
	if (conn->trusted) {
		http_forwarded_read(trust, head->header, head->header_count,
		    ret_forwarded);
		return;
	}
	field = http_forwarded_field(head->header, head->header_count);
	if (field != HTTP_FIELD_OTHER && trust->on_stranger != NULL)
		trust->on_stranger(conn->peer.text, http_field_name(field),
		    trust->arg);
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
	free(exchange->head.header);
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
http_request_header(const struct http_request *request,
    enum http_field field)
{
	return http_header_find(request->headers, request->header_count,
	    field);
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
