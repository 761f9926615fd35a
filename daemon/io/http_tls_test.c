/* SPDX-License-Identifier: ISC */
/*
 * The server behind TLS.  Each client is a process of its own, which uses
 * OpenSSL the plain, blocking way, and kills itself when all went well.
 */
#include "io/http.h"

#include <sys/socket.h>
#include <sys/wait.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>
#include <openssl/ssl.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/clock.h"
#include "io/http_talk.h"
#include "io/http_trust.h"
#include "io/tls_server.h"
#include "io/tls_tickets.h"

#define BLOCK "\r\n\r\n\0\r\nQUIT\n" \
	"\x21\x11\x00\x0c\xc0\x00\x02\x07\x0a\x00\x00\x01\x12\x34\x00\x50"

/* More requests at a time than a connection reads ahead. */
enum { BIG = 20 * 1000 * 1000, PIECE = 10000, PIECES = 1000, REQUESTS = 3000 };
enum { PATIENCE = 60 };			/* in seconds */

struct fixture {
	struct event_base *base;
	struct http_server *server;
	struct tls_tickets *tickets;
	struct tls_server *tls;
	int listener;
	struct sockaddr_in address;
	struct ip_network proxies[1];
	struct http_trust trust;
	unsigned requests, pieces;
	bool drained;
};

static void
on_room(struct http_exchange *exchange, void *arg)
{
	static char piece[PIECE];
	struct fixture *f = arg;

	while (f->pieces > 0 && !http_exchange_is_dead(exchange)) {
		f->pieces--;
		if (http_stream_chunk(exchange, slice_of(piece, PIECE)) >
		    50000)
			return;
	}
	http_stream_end(exchange);
}

static void
on_request(struct http_exchange *exchange, void *arg)
{
	const struct http_request *request = http_exchange_request(exchange);
	struct fixture *f = arg;
	struct buf body = { 0 };

	f->requests++;
	if (slice_eq_str(request->path, "/stream")) {
		f->pieces = PIECES;
		http_stream_start(exchange, 200, on_room, f);
		return;
	}
	if (slice_eq_str(request->path, "/big")) {
		char *big = calloc(1, BIG);

		http_answer(exchange, 200, slice_of(big, BIG));
		free(big);
		return;
	}
	buf_printf(&body, "<%s %d %.*s>", request->client,
	    (int)request->scheme, SLICE_FMT(request->body));
	http_answer(exchange, 200, buf_slice(&body));
	buf_fini(&body);
}

static void
load(struct fixture *f)
{
	const char *source = getenv("ASSENT_SRCDIR");
	char certificate[512], key[512];
	struct buf error = { 0 };

	snprintf(certificate, sizeof(certificate),
	    "%s/tests/fixtures/tls/one.pem", source != NULL ? source : ".");
	snprintf(key, sizeof(key), "%s/tests/fixtures/tls/one.key",
	    source != NULL ? source : ".");
	f->tickets = tls_tickets_new(clock_monotonic_ms());
	f->tls = tls_server_new(f->tickets);
	if (tls_server_add(f->tls, certificate, key, &error) != TLS_FINE)
		fail_msg("%s", buf_str(&error));
}

static struct fixture *
setup(bool proxy_protocol, unsigned header_seconds)
{
	struct http_limits limits = http_limits_default;
	struct fixture *f = calloc(1, sizeof(*f));
	struct http_listen how = { .proxy_protocol = proxy_protocol };

	assert_non_null(f);
	limits.header_seconds = header_seconds;
	load(f);
	how.tls = f->tls;
	f->base = event_base_new();
	f->listener = talk_listen(&f->address);
	f->server = http_server_new(f->base, &limits, on_request, NULL, f);
	assert_int_equal(ip_network_parse(slice_str("127.0.0.1"),
	    &f->proxies[0]), 0);
	f->trust = (struct http_trust){ .proxies = f->proxies,
	    .proxy_count = proxy_protocol };
	http_server_trust(f->server, &f->trust);
	assert_int_equal(http_server_listen(f->server, f->listener, &how), 0);
	return f;
}

static void
teardown(struct fixture *f)
{
	http_server_free(f->server);
	tls_server_free(f->tls);
	tls_tickets_free(f->tickets);
	close(f->listener);
	event_base_free(f->base);
	free(f);
}

/* ---- the client's side, in its process ---- */

static void
need(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "client: %s\n", what);
	_exit(1);
}
#define NEED(x) need((x), #x)

static SSL *
handshake(int fd)
{
	SSL *ssl = SSL_new(SSL_CTX_new(TLS_client_method()));

	NEED(ssl != NULL && SSL_set_fd(ssl, fd) == 1);
	NEED(SSL_connect(ssl) == 1);
	return ssl;
}

static void
ask(SSL *ssl, const char *text)
{
	NEED(SSL_write(ssl, text, (int)strlen(text)) == (int)strlen(text));
}

