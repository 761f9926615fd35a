/* SPDX-License-Identifier: ISC */
/*
 * Who counts as one peer, and how often.
 */
#include "io/http_peers.h"

#include <sys/socket.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct http_peer
peer(const char *text)
{
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct http_peer result = { 0 };

	if (inet_pton(AF_INET, text, &v4.sin_addr) == 1)
		http_peer_of((struct sockaddr *)&v4, &result);
	else if (inet_pton(AF_INET6, text, &v6.sin6_addr) == 1)
		http_peer_of((struct sockaddr *)&v6, &result);
	else
		fail_msg("%s", text);
	return result;
}

static void
test_same(void **state)
{
	static const struct {
		const char *a, *b;
		bool same;
	} rows[] = {
		{ "192.0.2.1", "192.0.2.1", true },
		{ "192.0.2.1", "192.0.2.2", false },
		{ "192.0.2.1", "::ffff:192.0.2.1", true },
		{ "2001:db8::1", "2001:db8::2", true },
		{ "2001:db8::1", "2001:db8:0:0:ffff::1", true },
		{ "2001:db8::1", "2001:db8:0:1::1", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct http_peer a = peer(rows[i].a), b = peer(rows[i].b);
		struct http_peers *peers = http_peers_new();

		assert_true(http_peers_take(peers, &a, 1));
		assert_int_equal(http_peers_take(peers, &b, 1),
		    !rows[i].same);
		http_peers_free(peers);
	}
}

static void
test_texts(void **state)
{
	struct sockaddr unix_peer = { .sa_family = AF_UNIX };
	struct http_peer p;

	(void)state;
	p = peer("192.0.2.1");
	assert_string_equal(p.text, "192.0.2.1");
	assert_true(p.counted);
	p = peer("::ffff:192.0.2.1");
	assert_string_equal(p.text, "192.0.2.1");
	p = peer("2001:db8::1");
	assert_string_equal(p.text, "2001:db8::1");
	p = peer("127.9.9.9");
	assert_false(p.counted);
	p = peer("::1");
	assert_false(p.counted);
	http_peer_of(&unix_peer, &p);
	assert_string_equal(p.text, "unix");
	assert_false(p.counted);
}

static void
test_counts(void **state)
{
	struct http_peers *peers = http_peers_new();
	struct http_peer a = peer("192.0.2.1"), near = peer("127.0.0.1");

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_true(http_peers_take(peers, &a, 3));
	assert_false(http_peers_take(peers, &a, 3));
	http_peers_drop(peers, &a);
	assert_true(http_peers_take(peers, &a, 3));
	assert_false(http_peers_take(peers, &a, 3));
	for (int i = 0; i < 3; i++)
		http_peers_drop(peers, &a);
	assert_true(http_peers_take(peers, &a, 1));
	for (int i = 0; i < 100; i++)
		assert_true(http_peers_take(peers, &near, 1));
	http_peers_free(peers);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
