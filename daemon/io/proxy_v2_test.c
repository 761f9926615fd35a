/* SPDX-License-Identifier: ISC */
/*
 * Blocks as proxies send them, each cut at every byte, and each byte of them
 * replaced by every other.
 */
#include "io/proxy_v2.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"
#define V4 "\xc0\x00\x02\x01" "\x0a\x00\x00\x01" "\x12\x34\x00\x50"
#define V6 "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01" \
	"\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x02" "\x12\x34\x00\x50"
#define MAPPED "\0\0\0\0\0\0\0\0\0\0\xff\xff\xc0\x00\x02\x01" \
	"\0\0\0\0\0\0\0\0\0\0\xff\xff\x0a\x00\x00\x01" "\x12\x34\x00\x50"
#define TLV "\x04\x00\x03" "abc"	/* a NOOP of three bytes */
#define PATHS "/tmp/a"		/* 216 bytes with the zeros of `rest` */

static const struct {
	struct slice block;
	const char *source;	/* "": none */
	bool is_local;
	bool malformed;
} cases[] = {
	{ SLICE(SIGNATURE "\x21\x11\x00\x0c" V4), "192.0.2.1", false, false },
	{ SLICE(SIGNATURE "\x21\x12\x00\x0c" V4), "192.0.2.1", false, false },
	{ SLICE(SIGNATURE "\x21\x11\x00\x12" V4 TLV), "192.0.2.1", false,
	    false },
	{ SLICE(SIGNATURE "\x21\x21\x00\x24" V6), "2001:db8::1", false,
	    false },
	{ SLICE(SIGNATURE "\x21\x21\x00\x2a" V6 TLV), "2001:db8::1", false,
	    false },
	{ SLICE(SIGNATURE "\x21\x21\x00\x24" MAPPED), "192.0.2.1", false,
	    false },
	/* Nothing is known of the client. */
	{ SLICE(SIGNATURE "\x21\x00\x00\x00"), "", false, false },
	{ SLICE(SIGNATURE "\x21\x00\x00\x06" TLV), "", false, false },
	/* The proxy itself. */
	{ SLICE(SIGNATURE "\x20\x00\x00\x00"), "", true, false },
	{ SLICE(SIGNATURE "\x20\x11\x00\x0c" V4), "", true, false },
	{ SLICE(SIGNATURE "\x20\x11\x00\x01" "x"), "", true, false },
	/* Too short for what it says. */
	{ SLICE(SIGNATURE "\x21\x11\x00\x0b" V4), "", false, true },
	{ SLICE(SIGNATURE "\x21\x11\x00\x00"), "", false, true },
	{ SLICE(SIGNATURE "\x21\x21\x00\x0c" V4), "", false, true },
	{ SLICE(SIGNATURE "\x21\x31\x00\x0c" V4), "", false, true },
	/* Longer than anybody needs. */
	{ SLICE(SIGNATURE "\x21\x11\x0f\xf1"), "", false, true },
	{ SLICE(SIGNATURE "\x21\x11\xff\xff"), "", false, true },
	/* Unknown versions, commands, families, transports. */
	{ SLICE(SIGNATURE "\x11\x11\x00\x0c" V4), "", false, true },
	{ SLICE(SIGNATURE "\x31\x11\x00\x0c" V4), "", false, true },
	{ SLICE(SIGNATURE "\x22\x11\x00\x0c" V4), "", false, true },
	{ SLICE(SIGNATURE "\x21\x41\x00\x0c" V4), "", false, true },
	{ SLICE(SIGNATURE "\x21\x13\x00\x0c" V4), "", false, true },
	/* Version 1, and what is no PROXY protocol at all. */
	{ SLICE("PROXY TCP4 192.0.2.1 10.0.0.1 4660 80\r\n"), "", false,
	    true },
	{ SLICE("GET / HTTP/1.1\r\n"), "", false, true },
	{ SLICE("\x16\x03\x01\x02\x00\x01"), "", false, true },
	{ SLICE("\r\n\r\nGET / HTTP/1.1\r\n"), "", false, true },
};

/* In memory of its own, so that a sanitizer sees any step past the end. */
static enum proxy_v2_result
read_copy(struct slice data, struct proxy_v2 *block, size_t *length)
{
	char *copy = malloc(data.len);
	enum proxy_v2_result result;

	assert_true(copy != NULL || data.len == 0);
	if (data.len > 0)
		memcpy(copy, data.p, data.len);
	result = proxy_v2_read(slice_of(copy, data.len), block, length);
	free(copy);
	return result;
}

static void
test_blocks(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[IP_TEXT_SIZE] = "";
		struct proxy_v2 block;
		size_t length;
		enum proxy_v2_result result = read_copy(cases[i].block,
		    &block, &length);

		assert_int_equal(result, cases[i].malformed ?
		    PROXY_V2_MALFORMED : PROXY_V2_DONE);
		if (cases[i].malformed)
			continue;
		assert_int_equal(length, cases[i].block.len);
		assert_int_equal(block.is_local, cases[i].is_local);
		if (block.source.len > 0)
			ip_write(&block.source, text);
		assert_string_equal(text, cases[i].source);
	}
}

/* A UNIX socket's paths are no address of ours. */
static void
test_unix(void **state)
{
	char data[16 + 216] = SIGNATURE "\x21\x31\x00\xd8" PATHS;
	struct proxy_v2 block;
	size_t length;

	(void)state;
	assert_int_equal(proxy_v2_read(slice_of(data, sizeof(data)), &block,
	    &length), PROXY_V2_DONE);
	assert_int_equal(block.source.len, 0);
	assert_int_equal(length, sizeof(data));
}

/* Each prefix of a good block wants more, and never more than there is. */
static void
test_truncations(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t whole = cases[i].block.len;

		for (size_t n = 0; n < whole && !cases[i].malformed; n++) {
			struct proxy_v2 block;
			size_t length;

			assert_int_equal(read_copy(slice_sub(cases[i].block,
			    0, n), &block, &length), PROXY_V2_MORE);
			assert_true(length > n && length <= whole);
		}
	}
}

/* What follows the block isn't looked at. */
static void
test_more_behind(void **state)
{
	static const char data[] = SIGNATURE "\x21\x11\x00\x0c" V4 "GET /";
	struct proxy_v2 block;
	size_t length;

	(void)state;
	assert_int_equal(proxy_v2_read(slice_of(data, sizeof(data) - 1),
	    &block, &length), PROXY_V2_DONE);
	assert_int_equal(length, 28);
}

static void
test_every_byte(void **state)
{
	char data[64];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t whole = cases[i].block.len;

		assert_true(whole <= sizeof(data));
		for (size_t at = 0; at < whole; at++) {
			memcpy(data, cases[i].block.p, whole);
			for (int byte = 0; byte < 256; byte++) {
				struct proxy_v2 block;
				size_t length;

				data[at] = (char)byte;
				(void)read_copy(slice_of(data, whole),
				    &block, &length);
				assert_true(length <= 16 + 65535);
				assert_true(block.source.len <= 16);
			}
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_blocks),
		cmocka_unit_test(test_unix),
		cmocka_unit_test(test_truncations),
		cmocka_unit_test(test_more_behind),
		cmocka_unit_test(test_every_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
