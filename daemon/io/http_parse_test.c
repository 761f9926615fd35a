/* SPDX-License-Identifier: ISC */
/*
 * Heads, well-formed and not, with the status each is worth; whole, and byte
 * by byte.
 */
#include "io/http_parse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define GET "GET / HTTP/1.1\r\nHost: a\r\n"
#define POST "POST / HTTP/1.1\r\nHost: a\r\n"

struct vector {
	unsigned status;
	struct slice text;
};

#define V(status, text) { status, SLICE(text) }

/* Whole heads; the empty line is added. */
static const struct vector lines[] = {
	V(0, "GET / HTTP/1.1\r\nHost: a\r\n"),
	V(0, "\r\nGET / HTTP/1.1\r\nHost: a\r\n"),
	V(400, "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n"),
	V(400, " GET / HTTP/1.1\r\nHost: a\r\n"),
	V(400, "\tGET / HTTP/1.1\r\nHost: a\r\n"),
	V(400, "GET  / HTTP/1.1\r\nHost: a\r\n"),
	V(400, "GET /  HTTP/1.1\r\nHost: a\r\n"),
	V(400, "GET\t/ HTTP/1.1\r\nHost: a\r\n"),
	V(400, "GET /\tHTTP/1.1\r\nHost: a\r\n"),
	V(400, "GET / HTTP/1.1 \r\nHost: a\r\n"),
	V(400, "GET / HTTP/1.1\t\r\nHost: a\r\n"),
	V(400, "GET / HTTP/1.1 x\r\nHost: a\r\n"),
	V(400, "GET /\r\nHost: a\r\n"),
	V(400, "GET\r\nHost: a\r\n"),
	V(400, "/ HTTP/1.1\r\nHost: a\r\n"),
	V(400, " / HTTP/1.1\r\nHost: a\r\n"),
	V(400, "GET HTTP/1.1\r\nHost: a\r\n"),
	V(400, "GET / \r\nHost: a\r\n"),
	V(400, "G(T / HTTP/1.1\r\nHost: a\r\n"),
	V(400, "G:T / HTTP/1.1\r\nHost: a\r\n"),
	V(400, "\"GET\" / HTTP/1.1\r\nHost: a\r\n"),
	V(400, "G\xc3\x89T / HTTP/1.1\r\nHost: a\r\n"),
	V(0, "get / HTTP/1.1\r\nHost: a\r\n"),
	V(0, "BREW / HTTP/1.1\r\nHost: a\r\n"),
	V(0, "TRACE / HTTP/1.1\r\nHost: a\r\n"),
	V(0, "M-SEARCH / HTTP/1.1\r\nHost: a\r\n"),
	V(501, "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n"),
	/* versions */
	V(0, "GET / HTTP/1.0\r\nHost: a\r\n"),
	V(0, "GET / HTTP/1.0\r\n"),
	V(505, "GET / HTTP/1.2\r\nHost: a\r\n"),
	V(505, "GET / HTTP/1.9\r\nHost: a\r\n"),
	V(505, "GET / HTTP/2.0\r\nHost: a\r\n"),
	V(505, "GET / HTTP/0.9\r\nHost: a\r\n"),
	V(505, "PRI * HTTP/2.0\r\n"),
	V(400, "GET / HTTP/2\r\nHost: a\r\n"),
	V(400, "GET / HTTP/1\r\nHost: a\r\n"),
	V(400, "GET / HTTP/1.\r\nHost: a\r\n"),
	V(400, "GET / HTTP/11\r\nHost: a\r\n"),
	V(400, "GET / HTTP/1.10\r\nHost: a\r\n"),
	V(400, "GET / HTTP/01.1\r\nHost: a\r\n"),
	V(400, "GET / HTTP/1.01\r\nHost: a\r\n"),
	V(400, "GET / HTTP/+1.1\r\nHost: a\r\n"),
	V(400, "GET / HTTP/-1.1\r\nHost: a\r\n"),
	V(400, "GET / HTTP/1,1\r\nHost: a\r\n"),
	V(400, "GET / HTTP/a.b\r\nHost: a\r\n"),
	V(400, "GET / http/1.1\r\nHost: a\r\n"),
	V(400, "GET / HTTP 1.1\r\nHost: a\r\n"),
	V(400, "GET / HTTPS/1.1\r\nHost: a\r\n"),
	V(400, "GET / HTTP//1.1\r\nHost: a\r\n"),
	V(400, "GET / ICAP/1.0\r\nHost: a\r\n"),
	V(400, "GET / RTSP/1.0\r\nHost: a\r\n"),
};

