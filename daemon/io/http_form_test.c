/* SPDX-License-Identifier: ISC */
/*
 * Forms in the three ways to write them: what is read, and what is refused.
 */
#include "io/http_form.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/buf.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define URLENCODED "application/x-www-form-urlencoded"
#define MULTIPART "multipart/form-data; boundary=YY"
#define JSON "application/json"
#define PART(disposition, value) "--YY\r\nContent-Disposition: " \
	disposition "\r\n\r\n" value "\r\n"
#define END "--YY--\r\n"

/* `pairs`: name=value, each with a | behind it; NULL: not read. */
struct vector {
	enum http_form_error error;
	const char *pairs;
	struct slice body;
};

#define OK(body, pairs) { HTTP_FORM_OK, (pairs), SLICE(body) }
#define BAD(body) { HTTP_FORM_MALFORMED, NULL, SLICE(body) }

static const struct vector urlencoded[] = {
	OK("", ""), OK("a=b", "a=b|"), OK("a=b&c=d", "a=b|c=d|"),
	OK("a=b&", "a=b|"), OK("&&a=b", "a=b|"), OK("a", "a=|"),
	OK("a=", "a=|"), OK("=b", "=b|"), OK("=", "=|"), OK("a=b=c", "a=b=c|"),
	OK("a=b+c", "a=b c|"), OK("a+b=c", "a b=c|"), OK("a=%2B", "a=+|"),
	OK("a=%41%5a", "a=AZ|"), OK("a=%2541", "a=%41|"), OK("%61=b", "a=b|"),
	OK("a=%26%3D", "a=&=|"), OK("a=%C3%A4", "a=\xc3\xa4|"),
	OK("a=\xc3\xa4", "a=\xc3\xa4|"), OK("a=%f0%9f%98%80",
	    "a=\xf0\x9f\x98\x80|"),
	OK("a=b&a=c", "a=b|a=c|"), OK("a=b;c=d", "a=b;c=d|"),
	OK("contact%5Bemail%5D=x", "contact[email]=x|"),
	OK("a=%0D%0A", "a=\r\n|"), OK("a=b?c", "a=b?c|"),
	OK("List-Unsubscribe=One-Click", "List-Unsubscribe=One-Click|"),
	BAD("a=%00"), BAD("a=b%00c"), BAD("%00=b"), BAD("a=\x00"),
	BAD("a=%"), BAD("a=%4"), BAD("a=%zz"), BAD("a=%4z"), BAD("a=%z4"),
	BAD("a=% 4"), BAD("a=%+4"), BAD("a=%%41"), BAD("a=%u0041"),
	BAD("%=b"), BAD("%zz=b"), BAD("a=b&c=%"), BAD("a=%-1"),
	BAD("a=%C0%80"), BAD("a=%C0%AF"), BAD("a=%E0%80%AF"),
	BAD("a=%F0%80%80%AF"), BAD("a=%C1%BF"), BAD("a=%ED%A0%80"),
	BAD("a=%F4%90%80%80"), BAD("a=%FF"), BAD("a=%C3"), BAD("a=%80"),
	BAD("a=\xff"), BAD("a=\xe4"), BAD("%FF=b"), BAD("a=%C3%28"),
	BAD("a=%FE%FF"), BAD("a=%F8%88%80%80%80"),
};

