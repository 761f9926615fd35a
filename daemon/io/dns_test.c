/* SPDX-License-Identifier: ISC */
/*
 * Names, asked of /etc/hosts and of a name server of the test's own, which is
 * another process.
 */
#include "io/dns.h"

#include <sys/socket.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <event2/event.h>

#include <ares.h>
#include <cmocka.h>

enum { HEADER = 12, QUERY_MAX = 512, PORT = 25 };

static uint16_t server_port;	/* of the test's name server */

int __real_ares_init_options(ares_channel *, struct ares_options *, int);
int __wrap_ares_init_options(ares_channel *, struct ares_options *, int);

/*
 * c-ares's, but for the servers that it asks; by the linker, since its
 * versions differ in a const.
 */
int
__wrap_ares_init_options(ares_channel *ret_channel,
    struct ares_options *options, int mask)
{
	char servers[32];
	int status;

	options->timeout = 50;
	options->tries = 2;
	status = __real_ares_init_options(ret_channel, options,
	    mask | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES);
	(void)snprintf(servers, sizeof(servers), "127.0.0.1:%u",
	    (unsigned)server_port);
	if (status == ARES_SUCCESS)
		status = ares_set_servers_ports_csv(*ret_channel, servers);
	return status;
}

/* ---- the name server ---- */

static const unsigned char a[] = { 0xc0, HEADER, 0, 1, 0, 1, 0, 0, 0, 9,
	0, 4, 192, 0, 2, 7 };
static const unsigned char aaaa[] = { 0xc0, HEADER, 0, 28, 0, 1, 0, 0, 0, 9,
	0, 16, 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7 };

/* "both", "four", "none", "silent": the first label says what to answer. */
static size_t
answer(unsigned char *q, size_t len)
{
	const char *label = (const char *)q + HEADER + 1;
	bool six = q[len - 3] == 28, both = strncmp(label, "both", 4) == 0;
	const unsigned char *record = six ? aaaa : a;
	size_t size = six ? sizeof(aaaa) : sizeof(a);

	if (strncmp(label, "silent", 6) == 0)
		return 0;
	q[2] = 0x81;
	q[3] = strncmp(label, "none", 4) == 0 ? 0x83 : 0x80;
	q[10] = q[11] = 0;	/* no EDNS */
	if (!both && (six || strncmp(label, "four", 4) != 0))
		return len;
	q[7] = 1;
	memcpy(q + len, record, size);
	return len + size;
}

/* Up to the end of the question. */
static size_t
question_len(const unsigned char *q)
{
	size_t at = HEADER;

	while (q[at] != 0)
		at += q[at] + 1U;
	return at + 5;
}

static void
serve(int fd)
{
	unsigned char q[QUERY_MAX + 64];
	struct sockaddr_in from;

	for (;;) {
		socklen_t len = sizeof(from);
		ssize_t n = recvfrom(fd, q, QUERY_MAX, 0,
		    (struct sockaddr *)&from, &len);
		size_t out;

		if (n < HEADER + 5)
			continue;
		out = answer(q, question_len(q));
		if (out > 0)
			(void)sendto(fd, q, out, 0, (struct sockaddr *)&from,
			    len);
	}
}

static pid_t
start_server(void)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	socklen_t len = sizeof(in);
	pid_t pid;

	assert_int_equal(bind(fd, (struct sockaddr *)&in, sizeof(in)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&in, &len), 0);
	server_port = ntohs(in.sin_port);
	pid = fork();
	if (pid == 0)
		serve(fd);
	(void)close(fd);
	return pid;
}

/* ---- the test ---- */

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
ask(const char *host)
{
	struct event_base *base = event_base_new();
	struct result r = { .done = false };

	(void)dns_ask(base, host, PORT, on_answer, &r);
	assert_false(r.done);
	while (!r.done)
		(void)event_base_loop(base, EVLOOP_ONCE);
	event_base_free(base);
	return r;
}

static void
numbers_and_hosts_need_no_server(void **state)
{
	struct result r;

	(void)state;
	server_port = 1;
	assert_string_equal(ask("192.0.2.1").text, "192.0.2.1 ");
	assert_string_equal(ask("2001:db8::1").text, "2001:db8::1 ");
	r = ask("localhost");
	assert_non_null(strstr(r.text, "127.0.0.1 "));
}

static void
both_kinds_of_address_are_asked_for(void **state)
{
	pid_t pid = start_server();
	struct result r;

	(void)state;
	r = ask("both.assent.test");
	assert_non_null(strstr(r.text, "192.0.2.7 "));
	assert_non_null(strstr(r.text, "2001:db8::7 "));
	assert_string_equal(ask("four.assent.test").text, "192.0.2.7 ");
	assert_string_equal(ask("none.assent.test").text,
	    "Domain name not found");
	assert_string_equal(ask("silent.assent.test").text,
	    "Timeout while contacting DNS servers");
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
}

static void
a_query_can_be_given_up(void **state)
{
	pid_t pid = start_server();
	struct event_base *base = event_base_new();
	struct result r = { .done = false };
	struct dns_query *q = dns_ask(base, "silent.assent.test", PORT,
	    on_answer, &r);

	(void)state;
	(void)event_base_loop(base, EVLOOP_NONBLOCK);
	dns_cancel(q);
	dns_cancel(dns_ask(base, "192.0.2.1", PORT, on_answer, &r));
	(void)event_base_loop(base, EVLOOP_NONBLOCK);
	assert_false(r.done);
	event_base_free(base);
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
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