/* Targets of a GET. */
static const struct vector targets[] = {
	V(0, "/"), V(0, "/a"), V(0, "/a/b/c"), V(0, "/a//b"), V(0, "//"),
	V(0, "/."), V(0, "/.."), V(0, "/a/../b"), V(0, "/a;b=c"),
	V(0, "/a,b"), V(0, "/@:"), V(0, "/~x"), V(0, "/a'b"), V(0, "/(a)"),
	V(0, "/a*"), V(0, "/a+b"), V(0, "/a$b"), V(0, "/a&b"), V(0, "/a!"),
	V(0, "/%41"), V(0, "/%2f"), V(0, "/%2F"), V(0, "/%00"), V(0, "/%ff"),
	V(0, "/?"), V(0, "/?a=b"), V(0, "/?a=b&c=d"), V(0, "/??"),
	V(0, "/?/"), V(0, "/?a%20b"), V(0, "/?100%"), V(0, "/?%zz"),
	V(0, "/?{a}"), V(0, "/?a|b"), V(0, "/?[1]"), V(0, "/?`"),
	V(0, "/?^"), V(0, "/?\\"), V(0, "/?a?b"),
	V(400, "/%"), V(400, "/%4"), V(400, "/%zz"), V(400, "/%4g"),
	V(400, "/a%"), V(400, "/%%41"), V(400, "/% 41"),
	V(400, "/\""), V(400, "/<"), V(400, "/>"), V(400, "/\\"),
	V(400, "/{"), V(400, "/}"), V(400, "/|"), V(400, "/^"), V(400, "/`"),
	V(400, "/["), V(400, "/]"), V(400, "/#"), V(400, "/a#b"),
	V(400, "/?#"), V(400, "/?<"), V(400, "/?>"), V(400, "/?\""),
	V(400, "/\xc3\xa4"), V(400, "/\x80"), V(400, "/?\xc3\xa4"),
	V(400, "a"), V(400, "a/b"), V(400, "?a"), V(400, "*"), V(400, "."),
	V(400, "../etc/passwd"), V(400, "\\"), V(400, "\\\\a\\b"),
	V(400, ":80/"), V(400, "a:80"), V(400, "#"), V(400, "%2f"),
	/* absolute-form, Host: a */
	V(0, "http://a"), V(0, "http://a/"), V(0, "http://a/b"),
	V(0, "HTTP://A/b"), V(0, "https://a/b"), V(0, "http://a?b"),
	V(400, "http://b/"), V(400, "http:///"), V(400, "http://"),
	V(400, "http:a"), V(400, "http:/a"), V(400, "http://u@a/"),
	V(400, "http://a:80/"), V(400, "http://a/%"), V(400, "http://a\\b"),
	V(400, "ftp://a/"), V(400, "file:///etc"), V(400, "httpx://a/"),
	V(400, "javascript:alert(1)"), V(400, "data:,x"),
	V(400, "ws://a/"), V(400, "http://a#b"), V(400, "https:a"),
};

