/* SPDX-License-Identifier: ISC */
/*
 * Chains of proxies, honest and spoofed: who the client is, and what it
 * speaks.  Trusted are 10.0.0.0/8, 127.0.0.1 and 2001:db8:ff::/48.
 */
#include "io/http_forwarded.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "io/http_trust.h"

#define XFF "X-Forwarded-For: "
#define FWD "Forwarded: "
#define PROTO "\nX-Forwarded-Proto: "

static const struct {
	const char *headers;	/* with \n between them */
	const char *client;	/* "": the peer */
	enum http_scheme scheme;
} cases[] = {
	/* Nothing said. */
	{ "Host: x", "", HTTP_SCHEME_UNTOLD },
	{ "X-Real-IP: 192.0.2.1", "", HTTP_SCHEME_UNTOLD },
	/* One proxy. */
	{ XFF "192.0.2.1", "192.0.2.1", HTTP_SCHEME_UNTOLD },
	{ XFF "192.0.2.1:4711", "192.0.2.1", HTTP_SCHEME_UNTOLD },
	{ XFF "2001:db8::1", "2001:db8::1", HTTP_SCHEME_UNTOLD },
	{ XFF "[2001:db8::1]", "2001:db8::1", HTTP_SCHEME_UNTOLD },
	{ XFF "[2001:db8::1]:4711", "2001:db8::1", HTTP_SCHEME_UNTOLD },
	{ XFF "::ffff:192.0.2.1", "192.0.2.1", HTTP_SCHEME_UNTOLD },
	{ "x-forwarded-FOR: 192.0.2.1", "192.0.2.1", HTTP_SCHEME_UNTOLD },
	/* What a client invented stands left of what the proxy saw. */
	{ XFF "9.9.9.9, 192.0.2.1", "192.0.2.1", HTTP_SCHEME_UNTOLD },
	{ XFF "10.0.0.1, 192.0.2.1", "192.0.2.1", HTTP_SCHEME_UNTOLD },
	{ XFF "127.0.0.1,192.0.2.1", "192.0.2.1", HTTP_SCHEME_UNTOLD },
	{ XFF "garbage, 192.0.2.1", "192.0.2.1", HTTP_SCHEME_UNTOLD },
	{ XFF ", 192.0.2.1", "192.0.2.1", HTTP_SCHEME_UNTOLD },
	{ XFF "\", 192.0.2.1", "192.0.2.1", HTTP_SCHEME_UNTOLD },
	{ XFF "9.9.9.9\n" XFF "192.0.2.1", "192.0.2.1", HTTP_SCHEME_UNTOLD },
	{ XFF "garbage\n" XFF "192.0.2.1", "192.0.2.1", HTTP_SCHEME_UNTOLD },
	/* More proxies of ours in between. */
	{ XFF "9.9.9.9, 192.0.2.1, 10.1.1.1", "192.0.2.1",
	    HTTP_SCHEME_UNTOLD },
	{ XFF "192.0.2.1, 10.1.1.1, 2001:db8:ff::7,\t10.2.2.2", "192.0.2.1",
	    HTTP_SCHEME_UNTOLD },
	{ XFF "192.0.2.1\n" XFF "10.1.1.1", "192.0.2.1", HTTP_SCHEME_UNTOLD },
	{ XFF "192.0.2.1, 10.1.1.1:80", "192.0.2.1", HTTP_SCHEME_UNTOLD },
	/* All of them ours: somebody inside asks. */
	{ XFF "10.3.3.3, 10.1.1.1", "10.3.3.3", HTTP_SCHEME_UNTOLD },
	{ XFF "127.0.0.1", "127.0.0.1", HTTP_SCHEME_UNTOLD },
	/* Malformed where it counts. */
	{ XFF "", "", HTTP_SCHEME_UNTOLD },
	{ XFF "unknown", "", HTTP_SCHEME_UNTOLD },
	{ XFF "192.0.2.1,", "", HTTP_SCHEME_UNTOLD },
	{ XFF "192.0.2.1, ,10.1.1.1", "", HTTP_SCHEME_UNTOLD },
	{ XFF "garbage, 10.1.1.1", "", HTTP_SCHEME_UNTOLD },
	{ XFF "192.0.2.1\n" XFF "", "", HTTP_SCHEME_UNTOLD },
	{ XFF "192.0.2.256", "", HTTP_SCHEME_UNTOLD },
	{ XFF "192.0.2.1:", "", HTTP_SCHEME_UNTOLD },
	{ XFF "192.0.2.1:65536", "", HTTP_SCHEME_UNTOLD },
	{ XFF "192.0.2.1:x", "", HTTP_SCHEME_UNTOLD },
	{ XFF "192.0.2.1 10.1.1.1", "", HTTP_SCHEME_UNTOLD },
	{ XFF "192.0.2.1;10.1.1.1", "", HTTP_SCHEME_UNTOLD },
	{ XFF "[192.0.2.1]", "", HTTP_SCHEME_UNTOLD },
	{ XFF "[2001:db8::1", "", HTTP_SCHEME_UNTOLD },
	{ XFF "[2001:db8::1]x", "", HTTP_SCHEME_UNTOLD },
	{ XFF "[2001:db8::1]:", "", HTTP_SCHEME_UNTOLD },
	{ XFF "2001:db8::1]:80", "", HTTP_SCHEME_UNTOLD },
	{ XFF "fe80::1%eth0", "", HTTP_SCHEME_UNTOLD },
	{ XFF "\"192.0.2.1\"", "", HTTP_SCHEME_UNTOLD },
	{ XFF "for=192.0.2.1", "", HTTP_SCHEME_UNTOLD },
	{ XFF "0x7f.1", "", HTTP_SCHEME_UNTOLD },
	/* The scheme. */
	{ XFF "192.0.2.1" PROTO "https", "192.0.2.1", HTTP_SCHEME_HTTPS },
	{ XFF "192.0.2.1" PROTO "HTTP", "192.0.2.1", HTTP_SCHEME_HTTP },
	{ XFF "unknown" PROTO "https", "", HTTP_SCHEME_HTTPS },
	{ "A: b" PROTO "https", "", HTTP_SCHEME_HTTPS },
	{ "A: b" PROTO "https, http", "", HTTP_SCHEME_UNTOLD },
	{ "A: b" PROTO "gopher", "", HTTP_SCHEME_UNTOLD },
	{ "A: b" PROTO "", "", HTTP_SCHEME_UNTOLD },
	{ "A: b" PROTO "https" PROTO "https", "", HTTP_SCHEME_UNTOLD },
	/* Forwarded. */
	{ FWD "for=192.0.2.1", "192.0.2.1", HTTP_SCHEME_UNTOLD },
	{ FWD "For=192.0.2.1;Proto=https;by=10.0.0.1", "192.0.2.1",
	    HTTP_SCHEME_HTTPS },
	{ FWD "proto=http; for=\"192.0.2.1:80\"", "192.0.2.1",
	    HTTP_SCHEME_HTTP },
	{ FWD "for=\"[2001:db8::1]:4711\"", "2001:db8::1",
	    HTTP_SCHEME_UNTOLD },
	{ FWD "for=\"[2001:db8::1]\";ext=\"a,b;c\"", "2001:db8::1",
	    HTTP_SCHEME_UNTOLD },
	{ FWD "for=9.9.9.9;proto=http, for=192.0.2.1;proto=https",
	    "192.0.2.1", HTTP_SCHEME_HTTPS },
	{ FWD "for=192.0.2.1;proto=https, for=10.1.1.1;proto=http",
	    "192.0.2.1", HTTP_SCHEME_HTTPS },
	{ FWD "for=9.9.9.9\n" FWD "for=192.0.2.1\n" FWD "for=10.1.1.1",
	    "192.0.2.1", HTTP_SCHEME_UNTOLD },
	{ FWD "for=\"\n" FWD "for=192.0.2.1", "192.0.2.1",
	    HTTP_SCHEME_UNTOLD },
	{ FWD "for=_hidden, for=192.0.2.1", "192.0.2.1", HTTP_SCHEME_UNTOLD },
	{ FWD "for=192.0.2.1;proto=\"a\\\"b\"", "192.0.2.1",
	    HTTP_SCHEME_UNTOLD },
	{ FWD "for=192.0.2.1" PROTO "http", "192.0.2.1", HTTP_SCHEME_HTTP },
	/* Malformed, or nobody in particular. */
	{ FWD "", "", HTTP_SCHEME_UNTOLD },
	{ FWD "for=unknown", "", HTTP_SCHEME_UNTOLD },
	{ FWD "for=_hidden", "", HTTP_SCHEME_UNTOLD },
	{ FWD "for=\"_gazonk:80\"", "", HTTP_SCHEME_UNTOLD },
	{ FWD "for=192.0.2.1,", "", HTTP_SCHEME_UNTOLD },
	{ FWD "for=[2001:db8::1]", "", HTTP_SCHEME_UNTOLD },
	{ FWD "for=192.0.2.1:80", "", HTTP_SCHEME_UNTOLD },
	{ FWD "for = 192.0.2.1", "", HTTP_SCHEME_UNTOLD },
	{ FWD "for=", "", HTTP_SCHEME_UNTOLD },
	{ FWD "for", "", HTTP_SCHEME_UNTOLD },
	{ FWD "192.0.2.1", "", HTTP_SCHEME_UNTOLD },
	{ FWD "by=10.0.0.1;proto=https", "", HTTP_SCHEME_UNTOLD },
	{ FWD "for=192.0.2.1;for=9.9.9.9", "", HTTP_SCHEME_UNTOLD },
	{ FWD "for=\"192.0.2.1", "", HTTP_SCHEME_UNTOLD },
	{ FWD "for=\"192.0.2.1\"x", "", HTTP_SCHEME_UNTOLD },
	/* A quote planted to swallow what the proxy adds. */
	{ FWD "for=9.9.9.9;x=\", for=192.0.2.1", "", HTTP_SCHEME_UNTOLD },
	{ FWD "for=9.9.9.9;x=\", for=\"[2001:db8::1]\"", "",
	    HTTP_SCHEME_UNTOLD },
	{ FWD "for=9.9.9.9;x=\"\\, for=\"192.0.2.1\"", "",
	    HTTP_SCHEME_UNTOLD },
	/* Both: X-Forwarded-For is the one that proxies add to. */
	{ FWD "for=9.9.9.9;proto=https\n" XFF "192.0.2.1", "192.0.2.1",
	    HTTP_SCHEME_UNTOLD },
	{ FWD "for=9.9.9.9\n" XFF "unknown", "", HTTP_SCHEME_UNTOLD },
};