/* All until the server says goodbye, as TLS wants it said. */
static size_t
take_all(SSL *ssl, struct buf *out)
{
	char block[5000];
	int n;

	while ((n = SSL_read(ssl, block, sizeof(block))) > 0)
		buf_add(out, block, (size_t)n);
	NEED(SSL_get_error(ssl, n) == SSL_ERROR_ZERO_RETURN);
	return out->len;
}

static size_t
get(int fd, const char *path, struct buf *out)
{
	struct buf text = { 0 };
	SSL *ssl = handshake(fd);

	buf_printf(&text, "GET %s HTTP/1.1\r\nHost: h\r\n"
	    "Connection: close\r\n\r\n", path);
	ask(ssl, buf_str(&text));
	buf_fini(&text);
	return take_all(ssl, out);
}

static void
plain_answer(int fd, const char *text, struct buf *out)
{
	char block[4096];
	ssize_t n;

	NEED(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	while ((n = read(fd, block, sizeof(block))) > 0)
		buf_add(out, block, (size_t)n);
	NEED(n == 0);
}

static void
client_simple(int fd)
{
	struct buf out = { 0 };

	NEED(get(fd, "/", &out) > 0);
	NEED(strstr(buf_str(&out), "<127.0.0.1 2 >") != NULL);
	buf_fini(&out);
}

static void
client_big(int fd)
{
	struct buf out = { 0 };

	NEED(get(fd, "/big", &out) > BIG && out.len < BIG + 500);
	buf_fini(&out);
}

static void
client_stream(int fd)
{
	struct buf out = { 0 };

	NEED(get(fd, "/stream", &out) > PIECE * PIECES);
	NEED(slice_ends(buf_slice(&out), "\r\n0\r\n\r\n"));
	buf_fini(&out);
}

/* A record for each byte, and a body that needs two reads. */
static void
client_bytes(int fd)
{
	static const char text[] = "POST / HTTP/1.1\r\nHost: h\r\n"
	    "Connection: close\r\nContent-Length: 5\r\n\r\nabcde";
	struct buf out = { 0 };
	SSL *ssl = handshake(fd);

	for (size_t i = 0; i < sizeof(text) - 1; i++)
		NEED(SSL_write(ssl, text + i, 1) == 1);
	take_all(ssl, &out);
	NEED(strstr(buf_str(&out), "<127.0.0.1 2 abcde>") != NULL);
	buf_fini(&out);
}

static void
client_pipeline(int fd)
{
	struct buf text = { 0 }, out = { 0 };
	SSL *ssl = handshake(fd);
	const char *at;
	int count = 0;

	for (int i = 0; i < REQUESTS; i++)
		buf_printf(&text, "GET / HTTP/1.1\r\nHost: h\r\n%s\r\n",
		    i == REQUESTS - 1 ? "Connection: close\r\n" : "");
	ask(ssl, buf_str(&text));
	take_all(ssl, &out);
	for (at = buf_str(&out); (at = strstr(at, "200 OK")) != NULL; at++)
		count++;
	NEED(count == REQUESTS);
	buf_fini(&text);
	buf_fini(&out);
}

/* Said all, and still listening. */
static void
client_half_closed(int fd)
{
	struct buf out = { 0 };
	SSL *ssl = handshake(fd);

	ask(ssl, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
	NEED(SSL_shutdown(ssl) == 0);
	take_all(ssl, &out);
	NEED(strstr(buf_str(&out), "200 OK") != NULL);
	buf_fini(&out);
}

/* The same, with more to write than any socket holds. */
static void
client_half_closed_big(int fd)
{
	struct buf out = { 0 };
	SSL *ssl = handshake(fd);

	ask(ssl, "GET /big HTTP/1.1\r\nHost: h\r\n\r\n");
	NEED(SSL_shutdown(ssl) == 0);
	poll(NULL, 0, 50);
	NEED(take_all(ssl, &out) > BIG);
	buf_fini(&out);
}

static void
client_half_closed_stream(int fd)
{
	struct buf out = { 0 };
	SSL *ssl = handshake(fd);

	ask(ssl, "GET /stream HTTP/1.1\r\nHost: h\r\n\r\n");
	NEED(SSL_shutdown(ssl) == 0);
	poll(NULL, 0, 50);
	NEED(take_all(ssl, &out) > PIECE * PIECES);
	buf_fini(&out);
}

/* Ends without a word, in the middle and at the end of a request. */
static void
client_rude(int fd)
{
	SSL *ssl = handshake(fd);

	ask(ssl, "GET / HTTP/1.1\r\nHost: h\r\n\r\nGET / HT");
}

static void
client_idle(int fd)
{
	struct buf out = { 0 };
	SSL *ssl = handshake(fd);

	/* The deadline of a first request, which takes its leave, too. */
	take_all(ssl, &out);
	NEED(out.len == 0);
	buf_fini(&out);
}

static void
client_plain(int fd)
{
	struct buf out = { 0 };

	plain_answer(fd, "GET / HTTP/1.1\r\nHost: h\r\n\r\n", &out);
	NEED(slice_starts(buf_slice(&out), "HTTP/1.1 400 "));
	buf_fini(&out);
}

static void
client_garbage(int fd)
{
	struct buf out = { 0 };

	plain_answer(fd, "\x16\x03\x01 this is no hello at all", &out);
	/* An alert, and no HTTP. */
	NEED(out.len < 20 && !slice_starts(buf_slice(&out), "HTTP"));
	buf_fini(&out);
}

static void
client_silent(int fd)
{
	char c;

	NEED(read(fd, &c, 1) == 0);
}

static void
client_half_hello(int fd)
{
	char block[64];

	NEED(write(fd, "\x16\x03\x01\x02\x00\x01", 6) == 6);
	NEED(read(fd, block, sizeof(block)) == 0);
}

static void
client_proxied(int fd)
{
	struct buf out = { 0 };

	for (size_t i = 0; i < sizeof(BLOCK) - 1; i++)
		NEED(write(fd, &BLOCK[i], 1) == 1);
	NEED(get(fd, "/", &out) > 0);
	NEED(strstr(buf_str(&out), "<192.0.2.7 2 >") != NULL);
	buf_fini(&out);
}

/* TLS at once, where a proxy's block should be. */
static void
client_unproxied(int fd)
{
	SSL *ssl = SSL_new(SSL_CTX_new(TLS_client_method()));

	NEED(ssl != NULL && SSL_set_fd(ssl, fd) == 1);
	NEED(SSL_connect(ssl) != 1);
}

static _Noreturn void
client_main(const struct sockaddr_in *to, void (*client)(int))
{
	int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;

	signal(SIGPIPE, SIG_IGN);
	alarm(PATIENCE);
	NEED(connect(fd, (const struct sockaddr *)to, sizeof(*to)) == 0);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	client(fd);
	/* What it has of its parent's is no leak. */
	raise(SIGKILL);
	abort();
}

static void
talk(struct fixture *f, void (*client)(int))
{
	pid_t pid = fork();
	int status, ended;

	assert_true(pid >= 0);
	if (pid == 0)
		client_main(&f->address, client);
	while ((ended = waitpid(pid, &status, WNOHANG)) == 0) {
		event_base_loop(f->base, EVLOOP_NONBLOCK);
		poll(NULL, 0, 1);
	}
	assert_int_equal(ended, pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	for (int i = 0; i < 10; i++)
		event_base_loop(f->base, EVLOOP_NONBLOCK);
}

static void
test_plain_way(void **state)
{
	static void (*const clients[])(int) = { client_simple, client_big,
		client_stream, client_bytes, client_pipeline,
		client_half_closed, client_half_closed_big,
		client_half_closed_stream, client_rude };
	struct fixture *f = setup(false, PATIENCE);

	(void)state;
	for (size_t i = 0; i < sizeof(clients) / sizeof(clients[0]); i++)
		talk(f, clients[i]);
	assert_int_equal(f->requests, 4 + REQUESTS + 4);
	teardown(f);
}

static void
test_odd_ways(void **state)
{
	static void (*const clients[])(int) = { client_plain, client_garbage,
		client_silent, client_half_hello, client_idle };
	struct fixture *f = setup(false, 2);

	(void)state;
	for (size_t i = 0; i < sizeof(clients) / sizeof(clients[0]); i++)
		talk(f, clients[i]);
	assert_int_equal(f->requests, 0);
	/* None of them left anything behind for the next. */
	talk(f, client_simple);
	teardown(f);
}

static void
test_behind_a_proxy(void **state)
{
	struct fixture *f = setup(true, PATIENCE);

	(void)state;
	talk(f, client_proxied);
	talk(f, client_unproxied);
	assert_int_equal(f->requests, 1);
	teardown(f);
}

static void
on_drained(void *arg)
{
	struct fixture *f = arg;

	f->drained = true;
}

static void
test_drain(void **state)
{
	struct fixture *f = setup(false, PATIENCE);
	int64_t end = clock_monotonic_ms() + 5000;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	(void)state;
	assert_int_equal(connect(fd, (struct sockaddr *)&f->address,
	    sizeof(f->address)), 0);
	assert_int_equal(send(fd, "\x16\x03\x01", 3, 0), 3);
	for (int i = 0; i < 20; i++) {
		event_base_loop(f->base, EVLOOP_NONBLOCK);
		poll(NULL, 0, 1);
	}
	http_server_drain(f->server, on_drained, f);
	while (!f->drained && clock_monotonic_ms() < end)
		event_base_loop(f->base, EVLOOP_ONCE);
	assert_true(f->drained);
	close(fd);
	teardown(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain_way),
		cmocka_unit_test(test_odd_ways),
		cmocka_unit_test(test_behind_a_proxy),
		cmocka_unit_test(test_drain),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