static const struct vector hosts[] = {
	V(0, "a"), V(0, "A"), V(0, "example.org"), V(0, "example.org:80"),
	V(0, "example.org:0"), V(0, "example.org:65535"), V(0, "a-b.c_d"),
	V(0, "xn--bcher-kva.example"), V(0, "127.0.0.1"),
	V(0, "127.0.0.1:8080"), V(0, "[::1]"), V(0, "[::1]:8080"),
	V(0, "[2001:db8::1]"), V(0, "[::ffff:192.0.2.1]:1"), V(0, "a."),
	V(0, " a"), V(0, "a "), V(0, "\ta\t"), V(0, "1"),
	V(400, ""), V(400, " "), V(400, "a b"), V(400, "a,b"), V(400, "a/b"),
	V(400, "a\\b"), V(400, "a@b"), V(400, "u:p@a"), V(400, "a?b"),
	V(400, "a#b"), V(400, "http://a"), V(400, "a:"), V(400, ":80"),
	V(400, "a:x"), V(400, "a:-1"), V(400, "a:+1"), V(400, "a:65536"),
	V(400, "a:999999"), V(400, "a:80:80"), V(400, "a:80 "  "x"),
	V(400, "[::1"), V(400, "::1]"), V(400, "[]"), V(400, "[1]"),
	V(400, "[::1]x"), V(400, "[::1]:"), V(400, "[::1]:x"),
	V(400, "[::g]"), V(400, "[fe80::1%25eth0]"), V(400, "::1"),
	V(400, "a%2eb"), V(400, "<script>"), V(400, "a\"b"), V(400, "a'b"),
	V(400, "a;b"), V(400, "a=b"), V(400, "(a)"), V(400, "a*"),
	V(400, "b\xc3\xbc" "cher.example"), V(400, "a\tb"), V(400, "a&b"),
	V(400, "[[::1]]"), V(400, "a]"), V(400, "{a}"), V(400, "a|b"),
};

/* Lines after a GET's request line and Host. */
static const struct vector fields[] = {
	V(0, "A: b"), V(0, "A:b"), V(0, "A:"), V(0, "A: "), V(0, "A:\tb"),
	V(0, "A:  b  "), V(0, "A: b c"), V(0, "A: b\tc"), V(0, "a: b"),
	V(0, "A: \xc3\xa4"), V(0, "A: \xff"), V(0, "A: :"), V(0, "A: \""),
	V(0, "A:: b"), V(0, "!#$%&'*+-.^_`|~: b"), V(0, "0: b"),
	V(0, "A: b\r\nA: b"), V(0, "Cookie: a=b\r\nCookie: c=d"),
	V(400, "A"), V(400, "A b"), V(400, ": b"), V(400, ":"),
	V(400, "A : b"), V(400, "A\t: b"), V(400, " A: b"), V(400, "\tA: b"),
	V(400, "A: b\r\n c"), V(400, "A: b\r\n\tc"), V(400, "A: b\r\n "),
	V(400, " "), V(400, "\t"), V(400, "A b: c"), V(400, "A(b): c"),
	V(400, "A@b: c"), V(400, "A/b: c"), V(400, "A[b]: c"),
	V(400, "A{b}: c"), V(400, "A\"b: c"), V(400, "A,b: c"),
	V(400, "A;b: c"), V(400, "A=b: c"), V(400, "A?b: c"),
	V(400, "A\\b: c"), V(400, "A<b: c"), V(400, "\xc3\xa4: c"),
	V(400, "A\x80: c"), V(400, "\xef\xbb\xbf" "A: b"),
	V(400, "A: b\x01"), V(400, "A: \x00" "b"), V(400, "A\x00: b"),
	V(400, "A: b\x7f"), V(400, "A: b\x1b[0m"), V(400, "A: b\x08"),
	V(400, "A: b\x0b"), V(400, "A: b\x0c"), V(400, "A: \x1f"),
	/* once only */
	V(400, "Host: a"), V(400, "host: a"), V(400, "HOST: b"),
	V(400, "Host : a"), V(400, "Origin: a\r\nOrigin: a"),
	V(400, "Content-Type: a\r\nContent-Type: b"),
	V(400, "Sec-Fetch-User: ?1\r\nSec-Fetch-User: ?1"),
	V(400, "Sec-Fetch-Site: none\r\nsec-fetch-site: none"),
	V(400, "Referer: a\r\nReferer: b"),
	V(400, "Expect: 100-continue\r\nExpect: 100-continue"),
	/* a GET has no body */
	V(0, "Content-Length: 0"), V(400, "Content-Length: 1"),
	V(400, "Transfer-Encoding: chunked"),
	V(417, "Expect: x"), V(417, "Expect: "), V(0, "Expect: 100-continue"),
	V(417, "Expect: 100-continue, x"), V(0, "Expect: 100-Continue"),
	V(0, "Connection: close"), V(0, "Connection: keep-alive, Close"),
	V(0, "Connection: Upgrade\r\nUpgrade: h2c"), V(0, "Connection:"),
	V(0, "X-HTTP-Method-Override: POST"),
};

