/* SPDX-License-Identifier: ISC */
/*
 * Chunked bodies, well-formed and not; each whole and byte by byte.
 */
#include "io/http_chunk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

enum { LIMIT = 100 };

static const struct vector {
	enum http_chunk_result result;
	struct slice coded;
	struct slice content;	/* when DONE */
} vectors[] = {
#define DONE(coded, content) \
	{ HTTP_CHUNK_DONE, SLICE(coded), SLICE(content) }
#define MORE(coded) { HTTP_CHUNK_MORE, SLICE(coded), { 0 } }
#define BAD(coded) { HTTP_CHUNK_MALFORMED, SLICE(coded), { 0 } }
#define BIG(coded) { HTTP_CHUNK_TOO_LARGE, SLICE(coded), { 0 } }
	DONE("0\r\n\r\n", ""),
	DONE("000\r\n\r\n", ""),
	DONE("3\r\nabc\r\n0\r\n\r\n", "abc"),
	DONE("1\r\na\r\n2\r\nbc\r\n0\r\n\r\n", "abc"),
	DONE("00000003\r\nabc\r\n0\r\n\r\n", "abc"),
	DONE("a\r\n0123456789\r\n0\r\n\r\n", "0123456789"),
	DONE("A\r\n0123456789\r\n0\r\n\r\n", "0123456789"),
	DONE("2\r\n\r\n\r\n0\r\n\r\n", "\r\n"),
	DONE("5\r\n0\r\n\r\n\r\n0\r\n\r\n", "0\r\n\r\n"),
	DONE("1\r\n\x00\r\n0\r\n\r\n", "\x00"),
	DONE("1;a=b\r\nx\r\n0\r\n\r\n", "x"),
	DONE("1;\r\nx\r\n0;z\r\n\r\n", "x"),
	DONE("1;a=\"b c\"\r\nx\r\n0\r\n\r\n", "x"),
	DONE("1\r\nx\r\n0\r\nA: b\r\n\r\n", "x"),
	DONE("1\r\nx\r\n0\r\nA:\r\nB: c d\r\n\r\n", "x"),
	MORE(""), MORE("3"), MORE("3\r"), MORE("3\r\n"), MORE("3\r\nab"),
	MORE("3\r\nabc"), MORE("3\r\nabc\r"), MORE("3\r\nabc\r\n"),
	MORE("0\r\n"), MORE("0\r\n\r"), MORE("0\r\nA: b"), MORE("3;x"),
	MORE("64\r\n"),
	BAD("\r\n"), BAD("x\r\n"), BAD("g\r\n"), BAD("-1\r\n"),
	BAD("+1\r\n"), BAD(" 1\r\n"), BAD("1 \r\n"), BAD("1\t\r\n"),
	BAD("1 ;a\r\n"), BAD("0x1\r\n"), BAD("0X1\r\n"), BAD("1.0\r\n"),
	BAD("1_0\r\n"), BAD(";a\r\n"), BAD("\"1\"\r\n"), BAD("1h\r\n"),
	BAD("000000001\r\n"), BAD("1\n"), BAD("1\r\r\n"), BAD("1\ra"),
	BAD("1;a\n"), BAD("1;a\rb"), BAD("1;\x00\r\n"), BAD("1;\x7f\r\n"),
	BAD("3\r\nabc\n"), BAD("3\r\nabcd\r\n"), BAD("3\r\nabc0"),
	BAD("3\r\nabc\rx"), BAD("3\r\nabc\r\n\r\n"), BAD("0\n"),
	BAD("0\r\n\n"), BAD("0\r\nA\r\n"), BAD("0\r\n: b\r\n"),
	BAD("0\r\n A: b\r\n"), BAD("0\r\nA : b\r\n"), BAD("0\r\nA: b\n"),
	BAD("0\r\nA: b\r\n c\r\n"), BAD("0\r\nA: \x00\r\n"),
	BAD("0\r\nA: b\rc"), BAD("3\r\nabc\r\n-0\r\n"),
	BAD("3\r\nabc\r\n 0\r\n"), BAD("\x33\r\n\x61\x62\x63\x0d\x0b"),
	BIG("65\r\n"), BIG("ffffffff\r\n"), BIG("fffffff0"), BIG("7fff"),
	BIG("63\r\n"
	    "0123456789012345678901234567890123456789012345678901234567890123"
	    "45678901234567890123456789012345678\r\n2\r\n"),
};

static enum http_chunk_result
decode(struct slice in, size_t step, struct buf *out, size_t *ret_used)
{
	struct http_chunk chunk = { 0 };
	enum http_chunk_result result = HTTP_CHUNK_MORE;
	size_t used;

	*ret_used = 0;
	for (size_t i = 0; i < in.len && result == HTTP_CHUNK_MORE;
	    i += step) {
		result = http_chunk_feed(&chunk, slice_sub(in, i, i + step),
		    LIMIT, out, &used);
		*ret_used += used;
	}
	return result;
}

static void
check(const struct vector *v, size_t step)
{
	struct buf out = { 0 };
	size_t used;

	if (decode(v->coded, step, &out, &used) != v->result)
		fail_msg("%.*s", SLICE_FMT(v->coded));
	if (v->result == HTTP_CHUNK_DONE) {
		assert_true(slice_eq(buf_slice(&out), v->content));
		assert_int_equal(used, v->coded.len);
	}
	assert_true(out.len <= LIMIT);
	buf_fini(&out);
}

static void
test_vectors(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(vectors); i++) {
		check(&vectors[i], 1);
		check(&vectors[i], 3);
		check(&vectors[i], 1000);
	}
}

/* What follows a body belongs to the next request. */
static void
test_rest(void **state)
{
	static const struct slice in = SLICE("1\r\na\r\n0\r\n\r\nGET / HTTP");
	struct http_chunk chunk = { 0 };
	struct buf out = { 0 };
	size_t used;

	(void)state;
	assert_int_equal(http_chunk_feed(&chunk, in, LIMIT, &out, &used),
	    HTTP_CHUNK_DONE);
	assert_int_equal(used, in.len - 10);
	buf_fini(&out);
}

/* Text that is thrown away has an end too. */
static void
test_overhead(void **state)
{
	static const char *const starts[] = { "1;", "0\r\nA: ", "0\r\nA" };

	(void)state;
	for (size_t i = 0; i < COUNT(starts); i++) {
		struct buf in = { 0 }, out = { 0 };
		size_t used;

		buf_add_str(&in, starts[i]);
		for (size_t j = 0; j < 4000; j++)
			buf_add_char(&in, 'x');
		assert_int_equal(decode(buf_slice(&in), 1000, &out, &used),
		    HTTP_CHUNK_MORE);
		for (size_t j = 0; j < 200; j++)
			buf_add_char(&in, 'x');
		assert_int_equal(decode(buf_slice(&in), 1000, &out, &used),
		    HTTP_CHUNK_MALFORMED);
		buf_fini(&in);
		buf_fini(&out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_rest),
		cmocka_unit_test(test_overhead),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