static const struct vector multipart[] = {
	OK(END, ""), OK("--YY--", ""),
	OK(PART("form-data; name=\"a\"", "b") END, "a=b|"),
	OK(PART("form-data; name=a", "b") END, "a=b|"),
	OK(PART("FORM-DATA; NAME=\"a\"", "b") END, "a=b|"),
	OK(PART("form-data;name=\"a\"", "b") END, "a=b|"),
	OK(PART("form-data; name=\"a\";", "b") END, "a=b|"),
	OK(PART("form-data; name=\"\"", "b") END, "=b|"),
	OK(PART("form-data; name=\"a\"", "") END, "a=|"),
	OK(PART("form-data; name=\"a b;c\"", "d") END, "a b;c=d|"),
	OK(PART("form-data; name=\"a\\\"b\"", "c") END, "a\"b=c|"),
	OK(PART("form-data; name=\"a\\b\"", "c") END, "a\\b=c|"),
	OK(PART("form-data; name=\"contact[email]\"", "b") END,
	    "contact[email]=b|"),
	OK(PART("form-data; name=\"a\"", "b") PART("form-data; name=\"c\"",
	    "d") END, "a=b|c=d|"),
	OK(PART("form-data; name=\"a\"", "b\r\nc") END, "a=b\r\nc|"),
	OK(PART("form-data; name=\"a\"", "b--YY") END, "a=b--YY|"),
	OK(PART("form-data; name=\"a\"", "\r\n-YY") END, "a=\r\n-YY|"),
	OK(PART("form-data; name=\"a\"", "\xc3\xa4") END, "a=\xc3\xa4|"),
	OK(PART("form-data; name=\"a\"", "%41+") END, "a=%41+|"),
	OK(PART("form-data; name=\"a\"\r\nContent-Type: text/plain; "
	    "charset=utf-8", "b") END, "a=b|"),
	OK(PART("form-data; name=\"a\"\r\nContent-Transfer-Encoding: 8bit",
	    "b") END, "a=b|"),
	OK(PART("form-data; name=\"f\"; filename=\"\"\r\nContent-Type: "
	    "application/octet-stream", "") END, ""),
	OK(PART("form-data; name=\"f\"; filename=\"x\"", "\xff") END, ""),
	OK(PART("form-data; name=\"f\"; filename*=x", "\xff") END, ""),
	OK("--YY  \r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n"
	    "b\r\n--YY-- \r\n", "a=b|"),
	OK(PART("form-data; name=\"List-Unsubscribe\"", "One-Click") END,
	    "List-Unsubscribe=One-Click|"),
	BAD(""), BAD("a=b"), BAD("--YY"), BAD("--YY\r\n"), BAD("--XY--"),
	BAD("--YY-"), BAD("--YYX\r\n"), BAD("--YY--x"), BAD("--YY--\r\nx"),
	BAD("\r\n" END), BAD("preamble\r\n" END), BAD("--xx--"),
	BAD(PART("form-data; name=\"a\"", "b")),
	BAD(PART("form-data; name=\"a\"", "b") "--YY"),
	BAD(PART("form-data; name=\"a\"", "b") "--YY\r\n"),
	BAD(PART("form-data", "b") END), BAD(PART("", "b") END),
	BAD(PART("attachment; name=\"a\"", "b") END),
	BAD(PART("form-data; name", "b") END),
	BAD(PART("form-data; name=", "b") END),
	BAD(PART("form-data; name=\"a", "b") END),
	BAD(PART("form-data; name=\"a\" x", "b") END),
	BAD(PART("form-data; name=\"a\"b", "c") END),
	BAD(PART("form-data; name=a b", "c") END),
	BAD(PART("form-data; name=\"a\"; name=\"b\"", "c") END),
	BAD(PART("form-data; name =\"a\"", "b") END),
	BAD(PART("form-data; name= \"a\"", "b") END),
	BAD(PART("form-data; =\"a\"", "b") END),
	BAD(PART("form-data, name=\"a\"", "b") END),
	BAD(PART("form-data; name=\"a\"; filename=\"x\"; filename=\"y\"",
	    "b") END),
	BAD(PART("form-data; name=\"a\"\r\nContent-Disposition: form-data; "
	    "name=\"b\"", "c") END),
	BAD(PART("form-data; name=\"a\"\r\nContent-Transfer-Encoding: base64",
	    "b") END),
	BAD(PART("form-data; name=\"a\"\r\nContent-Transfer-Encoding: "
	    "quoted-printable", "b") END),
	BAD(PART("form-data; name=\"a\"", "\x00") END),
	BAD(PART("form-data; name=\"a\"", "\xff") END),
	BAD(PART("form-data; name=\"\xff\"", "a") END),
	BAD(PART("form-data; name=\"a\x01\"", "b") END),
	BAD(PART("form-data;\r\n name=\"a\"", "b") END),
	BAD(PART("form-data; name=\"a\"\r\nX : y", "b") END),
	BAD(PART("form-data; name=\"a\"\r\nX", "b") END),
	BAD(PART("form-data; name=\"a\"\r\nA: 1\r\nB: 2\r\nC: 3\r\nD: 4\r\n"
	    "E: 5\r\nF: 6\r\nG: 7\r\nH: 8", "b") END),
	BAD("--YY\r\n\r\nb\r\n" END), BAD("--YY\r\nb\r\n" END),
	BAD("--YY\nContent-Disposition: form-data; name=a\n\nb\n--YY--\n"),
	BAD("--YY\r\nContent-Disposition: form-data; name=a\n\r\nb\r\n" END),
};

