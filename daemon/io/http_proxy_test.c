/* SPDX-License-Identifier: ISC */
/*
 * The server behind proxies: whose word it believes, and whom it counts.
 * Neighbours are on the loopback, where one may be trusted and another not.
 */
#include "io/http.h"

#include <sys/socket.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include <cmocka.h>

#include "base/buf.h"
#include "io/http_talk.h"
#include "io/http_trust.h"

#define WHO "GET /who HTTP/1.1\r\nHost: h\r\n"
#define CLOSE "Connection: close\r\n\r\n"
#define BLOCK "\r\n\r\n\0\r\nQUIT\n"
#define FROM_V4 BLOCK "\x21\x11\x00\x0c\xc0\x00\x02\x07\x0a\x00\x00\x01" \
	"\x12\x34\x00\x50"
#define FROM_LOCAL BLOCK "\x20\x00\x00\x00"
#define FROM_NOBODY BLOCK "\x21\x00\x00\x00"
#define FROM_PROXY BLOCK "\x21\x11\x00\x0c\x7f\x00\x00\x09\x0a\x00\x00\x01" \
	"\x12\x34\x00\x50"

struct fixture {
	struct event_base *base;
	struct http_server *server;
	int listener;
	struct sockaddr_in address;
	struct ip_network proxies[1];	/* 127.0.0.9 */
	struct http_trust trust;
	struct http_exchange *held;
	unsigned requests, strangers;
	char stranger[64];
};

/* "CLIENT SCHEME", or nothing yet for /hold. */
static void
on_request(struct http_exchange *exchange, void *arg)
{
	const struct http_request *request = http_exchange_request(exchange);
	struct fixture *f = arg;
	struct buf body = { 0 };

	f->requests++;
	if (slice_eq_str(request->path, "/hold")) {
		f->held = exchange;
		return;
	}
	buf_printf(&body, "<%s %d>", request->client, (int)request->scheme);
	http_answer(exchange, 200, buf_slice(&body));
	buf_fini(&body);
}

static void
on_stranger(const char *peer, const char *what, void *arg)
{
	struct fixture *f = arg;

	f->strangers++;
	snprintf(f->stranger, sizeof(f->stranger), "%s %s", peer, what);
}

static struct fixture *
setup(bool proxy_protocol)
{
	const struct http_listen how = { .proxy_protocol = proxy_protocol };
	struct http_limits limits = http_limits_default;
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	limits.connections_per_peer = 2;
	limits.header_seconds = 1;
	f->base = event_base_new();
	f->listener = talk_listen(&f->address);
	f->server = http_server_new(f->base, &limits, on_request, NULL, f);
	assert_int_equal(ip_network_parse(slice_str("127.0.0.9"),
	    &f->proxies[0]), 0);
	f->trust = (struct http_trust){ .proxies = f->proxies,
	    .proxy_count = 1, .on_stranger = on_stranger, .arg = f };
	http_server_trust(f->server, &f->trust);
	assert_int_equal(http_server_listen(f->server, f->listener, &how), 0);
	return f;
}

static void
teardown(struct fixture *f)
{
	http_server_free(f->server);
	close(f->listener);
	event_base_free(f->base);
	free(f);
}

/* From the proxy, or from 127.0.0.1. */
static int
dial(struct fixture *f, bool from_proxy)
{
	struct sockaddr_in from = { .sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(from_proxy ? 0x7f000009 : 0x7f000001) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&from, sizeof(from)), 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&f->address,
	    sizeof(f->address)), 0);
	return fd;
}

static void
run(struct fixture *f, int ms)
{
	talk_run(f->base, ms);
}

static void
say(int fd, const void *p, size_t len)
{
	talk_say(fd, slice_of(p, len));
}

static char *
hear(struct fixture *f, int fd)
{
	return talk_hear_all(f->base, fd);
}

static void
expect(struct fixture *f, bool from_proxy, const void *p, size_t len,
    const char *wanted)
{
	int fd = dial(f, from_proxy);
	char *got;

	say(fd, p, len);
	got = hear(f, fd);
	if (wanted == NULL ? got != NULL && got[0] != '\0' :
	    strstr(got, wanted) == NULL)
		fail_msg("%s instead of %s", got, wanted);
	free(got);
}
#define EXPECT(f, from_proxy, text, wanted) \
	expect((f), (from_proxy), (text), sizeof(text) - 1, (wanted))