/* Lines after a POST's request line and Host: how long the body is. */
static const struct vector framings[] = {
	V(0, "Content-Length: 0"), V(0, "Content-Length: 1"),
	V(0, "content-length:1"), V(0, "Content-Length: 16384"),
	V(0, "Content-Length:  5  "), V(0, "Content-Length: 00005"),
	V(413, "Content-Length: 16385"), V(413, "Content-Length: 999999999"),
	V(413, "Content-Length: 18446744073709551615"),
	V(400, "Content-Length: 18446744073709551616"),
	V(400, "Content-Length: 99999999999999999999999"),
	V(400, "Content-Length:"), V(400, "Content-Length: "),
	V(400, "Content-Length: -1"), V(400, "Content-Length: +1"),
	V(400, "Content-Length: 1 1"), V(400, "Content-Length: 1,1"),
	V(400, "Content-Length: 1, 1"), V(400, "Content-Length: 1,2"),
	V(400, "Content-Length: ,1"), V(400, "Content-Length: 1,"),
	V(400, "Content-Length: 0x1"), V(400, "Content-Length: 1a"),
	V(400, "Content-Length: a"), V(400, "Content-Length: 1.0"),
	V(400, "Content-Length: 1e3"), V(400, "Content-Length: 1_000"),
	V(400, "Content-Length: \"1\""), V(400, "Content-Length: '1'"),
	V(400, "Content-Length: 1;"), V(400, "Content-Length: \xd9\xa1"),
	V(400, "Content-Length: 1\x0b"), V(400, "Content-Length: \x0c" "1"),
	V(400, "Content-Length : 1"), V(400, " Content-Length: 1"),
	V(400, "Content-Length: 1\r\n 2"), V(400, "Content-Length\x00: 1"),
	V(400, "Content-Length: 1\r\nContent-Length: 1"),
	V(400, "Content-Length: 1\r\nContent-Length: 2"),
	V(400, "Content-Length: 0\r\ncontent-length: 0"),
	V(0, "Transfer-Encoding: chunked"), V(0, "Transfer-Encoding: CHUNKED"),
	V(0, "transfer-encoding:chunked"), V(0, "Transfer-Encoding: chunked "),
	V(400, "Transfer-Encoding:"), V(400, "Transfer-Encoding: "),
	V(400, "Transfer-Encoding: identity"), V(400, "Transfer-Encoding: x"),
	V(400, "Transfer-Encoding: xchunked"),
	V(400, "Transfer-Encoding: chunkedx"),
	V(400, "Transfer-Encoding: chunked, chunked"),
	V(400, "Transfer-Encoding: gzip, chunked"),
	V(400, "Transfer-Encoding: chunked, gzip"),
	V(400, "Transfer-Encoding: identity, chunked"),
	V(400, "Transfer-Encoding: chunked, identity"),
	V(400, "Transfer-Encoding: chunked,"),
	V(400, "Transfer-Encoding: ,chunked"),
	V(400, "Transfer-Encoding: chunked;q=1"),
	V(400, "Transfer-Encoding: chunked;"),
	V(400, "Transfer-Encoding: \"chunked\""),
	V(400, "Transfer-Encoding: 'chunked'"),
	V(400, "Transfer-Encoding: chu nked"),
	V(400, "Transfer-Encoding: chunked\x0b"),
	V(400, "Transfer-Encoding: \x0b" "chunked"),
	V(400, "Transfer-Encoding: \x00" "chunked"),
	V(400, "Transfer-Encoding: ch\xc3\xbcnked"),
	V(400, "Transfer-Encoding : chunked"),
	V(400, " Transfer-Encoding: chunked"),
	V(400, "Transfer-Encoding\t: chunked"),
	V(400, "Transfer-Encoding:\r\n chunked"),
	V(400, "Transfer-Encoding: chunked\r\n x"),
	V(400, "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"),
	V(400, "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity"),
	V(400, "Transfer-Encoding: x\r\nTransfer-Encoding: chunked"),
	V(400, "Content-Length: 1\r\nTransfer-Encoding: chunked"),
	V(400, "Transfer-Encoding: chunked\r\nContent-Length: 1"),
	V(400, "Transfer-Encoding: chunked\r\nContent-Length: 0"),
	V(400, "Content-Length: 6\r\nTransfer-Encoding: identity"),
	V(400, "content-length: 6\r\ntransfer-encoding: CHUNKED"),
	V(0, "X-Content-Length: 9"), V(0, "Transfer_Encoding: chunked"),
	V(0, "Content_Length: x"), V(0, "TE: trailers"),
	V(417, "Content-Length: 1\r\nExpect: 200-ok"),
	V(0, "Content-Length: 1\r\nExpect: 100-continue"),
};

