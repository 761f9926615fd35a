/* SPDX-License-Identifier: ISC */
/*
 * Tests of core/mustache: our own table, and the specification's own cases
 * where they are at hand (they are not ours to ship).
 */
#include "core/mustache.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/mem.h"
#include "core/view_value.h"

static void
build_view(struct view *v, json_t *json)
{
	const char *key;
	json_t *part;
	size_t i;
	char *text;

	switch (json_typeof(json)) {
	case JSON_OBJECT:
		json_object_foreach(json, key, part) {
			if (!json_is_null(part))
				build_view(view_slot(v, slice_str(key)), part);
		}
		return;
	case JSON_ARRAY:
		view_make_list(v);
		json_array_foreach(json, i, part)
			build_view(view_append(v), part);
		return;
	case JSON_STRING:
		view_make_text(v, slice_str(json_string_value(json)));
		return;
	case JSON_TRUE:
	case JSON_FALSE:
	case JSON_NULL:
		view_make_bool(v, json_is_true(json));
		return;
	case JSON_INTEGER:
	case JSON_REAL:
		text = json_dumps(json, JSON_ENCODE_ANY |
		    JSON_REAL_PRECISION(6));
		view_make_text(v, slice_str(text));
		free(text);
		return;
	}
}

/* ---- partials out of a JSON object ---- */

struct shelf {
	json_t *sources;
	struct mustache *made[16];
	size_t count;
};

static const struct mustache *
find_partial(const void *arg, struct slice name)
{
	/* The shelf is the test's own and not const: it keeps what it made. */
	struct shelf *shelf = *(struct shelf *const *)arg;
	char *key = slice_dup(name);
	json_t *source = json_object_get(shelf->sources, key);
	struct mustache_error error;
	struct mustache *m;

	free(key);
	if (source == NULL)
		return NULL;
	m = mustache_compile(slice_str(json_string_value(source)), &error);
	assert_non_null(m);
	assert_true(shelf->count < 16);
	shelf->made[shelf->count++] = m;
	return m;
}

static void
check_case(const char *name, const char *source, json_t *data,
    json_t *partials, const char *expected)
{
	struct shelf shelf = { .sources = partials }, *shelf_p = &shelf;
	struct mustache_world world = { .partial = find_partial,
		.arg = &shelf_p, .html = true };
	struct mustache_error error = { 0 };
	struct mustache *m = mustache_compile(slice_str(source), &error);
	struct view *view = view_new();
	struct buf out = { 0 };

	if (m == NULL)
		fail_msg("%s: %u: %s", name, error.line, error.what);
	build_view(view, data);
	assert_int_equal(mustache_render(m, view, &world, &out), 0);
	if (strcmp(buf_str(&out), expected) != 0)
		fail_msg("%s: got \"%s\", want \"%s\"", name, buf_str(&out),
		    expected);
	for (size_t i = 0; i < shelf.count; i++)
		mustache_free(shelf.made[i]);
	buf_fini(&out);
	view_free(view);
	mustache_free(m);
}

/* ---- the specification's cases ---- */

static void
test_spec(void **state)
{
	const char *name = *state, *folder = getenv("ASSENT_SRCDIR");
	char *path = mem_printf("%s/../shared/data/mustache/%s.json",
	    folder != NULL ? folder : ".", name);
	json_t *spec = json_load_file(path, 0, NULL), *cases, *one;
	size_t i;

	free(path);
	if (spec == NULL)
		skip();
	cases = json_object_get(spec, "tests");
	assert_true(json_array_size(cases) > 0);
	json_array_foreach(cases, i, one) {
		check_case(json_string_value(json_object_get(one, "name")),
		    json_string_value(json_object_get(one, "template")),
		    json_object_get(one, "data"),
		    json_object_get(one, "partials"),
		    json_string_value(json_object_get(one, "expected")));
	}
	json_decref(spec);
}

/* ---- our own ---- */