static void
test_headers(void **state)
{
	struct fixture *f = setup(false);

	(void)state;
	EXPECT(f, true, WHO "X-Forwarded-For: 9.9.9.9, 192.0.2.1\r\n" CLOSE,
	    "<192.0.2.1 0>");
	EXPECT(f, true, WHO "X-Forwarded-Proto: https\r\n"
	    "X-Forwarded-For: 192.0.2.1\r\n" CLOSE, "<192.0.2.1 2>");
	EXPECT(f, true, WHO "Forwarded: for=192.0.2.1;proto=http\r\n" CLOSE,
	    "<192.0.2.1 1>");
	EXPECT(f, true, WHO CLOSE, "<127.0.0.9 0>");
	EXPECT(f, true, WHO "X-Forwarded-For: unknown\r\n" CLOSE,
	    "<127.0.0.9 0>");
	EXPECT(f, false, WHO CLOSE, "<127.0.0.1 0>");
	assert_int_equal(f->strangers, 0);
	EXPECT(f, false, WHO "X-Forwarded-For: 192.0.2.1\r\n"
	    "X-Forwarded-Proto: https\r\n" CLOSE, "<127.0.0.1 0>");
	assert_int_equal(f->strangers, 1);
	assert_string_equal(f->stranger, "127.0.0.1 X-Forwarded-For");
	teardown(f);
}

/* Each request of a connection is its own client's. */
static void
test_kept_alive(void **state)
{
	struct fixture *f = setup(false);
	int fd = dial(f, true);
	char *got;

	(void)state;
	say(fd, WHO "X-Forwarded-For: 192.0.2.1\r\n\r\n",
	    sizeof(WHO "X-Forwarded-For: 192.0.2.1\r\n\r\n") - 1);
	say(fd, WHO "X-Forwarded-For: 192.0.2.2\r\n\r\n",
	    sizeof(WHO "X-Forwarded-For: 192.0.2.2\r\n\r\n") - 1);
	say(fd, WHO CLOSE, sizeof(WHO CLOSE) - 1);
	got = hear(f, fd);
	assert_non_null(strstr(got, "<192.0.2.1 0>"));
	assert_non_null(strstr(got, "<192.0.2.2 0>"));
	assert_non_null(strstr(got, "<127.0.0.9 0>"));
	free(got);
	teardown(f);
}

/* Two requests at a time for one client, however many its proxy may have. */
static void
test_clients_are_capped(void **state)
{
#define SLOW "POST /who HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n" \
	"X-Forwarded-For: 192.0.2.1\r\n\r\n"
	struct fixture *f = setup(false);
	int slow[2];

	(void)state;
	for (int i = 0; i < 2; i++) {
		slow[i] = dial(f, true);
		say(slow[i], SLOW, sizeof(SLOW) - 1);
		run(f, 20);
	}
	EXPECT(f, true, WHO "X-Forwarded-For: 192.0.2.1\r\n" CLOSE, "429 ");
	EXPECT(f, true, WHO "X-Forwarded-For: 192.0.2.2\r\n" CLOSE, "200 ");
	EXPECT(f, true, WHO CLOSE, "200 ");
	close(slow[0]);
	run(f, 20);
	EXPECT(f, true, WHO "X-Forwarded-For: 192.0.2.1\r\n" CLOSE, "200 ");
	close(slow[1]);
	teardown(f);
}