static const struct vector json[] = {
	OK("{}", ""), OK("{\"a\":\"b\"}", "a=b|"), OK(" {\"a\" : \"b\"}\n",
	    "a=b|"),
	OK("{\"a\":1}", "a=1|"), OK("{\"a\":-7}", "a=-7|"),
	OK("{\"a\":true,\"b\":false}", "a=true|b=false|"),
	OK("{\"a\":null}", ""), OK("{\"a\":[\"b\",\"c\"]}", "a=b|a=c|"),
	OK("{\"a\":[]}", ""), OK("{\"a\":{\"b\":\"c\"}}", "a[b]=c|"),
	OK("{\"a\":{\"b\":{\"c\":\"d\"}}}", "a[b][c]=d|"),
	OK("{\"a\":{\"b\":[\"c\",\"d\"]}}", "a[b]=c|a[b]=d|"),
	OK("{\"a\":\"\\u00e4\"}", "a=\xc3\xa4|"),
	OK("{\"a\":\"\\ud83d\\ude00\"}", "a=\xf0\x9f\x98\x80|"),
	OK("{\"a\":\"%41\"}", "a=%41|"), OK("{\"\":\"b\"}", "=b|"),
	BAD(""), BAD(" "), BAD("a=b"), BAD("[]"), BAD("[\"a\"]"), BAD("\"a\""),
	BAD("1"), BAD("null"), BAD("{"), BAD("}"), BAD("{\"a\"}"),
	BAD("{\"a\":}"), BAD("{\"a\":\"b\"}x"), BAD("{\"a\":\"b\"}{}"),
	BAD("{\"a\":\"b\",}"), BAD("{a:\"b\"}"), BAD("{'a':'b'}"),
	BAD("{\"a\":\"b\",\"a\":\"c\"}"), BAD("{\"a\":\"\\u0000\"}"),
	BAD("{\"\\u0000\":\"b\"}"), BAD("{\"a\":\"\xff\"}"),
	BAD("{\"a\":\"\xc0\x80\"}"), BAD("{\"a\":\"\\ud800\"}"),
	BAD("{\"a\":\"\n\"}"), BAD("{\"a\":01}"), BAD("{\"a\":NaN}"),
	BAD("{\"a\":1e999}"), BAD("{\"a\":+1}"), BAD("{\"a\":.5}"),
	BAD("{\"a\":{\"b\":{\"c\":{\"d\":{\"e\":{\"f\":1}}}}}}"),
	BAD("{\"a\":TRUE}"), BAD("{\"a\":undefined}"), BAD("\xef\xbb\xbf{}"),
	BAD("{\"a\":\"b\"}\x00"), BAD("// x\n{}"), BAD("{\"a\":\"\\x41\"}"),
};

static void
check(const char *type, const struct vector *v)
{
	struct http_form *form;
	enum http_form_error error = http_form_parse(slice_str(type), v->body,
	    &form);
	struct buf pairs = { 0 };

	if (error != v->error)
		fail_msg("%d instead of %d: %.*s", (int)error, (int)v->error,
		    SLICE_FMT(v->body));
	if (error != HTTP_FORM_OK) {
		assert_null(form);
		return;
	}
	for (size_t i = 0; i < form->count; i++)
		buf_printf(&pairs, "%s=%s|", form->pair[i].name,
		    form->pair[i].value);
	assert_string_equal(buf_str(&pairs), v->pairs);
	buf_fini(&pairs);
	http_form_free(form);
}