static const struct http_trust *
trust(void)
{
	static struct ip_network proxies[3];
	static const struct http_trust result = {
		.proxies = proxies, .proxy_count = 3 };

	assert_int_equal(ip_network_parse(slice_str("10.0.0.0/8"),
	    &proxies[0]), 0);
	assert_int_equal(ip_network_parse(slice_str("127.0.0.1"),
	    &proxies[1]), 0);
	assert_int_equal(ip_network_parse(slice_str("2001:db8:ff::/48"),
	    &proxies[2]), 0);
	return &result;
}

static size_t
split(const char *text, struct http_header *headers)
{
	struct slice rest = slice_str(text), line;
	size_t count = 0;

	while (slice_split(&rest, '\n', &line)) {
		slice_split(&line, ':', &headers[count].name);
		headers[count].field = http_field_of(headers[count].name);
		headers[count++].value = slice_trim(line);
	}
	return count;
}

static void
test_chains(void **state)
{
	struct http_header headers[8];
	struct http_forwarded got;
	char text[IP_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t count = split(cases[i].headers, headers);

		http_forwarded_read(trust(), headers, count, &got);
		text[0] = '\0';
		if (got.client.len > 0)
			ip_write(&got.client, text);
		if (strcmp(text, cases[i].client) != 0 ||
		    got.scheme != cases[i].scheme)
			fail_msg("%s: \"%s\" %d", cases[i].headers, text,
			    (int)got.scheme);
	}
}

