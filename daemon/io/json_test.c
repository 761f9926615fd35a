/* SPDX-License-Identifier: ISC */
/*
 * JSON: what the reader refuses, what flattening makes of a form's body, and
 * that what is written can be read again.
 */
#include "io/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define S(text) slice_of((text), sizeof(text) - 1)

static void
add_pair(struct slice name, struct slice value, void *arg)
{
	buf_add_slice(arg, name);
	buf_add_char(arg, '=');
	buf_add_slice(arg, value);
	buf_add_char(arg, ';');
}

static void
test_flatten(void **state)
{
	static const struct {
		struct slice text;
		const char *pairs;	/* NULL: refused */
	} t[] = {
		{ SLICE("{}"), "" },
		{ SLICE("{\"email\":\"jo@example.org\"}"),
		    "email=jo@example.org;" },
		{ SLICE("{\"b\":\"2\",\"a\":\"1\"}"), "b=2;a=1;" },
		{ SLICE("{\"l\":[\"x\",\"y\",[\"z\"]]}"), "l=x;l=y;l=z;" },
		{ SLICE("{\"c\":{\"email\":\"x\",\"n\":{\"f\":\"y\"}},"
		    "\"d\":1}"),
		    "c[email]=x;c[n][f]=y;d=1;" },
		{ SLICE("{\"c\":[{\"a\":1},{\"a\":2}]}"), "c[a]=1;c[a]=2;" },
		{ SLICE("{\"a\":null,\"b\":true,\"c\":false}"),
		    "b=true;c=false;" },
		{ SLICE("{\"a\":-7,\"b\":0.1,\"c\":1.50,\"d\":49123456789012}"),
		    "a=-7;b=0.1;c=1.5;d=49123456789012;" },
		{ SLICE("{\"a\":\"\\u00e4\\\"\\n\"}"), "a=\xc3\xa4\"\n;" },
		{ SLICE("{\"a\":\"}{[[[[[[\\\"[[[\"}"), "a=}{[[[[[[\"[[[;" },
		{ SLICE(" {\"a\":{\"b\":{\"c\":[1]}}} "), "a[b][c]=1;" },
		{ SLICE("{\"a\":{\"b\":{\"c\":[[1]]}}}"), NULL },
		{ SLICE("{\"a\":1,\"a\":2}"), NULL },
		{ SLICE("{\"a\":\"\\u0000\"}"), NULL },
		{ SLICE("{\"a\\u0000\":1}"), NULL },
		{ SLICE("{\"a\":\"x\0y\"}"), NULL },
		{ SLICE("{\"a\":\"\\ud800\"}"), NULL },
		{ SLICE("{\"a\":\"\xff\"}"), NULL },
		{ SLICE("{\"a\":\"\xc0\xaf\"}"), NULL },
		{ SLICE("{\"a\":1}{}"), NULL },
		{ SLICE("{\"a\":1}\0"), NULL },
		{ SLICE("{\"a\":1,}"), NULL },
		{ SLICE("{\"a\":01}"), NULL },
		{ SLICE("{\"a\":1e999}"), NULL },
		{ SLICE("{\"a\":99999999999999999999}"), NULL },
		{ SLICE("{'a':1}"), NULL },
		{ SLICE("{a:1}"), NULL },
		{ SLICE("{\"a\":1"), NULL },
		{ SLICE("[1]"), NULL },
		{ SLICE("\"a\""), NULL },
		{ SLICE("7"), NULL },
		{ SLICE("null"), NULL },
		{ SLICE(" "), NULL },
		{ SLICE(""), NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct buf pairs = { 0 };
		int error = json_flatten(t[i].text, add_pair, &pairs);

		if ((error == 0) != (t[i].pairs != NULL))
			fail_msg("%.*s: %d", SLICE_FMT(t[i].text), error);
		assert_string_equal(buf_str(&pairs),
		    t[i].pairs != NULL ? t[i].pairs : "");
		buf_fini(&pairs);
	}
}

static void
test_read_depth(void **state)
{
	struct buf text = { 0 };
	struct json *value;

	(void)state;
	for (int i = 0; i < JSON_DEPTH; i++)
		buf_add_char(&text, '[');
	for (int i = 0; i < JSON_DEPTH; i++)
		buf_add_char(&text, ']');
	value = json_read(buf_slice(&text));
	assert_non_null(value);
	json_free(value);
	buf_reset(&text);
	for (int i = 0; i < 100000; i++)
		buf_add_char(&text, '[');
	assert_null(json_read(buf_slice(&text)));
	buf_fini(&text);
}

static void
test_write(void **state)
{
	struct json *object = json_new_object(), *array = json_new_array();
	struct buf out = { 0 };

	(void)state;
	json_put_text(object, "name", S("J\xc3\xb6 \"x\"\n\x1b"));
	json_put_text(object, "bad", S("a\xff" "b\xc3"));
	json_put_text(object, "none", (struct slice){ 0 });
	json_put_number(object, "n", INT64_MIN);
	json_put_bool(object, "yes", true);
	json_append_text(array, S("one"));
	json_append(array, json_new_object());
	json_put(object, "list", array);
	json_put_number(object, "n", 7);
	json_write(object, &out);
	assert_string_equal(buf_str(&out),
	    "{\"name\":\"J\xc3\xb6 \\\"x\\\"\\n\\u001B\","
	    "\"bad\":\"a\xef\xbf\xbd" "b\xef\xbf\xbd\",\"none\":\"\","
	    "\"n\":7,\"yes\":true,\"list\":[\"one\",{}]}");
	json_free(object);
	buf_fini(&out);
}

static void
add_member(const char *name, const struct json *value, void *arg)
{
	buf_printf(arg, "%s=", name);
	json_add_plain(value, arg);
	buf_add_char(arg, ';');
}

static void
test_read(void **state)
{
	struct json *value = json_read(
	    S("{\"t\":\"x\",\"n\":42,\"y\":true,\"r\":2.5,"
	    "\"l\":[1,\"b\"],\"z\":null}"));
	struct buf out = { 0 };

	(void)state;
	assert_non_null(value);
	assert_true(slice_eq_str(json_text(json_get(value, "t")), "x"));
	assert_null(json_text(json_get(value, "n")).p);
	assert_null(json_text(json_get(value, "absent")).p);
	assert_int_equal(json_number(json_get(value, "n")), 42);
	assert_int_equal(json_number(json_get(value, "t")), 0);
	assert_true(json_is_whole(json_get(value, "n")));
	assert_false(json_is_whole(json_get(value, "r")));
	assert_false(json_is_whole(json_get(value, "t")));
	assert_false(json_is_whole(json_get(value, "absent")));
	assert_int_equal(json_member_count(value), 6);
	assert_int_equal(json_member_count(json_get(value, "l")), 0);
	assert_int_equal(json_member_count(NULL), 0);
	assert_true(json_truth(json_get(value, "y")));
	assert_false(json_truth(json_get(value, "absent")));
	assert_int_equal(json_count(json_get(value, "l")), 2);
	assert_int_equal(json_count(json_get(value, "t")), 0);
	assert_null(json_at(json_get(value, "l"), 2));
	json_each(value, add_member, &out);
	assert_string_equal(buf_str(&out),
	    "t=x;n=42;y=true;r=2.5;l=[1,\"b\"];z=null;");
	json_free(value);
	json_free(NULL);
	buf_fini(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_flatten),
		cmocka_unit_test(test_read_depth),
		cmocka_unit_test(test_write),
		cmocka_unit_test(test_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