static void
test_urlencoded(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(urlencoded); i++)
		check(URLENCODED, &urlencoded[i]);
}

static void
test_multipart(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(multipart); i++)
		check(MULTIPART, &multipart[i]);
}

static void
test_json(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(json); i++)
		check(JSON, &json[i]);
}

static void
test_types(void **state)
{
	static const struct {
		const char *type;
		enum http_form_error error;
	} types[] = {
		{ URLENCODED, HTTP_FORM_OK },
		{ "Application/X-WWW-Form-URLEncoded", HTTP_FORM_OK },
		{ URLENCODED ";charset=UTF-8", HTTP_FORM_OK },
		{ URLENCODED "; charset=\"utf-8\"", HTTP_FORM_OK },
		{ URLENCODED "; x=y", HTTP_FORM_OK },
		{ URLENCODED ";", HTTP_FORM_OK },
		{ URLENCODED "; charset=iso-8859-1", HTTP_FORM_OK },
		{ URLENCODED "; charset=US-ASCII", HTTP_FORM_OK },
		{ URLENCODED "; charset=utf-16", HTTP_FORM_UNSUPPORTED_TYPE },
		{ URLENCODED "; charset=", HTTP_FORM_UNSUPPORTED_TYPE },
		{ URLENCODED "; charset=utf-8; charset=utf-8",
		    HTTP_FORM_UNSUPPORTED_TYPE },
		{ URLENCODED "; charset", HTTP_FORM_UNSUPPORTED_TYPE },
		{ URLENCODED ", " JSON, HTTP_FORM_UNSUPPORTED_TYPE },
		{ URLENCODED "x", HTTP_FORM_UNSUPPORTED_TYPE },
		{ "", HTTP_FORM_UNSUPPORTED_TYPE },
		{ "text/plain", HTTP_FORM_UNSUPPORTED_TYPE },
		{ "text/html", HTTP_FORM_UNSUPPORTED_TYPE },
		{ "text/json", HTTP_FORM_UNSUPPORTED_TYPE },
		{ "application/problem+json", HTTP_FORM_UNSUPPORTED_TYPE },
		{ "application", HTTP_FORM_UNSUPPORTED_TYPE },
		{ "*/*", HTTP_FORM_UNSUPPORTED_TYPE },
		{ "multipart/mixed; boundary=YY",
		    HTTP_FORM_UNSUPPORTED_TYPE },
		{ JSON, HTTP_FORM_MALFORMED },
		{ JSON "; charset=utf-8", HTTP_FORM_MALFORMED },
		{ "multipart/form-data", HTTP_FORM_MALFORMED },
		{ "multipart/form-data; boundary=",
		    HTTP_FORM_UNSUPPORTED_TYPE },
		{ "multipart/form-data; boundary=\"\"", HTTP_FORM_MALFORMED },
		{ "multipart/form-data; boundary=\"a \"",
		    HTTP_FORM_MALFORMED },
		{ "multipart/form-data; boundary=\"a\x7f\"",
		    HTTP_FORM_MALFORMED },
		{ MULTIPART "; boundary=YY", HTTP_FORM_MALFORMED },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(types); i++) {
		struct http_form *form;

		if (http_form_parse(slice_str(types[i].type),
		    slice_str("a=b"), &form) != types[i].error)
			fail_msg("%s", types[i].type);
		http_form_free(form);
	}
}