/* However long the chain is that somebody invented, it costs one look. */
static void
test_long(void **state)
{
	struct buf text = { 0 };
	struct http_header header = { .field = HTTP_FIELD_FORWARDED };
	struct http_forwarded got;

	(void)state;
	for (int i = 0; i < 33; i++)
		buf_printf(&text, "%sfor=10.0.0.%d", i > 0 ? "," : "", i);
	header.value = buf_slice(&text);
	http_forwarded_read(trust(), &header, 1, &got);
	assert_int_equal(got.client.len, 0);
	header.field = HTTP_FIELD_X_FORWARDED_FOR;
	buf_reset(&text);
	for (int i = 0; i < 4000; i++)
		buf_add_char(&text, ',');
	buf_add_str(&text, "192.0.2.1");
	header.value = buf_slice(&text);
	http_forwarded_read(trust(), &header, 1, &got);
	assert_int_equal(got.client.len, 4);
	buf_fini(&text);
}

static void
test_fields(void **state)
{
	struct http_header headers[8];
	size_t count = split("Host: x\n" FWD "for=1\n" XFF "1", headers);

	(void)state;
	assert_int_equal(http_forwarded_field(headers, count),
	    HTTP_FIELD_FORWARDED);
	assert_int_equal(http_forwarded_field(headers + 2, 1),
	    HTTP_FIELD_X_FORWARDED_FOR);
	assert_int_equal(http_forwarded_field(headers, 1), HTTP_FIELD_OTHER);
}

/* Any bytes at all: an answer, and no read past the end. */
static void
test_noise(void **state)
{
	static const char alphabet[] = "for=.:;,\"\\[]19 \tx_-";
	struct http_header header = { .field = HTTP_FIELD_FORWARDED };
	struct http_forwarded got;

	(void)state;
	srand(7);
	for (int i = 0; i < 20000; i++) {
		size_t len = (size_t)rand() % 40;
		char *text = malloc(len + 1);

		assert_non_null(text);
		for (size_t k = 0; k < len; k++)
			text[k] = alphabet[(size_t)rand() %
			    (sizeof(alphabet) - 1)];
		header.value = slice_of(text, len);
		header.field = i % 2 == 0 ? HTTP_FIELD_FORWARDED :
		    HTTP_FIELD_X_FORWARDED_FOR;
		http_forwarded_read(trust(), &header, 1, &got);
		assert_true(got.client.len == 0 || got.client.len == 4 ||
		    got.client.len == 16);
		free(text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_chains),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_noise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