static void
test_proxy_protocol(void **state)
{
	struct fixture *f = setup(true);

	(void)state;
	EXPECT(f, true, FROM_V4 WHO CLOSE, "<192.0.2.7 0>");
	/* The client speaks for itself then, not its proxy. */
	EXPECT(f, true, FROM_V4 WHO "X-Forwarded-For: 9.9.9.9\r\n" CLOSE,
	    "<192.0.2.7 0>");
	assert_string_equal(f->stranger, "192.0.2.7 X-Forwarded-For");
	EXPECT(f, true, FROM_LOCAL WHO CLOSE, "<127.0.0.9 0>");
	EXPECT(f, true, FROM_NOBODY WHO CLOSE, "<127.0.0.9 0>");
	EXPECT(f, true, FROM_NOBODY WHO "X-Forwarded-For: 9.9.9.9\r\n" CLOSE,
	    "<127.0.0.9 0>");
	/* A proxy of ours behind the proxy of ours. */
	EXPECT(f, true, FROM_PROXY WHO "X-Forwarded-For: 192.0.2.1\r\n" CLOSE,
	    "<192.0.2.1 0>");
	teardown(f);
}

static void
test_proxy_protocol_refused(void **state)
{
	struct fixture *f = setup(true);

	(void)state;
	EXPECT(f, true, WHO CLOSE, NULL);
	EXPECT(f, true, "PROXY TCP4 192.0.2.7 10.0.0.1 4660 80\r\n" WHO CLOSE,
	    NULL);
	EXPECT(f, true, FROM_V4 FROM_V4 WHO CLOSE, "400 ");
	assert_int_equal(f->strangers, 0);
	EXPECT(f, false, FROM_V4 WHO CLOSE, NULL);
	assert_string_equal(f->stranger, "127.0.0.1 PROXY");
	assert_int_equal(f->requests, 0);
	teardown(f);
}

/* It comes byte by byte, ends in the middle, or never. */
static void
test_slow_block(void **state)
{
	static const char text[] = FROM_V4 WHO CLOSE;
	struct fixture *f = setup(true);
	int fd = dial(f, true);
	char *got;

	(void)state;
	for (size_t i = 0; i < sizeof(text) - 1; i++) {
		say(fd, text + i, 1);
		run(f, 1);
	}
	got = hear(f, fd);
	assert_non_null(strstr(got, "<192.0.2.7 0>"));
	free(got);
	for (size_t i = 0; i < sizeof(FROM_V4) - 1; i++) {
		fd = dial(f, true);
		say(fd, text, i);
		shutdown(fd, SHUT_WR);
		got = hear(f, fd);
		assert_true(got == NULL || got[0] == '\0');
		free(got);
	}
	fd = dial(f, true);
	got = hear(f, fd);	/* header_seconds later */
	assert_true(got == NULL || got[0] == '\0');
	free(got);
	teardown(f);
}

/* Whoever the proxy names is who is counted. */
static void
test_proxied_are_capped(void **state)
{
	struct fixture *f = setup(true);
	int fd[2];

	(void)state;
	for (int i = 0; i < 2; i++) {
		fd[i] = dial(f, true);
		say(fd[i], FROM_V4, sizeof(FROM_V4) - 1);
		run(f, 20);
	}
	EXPECT(f, true, FROM_V4 WHO CLOSE, NULL);
	EXPECT(f, true, FROM_LOCAL WHO CLOSE, "200 ");
	close(fd[0]);
	run(f, 20);
	EXPECT(f, true, FROM_V4 WHO CLOSE, "200 ");
	close(fd[1]);
	teardown(f);
}

/* Whoever has not said who they are goes with the rest. */
static void
test_end_while_greeting(void **state)
{
	struct fixture *f = setup(true);
	int fd = dial(f, true);
	char *got;

	(void)state;
	say(fd, FROM_V4, 5);
	run(f, 20);
	http_server_drain(f->server, NULL, NULL);
	got = hear(f, fd);
	assert_true(got == NULL || got[0] == '\0');
	free(got);
	teardown(f);
	f = setup(true);
	fd = dial(f, true);
	say(fd, FROM_V4, 5);
	run(f, 20);
	teardown(f);
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_headers),
		cmocka_unit_test(test_kept_alive),
		cmocka_unit_test(test_clients_are_capped),
		cmocka_unit_test(test_proxy_protocol),
		cmocka_unit_test(test_proxy_protocol_refused),
		cmocka_unit_test(test_slow_block),
		cmocka_unit_test(test_proxied_are_capped),
		cmocka_unit_test(test_end_while_greeting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