static void
test_rendering(void **state)
{
	static const struct {
		const char *source, *data, *partials, *expected;
	} cases[] = {
		{ "", "{}", "{}", "" },
		{ "a\n", "{}", "{}", "a\n" },
		{ "{{x}}", "{\"x\":\"<&>\\\"'\"}", "{}",
		    "&lt;&amp;&gt;&quot;&#39;" },
		{ "{{{x}}}{{&x}}", "{\"x\":\"<\"}", "{}", "<<" },
		{ "{{#x}}yes{{/x}}{{^x}}no{{/x}}", "{\"x\":\"\"}", "{}",
		    "no" },
		{ "{{#l}}{{.}},{{/l}}", "{\"l\":[\"a\",\"b\"]}", "{}",
		    "a,b," },
		{ "{{#l}}{{n}}{{o}} {{/l}}",
		    "{\"o\":\"!\",\"l\":[{\"n\":\"a\"},{\"n\":\"b\"}]}", "{}",
		    "a! b! " },
		{ "{{#o}}{{a.b}}{{/o}}",
		    "{\"a\":{\"b\":\"far\"},\"o\":{\"a\":{}}}", "{}", "" },
		{ "  {{> a}}\n", "{\"v\":\"x\\ny\"}",
		    "{\"a\":\"{{v}}\\n  {{> b}}\\nend\\n\","
		    "\"b\":\"1\\n2\\n\"}",
		    "  x\ny\n    1\n    2\n  end\n" },
		{ "<{{> a}}>\n", "{}", "{\"a\":\"1\\n2\"}", "<1\n2>\n" },
		{ "{{#a}}\r\n-\r\n{{/a}}\r\n", "{\"a\":true}", "{}",
		    "-\r\n" },
		{ "{{=<% %>=}}<%x%> {{x}} <%={{ }}=%>{{x}}",
		    "{\"x\":\"1\"}", "{}", "1 {{x}} 1" },
		{ "a { b } c", "{}", "{}", "a { b } c" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		json_t *data = json_loads(cases[i].data, 0, NULL);
		json_t *partials = json_loads(cases[i].partials, 0, NULL);

		check_case(cases[i].source, cases[i].source, data, partials,
		    cases[i].expected);
		json_decref(data);
		json_decref(partials);
	}
}

static void
test_mistakes(void **state)
{
	static const struct {
		const char *source;
		unsigned line;
		const char *says;	/* a part of what is said */
	} cases[] = {
		{ "{{x", 1, "never closed" },
		{ "a\nb {{{x}} c\n", 2, "\"}}}\"" },
		{ "a\n\n{{#x}}\n\n", 3, "{{/x}} is missing" },
		{ "{{#a}}\n{{^b}}\n{{/a}}{{/b}}", 3, "section of line 2" },
		{ "\n{{/a}}", 2, "closes nothing" },
		{ "{{! ok\n\n }}\n{{ }}", 4, "no name" },
		{ "{{#}}{{/}}", 1, "no name" },
		{ "{{a b}}", 1, "no name" },
		{ "{{a..b}}", 1, "no name" },
		{ "{{.a}}", 1, "no name" },
		{ "\n\n{{=x=}}", 3, "delimiters" },
		{ "{{=a b c=}}", 1, "delimiters" },
		{ "{{=<% %>}}", 1, "delimiters" },
		{ "{{== ==}}", 1, "delimiters" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct mustache_error error = { 0 };

		if (mustache_compile(slice_str(cases[i].source), &error))
			fail_msg("accepted: %s", cases[i].source);
		assert_int_equal(error.line, cases[i].line);
		if (strstr(error.what, cases[i].says) == NULL)
			fail_msg("%s: said \"%s\"", cases[i].source,
			    error.what);
	}
}

static void
test_too_many_sections(void **state)
{
	struct mustache_error error = { 0 };
	struct buf source = { 0 };

	(void)state;
	for (int i = 0; i <= MUSTACHE_DEPTH_MAX; i++)
		buf_add_str(&source, "{{#a}}\n");
	assert_null(mustache_compile(buf_slice(&source), &error));
	assert_int_equal(error.line, MUSTACHE_DEPTH_MAX + 1);
	buf_fini(&source);
}

/* Itself, whatever is asked for. */
static const struct mustache *
find_self(const void *arg, struct slice name)
{
	(void)name;
	return *(struct mustache *const *)arg;
}

static void
test_recursion_is_bounded(void **state)
{
	static const char *const sources[] = { "{{> a}}",
		"{{#on}}{{> a}}{{/on}}", "{{t.a}}" };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct mustache_error error;
		struct mustache *m = mustache_compile(slice_str(sources[i]),
		    &error);
		struct mustache_world world = { .partial = find_self,
			.text = i == 2 ? find_self : NULL, .arg = &m };
		struct view *view = view_new();
		struct buf out = { 0 };

		view_set_bool(view, "on", true);
		assert_int_equal(mustache_render(m, view, &world, &out), -1);
		buf_fini(&out);
		view_free(view);
		mustache_free(m);
	}
}

static const struct mustache *
find_greeting(const void *arg, struct slice name)
{
	return slice_eq_str(name, "t.hi") ?
	    *(struct mustache *const *)arg : NULL;
}

/* A text of a catalogue is plain: it and its values are escaped once. */
static void
test_texts(void **state)
{
	struct mustache_error error;
	struct mustache *text = mustache_compile(slice_str("<{{who}}>"),
	    &error);
	struct mustache *m = mustache_compile(
	    slice_str("{{t.hi}} {{{t.hi}}} [{{t.no}}]"), &error);
	struct mustache_world world = { .text = find_greeting, .arg = &text,
		.html = true };
	struct view *view = view_new();
	struct buf out = { 0 };

	(void)state;
	view_set_str(view, "who", "A&B");
	assert_int_equal(mustache_render(m, view, &world, &out), 0);
	assert_string_equal(buf_str(&out), "&lt;A&amp;B&gt; <A&B> []");
	buf_reset(&out);
	world.html = false;
	assert_int_equal(mustache_render(m, view, &world, &out), 0);
	assert_string_equal(buf_str(&out), "<A&B> <A&B> []");
	buf_fini(&out);
	view_free(view);
	mustache_free(m);
	mustache_free(text);
}

int
main(void)
{
	char spec[][16] = { "comments", "delimiters", "interpolation",
		"inverted", "partials", "sections" };
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rendering),
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_too_many_sections),
		cmocka_unit_test(test_recursion_is_bounded),
		cmocka_unit_test(test_texts),
		{ "spec_comments", test_spec, NULL, NULL, spec[0] },
		{ "spec_delimiters", test_spec, NULL, NULL, spec[1] },
		{ "spec_interpolation", test_spec, NULL, NULL, spec[2] },
		{ "spec_inverted", test_spec, NULL, NULL, spec[3] },
		{ "spec_partials", test_spec, NULL, NULL, spec[4] },
		{ "spec_sections", test_spec, NULL, NULL, spec[5] },
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