/* What the scanner refuses before a head is whole. */
static const struct vector raw[] = {
	V(400, "GET / HTTP/1.1\n"), V(400, "\n"), V(400, "\r\r"),
	V(400, "GET / HTTP/1.1\r\r\n"), V(400, "GET / HTTP/1.1\rHost"),
	V(400, "GET / HTTP/1.1\r\nHost: a\n"),
	V(400, "GET / HTTP/1.1\r\nHost: a\n\n"),
	V(400, "GET / HTTP/1.1\r\nHost: a\r\n\n"),
	V(400, "GET / HTTP/1.1\r\nHost: a\r\n\rA"),
	V(400, "GET / HTTP/1.1\r\nHost: a\rA: b\r\n"),
	V(400, "GET / HTTP/1.1\r\nA: b\nHost: a\r\n"),
	V(400, "GET /\x00"), V(400, "\x00"), V(400, "\x16\x03\x01"),
	V(400, "G\x01"), V(400, "GET /\x7f"), V(400, "\x1b"),
	V(0, "GET / HTTP/1.1"), V(0, "GET / HTTP/1.1\r"), V(0, ""),
	V(0, "G"), V(0, "\r"), V(0, "\r\n"), V(0, "GET / HTTP/1.1\r\nA"),
	V(0, "GET / HTTP/1.1\r\nHost: a\r\n\r"),
};

/* Scans, then parses; `step` bytes at a time. */
static unsigned
judge(struct slice text, size_t step, struct http_head *head)
{
	static struct http_header room[64];
	struct http_scan scan = { 0 };
	size_t len = 0;
	unsigned status = 0;

	for (size_t n = step; status == 0 && len == 0; n += step) {
		status = http_scan_head(&scan, slice_sub(text, 0, n),
		    &http_limits_default, &len);
		if (n >= text.len)
			break;
	}
	if (status == 0 && len == 0)
		fail_msg("no end: %.*s", SLICE_FMT(text));
	if (status != 0)
		return status;
	assert_int_equal(len, text.len);
	assert_true(scan.headers <= COUNT(room));
	head->header = room;
	status = http_parse_head(text, &http_limits_default, head);
	assert_true(status != 0 || head->header_count == scan.headers);
	return status;
}

static void
check(const struct vector *v, const char *before, const char *after)
{
	struct buf text = { 0 };
	struct http_head head;
	unsigned whole, split;

	buf_add_str(&text, before);
	buf_add_slice(&text, v->text);
	buf_add_str(&text, after);
	whole = judge(buf_slice(&text), text.len, &head);
	split = judge(buf_slice(&text), 1, &head);
	if (whole != v->status || split != v->status)
		fail_msg("%u, %u instead of %u: %s", whole, split, v->status,
		    buf_str(&text));
	buf_fini(&text);
}

#define CHECK_ALL(table, before, after) \
	for (size_t i = 0; i < COUNT(table); i++) \
		check(&(table)[i], before, after)

static void
test_lines(void **state)
{
	(void)state;
	CHECK_ALL(lines, "", "\r\n");
}

static void
test_targets(void **state)
{
	(void)state;
	CHECK_ALL(targets, "GET ", " HTTP/1.1\r\nHost: a\r\n\r\n");
}

