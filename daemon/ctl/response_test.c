/* SPDX-License-Identifier: ISC */
/*
 * Responses, whole and byte by byte, and what is none.
 */
#include "ctl/response.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static const struct {
	struct slice text;
	unsigned status;	/* 0: refused */
	bool done;
	const char *body;
} cases[] = {
	{ SLICE("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"),
	    200, true, "hi" },
	{ SLICE("HTTP/1.1 404 \r\ncontent-length:0\r\nX: y\r\n\r\n"),
	    404, true, "" },
	{ SLICE("HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n"
	    "3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n"),
	    200, true, "abc0123456789" },
	{ SLICE("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	    "3\r\nabc\r\n"), 200, false, "abc" },
	{ SLICE("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi"),
	    200, false, "hi" },
	{ SLICE("HTTP/1.1 200 OK\r\nContent-Le"), 0, false, "" },
	{ SLICE("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi"),
	    0, false, NULL },
	{ SLICE("HTTP/1.1 100 Go\r\nContent-Length: 0\r\n\r\n"),
	    0, false, NULL },
	{ SLICE("HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n"),
	    0, false, NULL },
	{ SLICE("HTTP/1.1 200 OK\r\n\r\n"), 200, false, NULL },
	{ SLICE("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"
	    "Content-Length: 2\r\n\r\nhi"), 200, false, NULL },
	{ SLICE("HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nhi"),
	    200, false, NULL },
	{ SLICE("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"
	    "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
	    200, false, NULL },
	{ SLICE("HTTP/1.1 200 OK\nContent-Length: 2\n\r\n\r\nhi"),
	    0, false, NULL },
	{ SLICE("HTTP/1.1 200 OK\r\nno colon\r\n\r\n"), 200, false, NULL },
	{ SLICE("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhim"),
	    200, true, NULL },
	{ SLICE("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	    "0x1\r\na\r\n0\r\n\r\n"), 200, false, NULL },
	{ SLICE("\r\n\r\n"), 0, false, NULL },
};

static void
on_body(struct slice content, void *arg)
{
	buf_add_slice(arg, content);
}

static void
check(size_t i, size_t step)
{
	struct response response = { 0 };
	struct buf body = { 0 };
	struct slice rest = cases[i].text;
	int error = 0;

	while (rest.len > 0 && error == 0) {
		error = response_feed(&response, slice_sub(rest, 0, step),
		    on_body, &body);
		rest = slice_sub(rest, step, rest.len);
	}
	if ((error != 0) != (cases[i].body == NULL))
		fail_msg("case %zu by %zu: %d", i, step, error);
	if (error == 0) {
		assert_int_equal(response.status, cases[i].status);
		assert_int_equal(response.done, cases[i].done);
		assert_string_equal(buf_str(&body), cases[i].body);
	}
	buf_fini(&body);
	response_fini(&response);
}

static void
test_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check(i, 4096);
}

static void
test_in_pieces(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (size_t step = 1; step < 8; step++)
			check(i, step);
	}
}

static void
test_close(void **state)
{
	struct response response = { 0 };
	struct buf body = { 0 };

	(void)state;
	assert_int_equal(response_feed(&response, slice_str("HTTP/1.1 503 x"
	    "\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"), on_body,
	    &body), 0);
	assert_true(response.closes);
	response_fini(&response);
}

static void
test_endless_head(void **state)
{
	struct response response = { 0 };
	struct buf body = { 0 };
	int error = 0;

	(void)state;
	for (int i = 0; i < 5000 && error == 0; i++)
		error = response_feed(&response, slice_str("HTTP/"), on_body,
		    &body);
	assert_int_equal(error, -1);
	response_fini(&response);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_in_pieces),
		cmocka_unit_test(test_close),
		cmocka_unit_test(test_endless_head),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
