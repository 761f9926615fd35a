/* SPDX-License-Identifier: ISC */
/*
 * Addresses tried in turn, with a resolver of the test's own.
 */
#include "io/connect.h"

#include <sys/socket.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include <cmocka.h>

#include "base/mem.h"
#include "io/dns.h"

enum { WHY_SIZE = 64, ADDRESSES_MAX = 3 };

struct result {
	struct event_base *base;
	int fd;
	char why[WHY_SIZE];
	bool done;
};

/* ---- the resolver: a host is its addresses, with blanks ---- */

struct dns_query {
	struct net_address addresses[ADDRESSES_MAX];
	size_t count;
	struct event *event;
	dns_answer *on_answer;
	void *arg;
};

static void
on_query(evutil_socket_t fd, short what, void *arg)
{
	struct dns_query *q = arg;

	(void)fd;
	(void)what;
	q->on_answer(q->addresses, q->count, "no such host", q->arg);
	dns_cancel(q);
}

struct dns_query *
dns_ask(struct event_base *base, const char *resolver, const char *host,
    uint16_t port, dns_answer *on_answer, void *arg)
{
	struct dns_query *q = MEM_NEW(struct dns_query);
	struct slice rest = slice_str(host), one;
	char text[NET_NAME_SIZE];

	(void)resolver;
	q->on_answer = on_answer;
	q->arg = arg;
	q->event = event_new(base, -1, 0, on_query, q);
	while (strcmp(host, " ") != 0 && rest.len > 0 &&
	    slice_split(&rest, ' ', &one)) {
		(void)snprintf(text, sizeof(text), "%.*s:%u", SLICE_FMT(one),
		    (unsigned)port);
		assert_int_equal(net_parse(slice_str(text),
		    &q->addresses[q->count++]), 0);
	}
	if (strcmp(host, "") != 0)
		event_active(q->event, EV_TIMEOUT, 0);
	return q;
}

void
dns_cancel(struct dns_query *q)
{
	if (q == NULL)
		return;
	event_free(q->event);
	free(q);
}

/* ---- the test ---- */

static void
on_connected(int fd, void *arg)
{
	struct result *r = arg;

	r->fd = fd;
	r->done = true;
}

static void
on_failed(const char *why, void *arg)
{
	struct result *r = arg;

	(void)snprintf(r->why, sizeof(r->why), "%s", why);
	r->done = true;
}

static const struct connect_callbacks callbacks = { on_connected,
	on_failed };

static struct result
try_host(const char *host, uint16_t port, bool loopback_only)
{
	struct result r = { .base = event_base_new(), .fd = -1 };

	(void)connect_new(&(struct connect_setup){ .base = r.base,
	    .host = host, .port = port, .milliseconds = 300,
	    .loopback_only = loopback_only, .callbacks = &callbacks,
	    .arg = &r });
	assert_false(r.done);
	while (!r.done)
		(void)event_base_loop(r.base, EVLOOP_ONCE);
	event_base_free(r.base);
	return r;
}

/* Its queue is full: nobody answers a further connection. */
static int
listen_deaf(uint16_t port, int ret_fillers[2])
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1) };
	int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;

	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on,
	    sizeof(on)), 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&in, sizeof(in)), 0);
	assert_int_equal(listen(fd, 0), 0);
	for (int i = 0; i < 2; i++) {
		ret_fillers[i] = socket(AF_INET,
		    SOCK_STREAM | SOCK_NONBLOCK, 0);
		(void)connect(ret_fillers[i], (struct sockaddr *)&in,
		    sizeof(in));
	}
	return fd;
}

static uint16_t
port_of(int fd)
{
	struct sockaddr_in in = { 0 };
	socklen_t len = sizeof(in);

	assert_int_equal(getsockname(fd, (struct sockaddr *)&in, &len), 0);
	return ntohs(in.sin_port);
}

static void
each_address_has_its_turn(void **state)
{
	struct net_address any;
	int fillers[2], listener, deaf;
	struct result r;
	uint16_t port;

	(void)state;
	assert_int_equal(net_parse(slice_str("127.0.0.1:0"), &any), 0);
	listener = net_listen(&any, 0);
	port = port_of(listener);
	deaf = listen_deaf(port, fillers);
	r = try_host("127.0.0.1", port, true);
	assert_true(r.fd >= 0);
	(void)close(r.fd);
	/* Refused at once, then never answered, then there. */
	r = try_host("127.0.0.3 127.0.0.2 127.0.0.1", port, false);
	assert_true(r.fd >= 0);
	(void)close(r.fd);
	r = try_host("127.0.0.2", port, false);
	assert_string_equal(r.why, "Connection timed out");
	(void)close(listener);
	r = try_host("127.0.0.2 127.0.0.1", port, false);
	assert_string_equal(r.why, "Connection refused");
	(void)close(deaf);
	(void)close(fillers[0]);
	(void)close(fillers[1]);
}

static void
what_cannot_be_tried_fails(void **state)
{
	struct result r;

	(void)state;
	r = try_host(" ", 1, false);
	assert_string_equal(r.why, "no such host");
	r = try_host("", 1, false);
	assert_string_equal(r.why, "no answer to its name in time");
	r = try_host("127.0.0.1 192.0.2.1", 1, true);
	assert_string_equal(r.why, "its name is another machine's");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_address_has_its_turn),
		cmocka_unit_test(what_cannot_be_tried_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