static void
test_hosts(void **state)
{
	(void)state;
	CHECK_ALL(hosts, "GET / HTTP/1.1\r\nHost: ", "\r\n\r\n");
}

static void
test_fields(void **state)
{
	(void)state;
	CHECK_ALL(fields, GET, "\r\n\r\n");
}

/* Each by its name, in whatever case; what decides something stands once. */
static void
test_known_fields(void **state)
{
	(void)state;
	for (int i = HTTP_FIELD_OTHER + 1; i < HTTP_FIELD_END; i++) {
		enum http_field field = (enum http_field)i;
		char *line = mem_printf("OPTIONS / HTTP/1.0\r\n%s: 1\r\n",
		    http_field_name(field));
		char *twice = mem_printf("%s%s: 1\r\n\r\n", line,
		    http_field_name(field));
		struct http_head head = { 0 };
		unsigned status = judge(slice_str(twice), 100, &head);

		assert_int_equal(head.header[0].field, field);
		assert_int_equal(status == 400, http_field_is_single(field));
		free(line);
		free(twice);
	}
	assert_int_equal(http_field_of(slice_str("HOST")), HTTP_FIELD_HOST);
	assert_int_equal(http_field_of(slice_str("Hos")), HTTP_FIELD_OTHER);
	assert_int_equal(http_field_of(slice_str("")), HTTP_FIELD_OTHER);
}

static void
test_framings(void **state)
{
	(void)state;
	CHECK_ALL(framings, POST, "\r\n\r\n");
	_Static_assert(COUNT(lines) + COUNT(targets) + COUNT(hosts) +
	    COUNT(fields) + COUNT(framings) + COUNT(raw) >= 300,
	    "the table is to be a large one");
}

static void
test_raw(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(raw); i++) {
		struct http_scan scan = { 0 };
		size_t len;

		if (http_scan_head(&scan, raw[i].text, &http_limits_default,
		    &len) != raw[i].status || len != 0)
			fail_msg("row %zu: %.*s", i, SLICE_FMT(raw[i].text));
	}
}

/* HTTP/1.1 asks more of a request than HTTP/1.0, and gives it more. */
static void
test_versions(void **state)
{
	static const struct vector old[] = {
		V(0, "GET / HTTP/1.0\r\n"),
		V(400, "GET http://a/ HTTP/1.0\r\n"),
		V(400, "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n"),
		V(0, "POST / HTTP/1.0\r\nContent-Length: 3\r\n"),
		V(400, "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n"),
		V(0, "POST / HTTP/1.0\r\nExpect: x\r\n"),
		V(400, "GET / HTTP/1.1\r\n"),
		V(400, "GET http://a/ HTTP/1.1\r\n"),
	};

	(void)state;
	CHECK_ALL(old, "", "\r\n");
}

static void
repeat(struct buf *b, char c, size_t count)
{
	while (count-- > 0)
		buf_add_char(b, c);
}

static unsigned
judge_sized(size_t target, size_t value, size_t count)
{
	struct buf text = { 0 };
	struct http_head head;
	unsigned status;

	buf_add_str(&text, "GET /");
	repeat(&text, 'a', target - 1);
	buf_add_str(&text, " HTTP/1.1\r\nHost: a\r\n");
	if (value > 0) {
		buf_add_str(&text, "X: ");
		repeat(&text, 'a', value);
		buf_add_str(&text, "\r\n");
	}
	for (size_t i = 0; i < count; i++)
		buf_add_str(&text, "Y: a\r\n");
	buf_add_str(&text, "\r\n");
	status = judge(buf_slice(&text), 777, &head);
	buf_fini(&text);
	return status;
}