/* What isn't ASCII would be another letter there. */
static void
test_charsets(void **state)
{
	static const struct {
		const char *type, *body;
		enum http_form_error error;
	} rows[] = {
		{ URLENCODED "; charset=ISO-8859-1", "a=b%20c",
		    HTTP_FORM_OK },
		{ URLENCODED "; charset=ISO-8859-1", "a=%E4",
		    HTTP_FORM_UNSUPPORTED_TYPE },
		{ URLENCODED "; charset=ISO-8859-1", "%C3%A4=b",
		    HTTP_FORM_UNSUPPORTED_TYPE },
		{ URLENCODED "; charset=windows-1252", "a=\xc3\xa4",
		    HTTP_FORM_UNSUPPORTED_TYPE },
		{ MULTIPART "; charset=us-ascii",
		    PART("form-data; name=\"a\"", "b") END, HTTP_FORM_OK },
		{ JSON "; charset=us-ascii", "{\"a\": \"\\u00e4\"}",
		    HTTP_FORM_OK },
		{ JSON "; charset=us-ascii", "{\"a\": \"\xc3\xa4\"}",
		    HTTP_FORM_UNSUPPORTED_TYPE },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct http_form *form;

		if (http_form_parse(slice_str(rows[i].type),
		    slice_str(rows[i].body), &form) != rows[i].error)
			fail_msg("row %zu", i);
		http_form_free(form);
	}
}

static void
test_boundaries(void **state)
{
	static const struct {
		size_t len;
		enum http_form_error error;
	} lengths[] = { { 1, HTTP_FORM_OK }, { 70, HTTP_FORM_OK },
		{ 71, HTTP_FORM_MALFORMED } };

	(void)state;
	for (size_t i = 0; i < COUNT(lengths); i++) {
		struct buf type = { 0 }, body = { 0 };
		struct http_form *form;

		buf_add_str(&type, "multipart/form-data; boundary=\"");
		buf_add_str(&body, "--");
		for (size_t j = 0; j < lengths[i].len; j++) {
			buf_add_char(&type, "b:"[j % 2]);
			buf_add_char(&body, "b:"[j % 2]);
		}
		buf_add_str(&type, "\"");
		buf_add_str(&body, "--\r\n");
		assert_int_equal(http_form_parse(buf_slice(&type),
		    buf_slice(&body), &form), lengths[i].error);
		http_form_free(form);
		buf_fini(&type);
		buf_fini(&body);
	}
}

static void
add_many(struct buf *out, const char *type, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(type, URLENCODED) == 0)
			buf_printf(out, "&a%zu=b", i);
		else if (strcmp(type, MULTIPART) == 0)
			buf_printf(out, PART("form-data; name=\"a%zu\"", "b"),
			    i);
		else
			buf_printf(out, "%s\"a%zu\":1", i > 0 ? "," : "{", i);
	}
	if (strcmp(type, MULTIPART) == 0)
		buf_add_str(out, END);
	else if (strcmp(type, JSON) == 0)
		buf_add_str(out, "}");
}

static void
test_counts(void **state)
{
	static const char *const types[] = { URLENCODED, MULTIPART, JSON };
	static const size_t counts[] = { 63, 64, 65, 200 };

	(void)state;
	for (size_t i = 0; i < COUNT(types) * COUNT(counts); i++) {
		const char *type = types[i % COUNT(types)];
		size_t count = counts[i / COUNT(types)];
		struct buf body = { 0 };
		struct http_form *form;

		add_many(&body, type, count);
		assert_int_equal(http_form_parse(slice_str(type),
		    buf_slice(&body), &form),
		    count > HTTP_FORM_MAX ? HTTP_FORM_TOO_MANY : HTTP_FORM_OK);
		if (form != NULL)
			assert_int_equal(form->count, count);
		http_form_free(form);
		buf_fini(&body);
	}
}

static void
test_get(void **state)
{
	struct http_form *form;

	(void)state;
	assert_int_equal(http_form_parse_query(slice_str("a=1&b=2&a=3"),
	    &form), HTTP_FORM_OK);
	assert_string_equal(http_form_get(form, "a"), "1");
	assert_string_equal(http_form_get(form, "b"), "2");
	assert_null(http_form_get(form, "c"));
	http_form_free(form);
	assert_int_equal(http_form_parse_query(slice_str("a=%"), &form),
	    HTTP_FORM_MALFORMED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_urlencoded),
		cmocka_unit_test(test_multipart),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_charsets),
		cmocka_unit_test(test_boundaries),
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_get),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
