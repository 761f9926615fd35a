/* SPDX-License-Identifier: ISC */
/*
 * Names, asked of /etc/hosts and of a name server of the test's own.
 */
#include "io/dns.h"

#include <sys/socket.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include <cmocka.h>

#include "io/dns_fake.h"

enum { PORT = 25 };

struct result {
	char text[256];		/* each address and a blank, or why not */
	bool done;
};

static void
on_answer(const struct net_address *addresses, size_t count, const char *why,
    void *arg)
{
	struct result *r = arg;
	size_t at = 0;

	if (count == 0)
		(void)snprintf(r->text, sizeof(r->text), "%s", why);
	for (size_t i = 0; i < count; i++) {
		char name[INET6_ADDRSTRLEN];
		union {
			struct sockaddr_storage storage;
			struct sockaddr_in in;
			struct sockaddr_in6 in6;
		} u = { .storage = addresses[i].sockaddr };
		bool four = u.in.sin_family == AF_INET;

		assert_int_equal(ntohs(u.in.sin_port), PORT);
		(void)inet_ntop(u.in.sin_family, four ?
		    (const void *)&u.in.sin_addr : &u.in6.sin6_addr, name,
		    sizeof(name));
		at += (size_t)snprintf(r->text + at, sizeof(r->text) - at,
		    "%s ", name);
	}
	r->done = true;
}

static struct result
ask(const char *resolver, const char *host)
{
	struct event_base *base = event_base_new();
	struct result r = { .done = false };

	(void)dns_ask(base, resolver, host, PORT, on_answer, &r);
	assert_false(r.done);
	while (!r.done)
		(void)event_base_loop(base, EVLOOP_ONCE);
	event_base_free(base);
	return r;
}

static void
numbers_and_hosts_need_no_server(void **state)
{
	struct dns_fake server = dns_fake_start();
	struct result r;

	(void)state;
	assert_string_equal(ask(server.resolver, "192.0.2.1").text,
	    "192.0.2.1 ");
	assert_string_equal(ask(server.resolver, "2001:db8::1").text,
	    "2001:db8::1 ");
	r = ask(server.resolver, "localhost");
	assert_non_null(strstr(r.text, "127.0.0.1 "));
	assert_int_equal(dns_fake_questions(&server), 0);
	dns_fake_stop(&server);
}

static void
both_kinds_of_address_are_asked_for(void **state)
{
	struct dns_fake server = dns_fake_start();
	struct result r;

	(void)state;
	r = ask(server.resolver, "both.assent.test");
	assert_non_null(strstr(r.text, "192.0.2.7 "));
	assert_non_null(strstr(r.text, "2001:db8::7 "));
	assert_string_equal(ask(server.resolver, "four.assent.test").text,
	    "192.0.2.7 ");
	assert_string_equal(ask(server.resolver, "none.assent.test").text,
	    "Domain name not found");
	assert_string_equal(ask(server.resolver, "silent.assent.test").text,
	    "Timeout while contacting DNS servers");
	dns_fake_stop(&server);
}

static void
a_query_can_be_given_up(void **state)
{
	struct dns_fake server = dns_fake_start();
	struct event_base *base = event_base_new();
	struct result r = { .done = false };
	struct dns_query *q = dns_ask(base, server.resolver,
	    "silent.assent.test", PORT, on_answer, &r);

	(void)state;
	(void)event_base_loop(base, EVLOOP_NONBLOCK);
	dns_cancel(q);
	dns_cancel(dns_ask(base, server.resolver, "192.0.2.1", PORT, on_answer,
	    &r));
	(void)event_base_loop(base, EVLOOP_NONBLOCK);
	assert_false(r.done);
	event_base_free(base);
	dns_fake_stop(&server);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_and_hosts_need_no_server),
		cmocka_unit_test(both_kinds_of_address_are_asked_for),
		cmocka_unit_test(a_query_can_be_given_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
