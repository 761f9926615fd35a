/* SPDX-License-Identifier: ISC */
/*
 * Tests of core/catalog.
 */
#include "core/catalog.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/mustache.h"

static void
test_texts(void **state)
{
	static const struct {
		const char *key, *text;		/* NULL: there is none */
	} cases[] = {
		{ "hello", "Hello {{name}} = you" },
		{ "bye_2", "Tsch\xc3\xbc\xc3\x9f" },
		{ "blank", " two " },
		{ "quote", "\"" },
		{ "crlf", "x" },
		{ "joined", "\xd9\x85\xdb\x8c\xe2\x80\x8c\xd8\xb4" },
		{ "hell", NULL }, { "", NULL }, { "# note", NULL },
	};
	static const char source[] = "# note = 1\n\n"
	    "hello = Hello {{name}} = you\n"
	    "  bye_2=Tsch\xc3\xbc\xc3\x9f  \n"
	    "blank = \" two \"\n"
	    "quote = \"\n"
	    "crlf = x\r\n"
	    "joined = \xd9\x85\xdb\x8c\xe2\x80\x8c\xd8\xb4\n";
	struct buf errors = { 0 };
	struct catalog *c = catalog_parse(slice_str(source), "lang/xx",
	    &errors);

	(void)state;
	assert_non_null(c);
	assert_int_equal(errors.len, 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct mustache *m = catalog_text(c,
		    slice_str(cases[i].key));

		if (cases[i].text == NULL)
			assert_null(m);
		else
			assert_true(slice_eq_str(mustache_source(m),
			    cases[i].text));
	}
	catalog_free(c);
	buf_fini(&errors);
}

static void
test_mistakes(void **state)
{
	static const struct {
		const char *source, *says;
	} cases[] = {
		{ "a = 1\nhello\n", "x:2: this is not \"key = text\"" },
		{ "= 1", "x:1: this is not" },
		{ "Hello = 1", "x:1: this is not" },
		{ "a b = 1", "x:1: this is not" },
		{ "a =\n", "x:1: \"a\" has no text" },
		{ "a = \"\"\n", "x:1: \"a\" has no text" },
		{ "a = \xff\n", "x:1: \"a\" holds control" },
		{ "a = 1\x01\n", "x:1: \"a\" holds control" },
		{ "a = \xe2\x80\xae\n", "x:1: \"a\" holds control" },
		{ "a = 1\nb = 2\na = 3\n",
		    "x:3: \"a\" stands in line 1 already" },
		{ "\n\na = {{b\n", "x:3: the tag is never closed" },
		{ "a = {{#b}}\n", "x:1: the section \"b\" is never closed" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf errors = { 0 };

		if (catalog_parse(slice_str(cases[i].source), "x", &errors))
			fail_msg("accepted: %s", cases[i].source);
		if (!slice_starts(buf_slice(&errors), cases[i].says))
			fail_msg("%s: said \"%s\"", cases[i].source,
			    buf_str(&errors));
		buf_fini(&errors);
	}
}

static void
test_tells_every_mistake(void **state)
{
	struct buf errors = { 0 };

	(void)state;
	assert_null(catalog_parse(slice_str("one\ntwo\nthree = 3\nfour ="),
	    "x", &errors));
	assert_non_null(strstr(buf_str(&errors), "x:1: "));
	assert_non_null(strstr(buf_str(&errors), "\nx:2: "));
	assert_non_null(strstr(buf_str(&errors), "\nx:4: "));
	buf_fini(&errors);
}

static void
count_text(struct slice key, const struct mustache *text, unsigned line,
    void *arg)
{
	unsigned *sum = arg;

	assert_int_equal(key.len, 1);
	assert_non_null(text);
	*sum = *sum * 10 + line;
}

static void
test_each(void **state)
{
	struct buf errors = { 0 };
	struct catalog *c = catalog_parse(slice_str("c = 1\na = 2\nb = 3\n"),
	    "x", &errors);
	unsigned lines = 0;

	(void)state;
	catalog_each(c, count_text, &lines);
	assert_int_equal(lines, 231);
	catalog_free(c);
	c = catalog_parse(slice_str(""), "x", &errors);
	assert_non_null(c);
	assert_null(catalog_text(c, slice_str("a")));
	catalog_free(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_tells_every_mistake),
		cmocka_unit_test(test_each),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