static void
test_limits(void **state)
{
	size_t around = sizeof("GET  HTTP/1.1\r\n") - 1;
	size_t host = sizeof("Host: a\r\nX: \r\n") - 1;

	(void)state;
	assert_int_equal(judge_sized(8191 - around, 0, 0), 0);
	assert_int_equal(judge_sized(8192 - around, 0, 0), 0);
	assert_int_equal(judge_sized(8193 - around, 0, 0), 414);
	assert_int_equal(judge_sized(100000, 0, 0), 414);
	assert_int_equal(judge_sized(1, 16383 - host, 0), 0);
	assert_int_equal(judge_sized(1, 16384 - host, 0), 0);
	assert_int_equal(judge_sized(1, 16385 - host, 0), 431);
	assert_int_equal(judge_sized(1, 100000, 0), 431);
	assert_int_equal(judge_sized(1, 0, 62), 0);
	assert_int_equal(judge_sized(1, 0, 63), 0);
	assert_int_equal(judge_sized(1, 0, 64), 431);
}

static void
test_parts(void **state)
{
	static const struct slice text = SLICE("POST /a/b?c=%20d HTTP/1.1\r\n"
	    "Host: a\r\nX:  y z\t\r\nConnection: x, close\r\n"
	    "Expect: 100-continue\r\nContent-Length: 12\r\n\r\n");
	struct http_head head;

	(void)state;
	assert_int_equal(judge(text, 1, &head), 0);
	assert_int_equal(head.method, HTTP_POST);
	assert_true(slice_eq_str(head.path, "/a/b"));
	assert_true(slice_eq_str(head.query, "c=%20d"));
	assert_int_equal(head.minor, 1);
	assert_int_equal(head.header_count, 5);
	assert_true(slice_eq_str(head.header[1].name, "X"));
	assert_true(slice_eq_str(head.header[1].value, "y z"));
	assert_true(head.has_length && head.length == 12 && !head.chunked);
	assert_true(head.close && head.expects_continue);
	assert_true(slice_eq_str(http_header_find(head.header,
	    head.header_count, HTTP_FIELD_EXPECT), "100-continue"));
	assert_null(http_header_find(head.header, head.header_count,
	    HTTP_FIELD_ORIGIN).p);
}

static void
test_forms(void **state)
{
	static const struct slice star = SLICE("OPTIONS * HTTP/1.1\r\n"
	    "Host: a\r\n\r\n");
	static const struct slice absolute = SLICE(
	    "GET HTTP://Example.org:80?q HTTP/1.1\r\n"
	    "Host: example.ORG:80\r\n\r\n");
	static const struct slice old = SLICE("GET / HTTP/1.0\r\n"
	    "Connection: keep-alive\r\n\r\n");
	static const struct slice chunked = SLICE("PUT / HTTP/1.1\r\n"
	    "Host: a\r\nTransfer-Encoding: Chunked\r\n\r\n");
	struct http_head head;

	(void)state;
	assert_int_equal(judge(star, 1, &head), 0);
	assert_true(slice_eq_str(head.path, "*"));
	assert_int_equal(judge(absolute, 1, &head), 0);
	assert_true(slice_eq_str(head.path, "/"));
	assert_true(slice_eq_str(head.query, "q"));
	assert_int_equal(judge(old, 1, &head), 0);
	assert_true(head.close);
	assert_int_equal(head.minor, 0);
	assert_int_equal(judge(chunked, 1, &head), 0);
	assert_true(head.chunked && !head.has_length && !head.close);
	assert_int_equal(head.method, HTTP_PUT);
}

/* Every control byte, anywhere in a head, is refused. */
static void
test_controls(void **state)
{
	static const char text[] = GET "A: b\r\n\r\n";
	static const size_t places[] = { 0, 2, 4, 5, 9, 16, 22, 24, 25, 27 };
	struct http_head head;

	(void)state;
	for (unsigned c = 0; c < 0x80; c++) {
		if ((c >= 0x20 && c != 0x7f) || c == '\t')
			continue;
		for (size_t i = 0; i < COUNT(places); i++) {
			struct buf changed = { 0 };

			buf_add(&changed, text, places[i]);
			buf_add_char(&changed, (char)c);
			buf_add(&changed, text + places[i],
			    sizeof(text) - 1 - places[i]);
			assert_int_equal(judge(buf_slice(&changed), 1000,
			    &head), 400);
			buf_fini(&changed);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_targets),
		cmocka_unit_test(test_hosts),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_known_fields),
		cmocka_unit_test(test_framings),
		cmocka_unit_test(test_raw),
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_controls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
