/* SPDX-License-Identifier: ISC */
/*
 * All that a client may say on a connection, through the whole server: what
 * the handler gets is in order, and what comes back are responses, one for
 * each request that it got.  The first byte says how many come at once.
 */
#include <sys/socket.h>
#include <sys/un.h>

#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/buf.h"
#include "fuzz.h"
#include "io/http.h"
#include "io/http_chars.h"

enum { ROUNDS_MAX = 100 };

static const char answer[] = "That is all.";

static void
on_request(struct http_exchange *exchange, void *arg)
{
	const struct http_request *r = http_exchange_request(exchange);
	unsigned *count = arg;

	MUST(r->body.len <= http_limits_default.body);
	MUST(slice_eq_str(r->path, "*") || http_is_path_text(r->path));
	for (size_t i = 0; i < r->header_count; i++)
		MUST(http_is_field_text(r->headers[i].value));
	http_answer_header(exchange, "X-Path", r->path);
	http_answer(exchange, 200, slice_str(answer));
	++*count;
}

/* A name of the kernel's choice. */
static int
listen_somewhere(struct sockaddr_un *ret_at, socklen_t *ret_len)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	*ret_at = (struct sockaddr_un){ .sun_family = AF_UNIX };
	MUST(bind(fd, (struct sockaddr *)ret_at, sizeof(sa_family_t)) == 0);
	*ret_len = sizeof(*ret_at);
	MUST(getsockname(fd, (struct sockaddr *)ret_at, ret_len) == 0);
	MUST(listen(fd, 1) == 0);
	return fd;
}

static void
talk(struct event_base *base, int fd, struct slice words, size_t step,
    struct buf *heard)
{
	char piece[4096];
	ssize_t n = -1;

	for (size_t i = 0; i < words.len; i += step) {
		struct slice some = slice_sub(words, i, i + step);

		(void)send(fd, some.p, some.len, MSG_NOSIGNAL);
		(void)event_base_loop(base, EVLOOP_NONBLOCK);
	}
	(void)shutdown(fd, SHUT_WR);
	for (int i = 0; n != 0 && i < ROUNDS_MAX; i++) {
		(void)event_base_loop(base, EVLOOP_NONBLOCK);
		while ((n = recv(fd, piece, sizeof(piece), MSG_DONTWAIT)) > 0)
			buf_add(heard, piece, (size_t)n);
	}
	(void)close(fd);
	(void)event_base_loop(base, EVLOOP_NONBLOCK);
}

static void
check_heard(struct slice heard, unsigned requests)
{
	static const char version[] = "HTTP/1.1 ";
	unsigned responses = 0;
	const char *at;

	MUST(heard.len == 0 || slice_starts(heard, version));
	while ((at = heard.len > 0 ? memmem(heard.p, heard.len, version,
	    strlen(version)) : NULL) != NULL) {
		responses++;
		heard = slice_sub(heard, (size_t)(at - heard.p) + 1,
		    heard.len);
	}
	MUST(responses >= requests && responses <= 2 * requests + 1);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct event_base *base = event_base_new();
	unsigned requests = 0;
	struct http_server *server = http_server_new(base,
	    &http_limits_default, on_request, NULL, &requests);
	struct buf heard = { 0 };
	struct sockaddr_un at;
	socklen_t len;
	int door = listen_somewhere(&at, &len);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	MUST(http_server_listen(server, door, NULL) == 0);
	MUST(connect(fd, (struct sockaddr *)&at, len) == 0);
	if (size > 0)
		talk(base, fd, slice_of(data + 1, size - 1),
		    data[0] > 0 ? (size_t)data[0] * 8 : 1, &heard);
	else
		(void)close(fd);
	check_heard(buf_slice(&heard), requests);
	http_server_free(server);
	event_base_free(base);
	(void)close(door);
	buf_fini(&heard);
	return 0;
}
