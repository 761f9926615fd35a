/* SPDX-License-Identifier: ISC */
/*
 * Tests of app/templates on the shipped languages: each has what English has,
 * short enough, and the one that is asked for is found.
 */
#include "app/templates/templates_shipped.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/mem.h"
#include "core/catalog.h"
#include "core/mustache.h"
#include "core/view.h"

enum { TEXTS_MAX = 400, SUBJECT_MAX = 45, BUTTON_MAX = 32 };

/* One catalogue, as it is read: its texts, by their keys. */
struct texts {
	struct catalog *catalog;
	struct slice key[TEXTS_MAX];
	size_t count;
};

static void
add_key(struct slice key, const struct mustache *text, unsigned line,
    void *arg)
{
	struct texts *t = arg;

	(void)text;
	(void)line;
	assert_true(t->count < TEXTS_MAX);
	t->key[t->count++] = key;
}

static struct texts
read_catalog(const char *lang)
{
	const char *source = getenv("ASSENT_SRCDIR");
	char *path = mem_printf("%s/templates/lang/%s",
	    source != NULL ? source : ".", lang);
	FILE *file = fopen(path, "re");
	struct buf content = { 0 }, errors = { 0 };
	struct texts texts = { 0 };
	char line[4096];

	assert_non_null(file);
	while (fgets(line, sizeof(line), file) != NULL)
		buf_add_str(&content, line);
	fclose(file);
	texts.catalog = catalog_parse(buf_slice(&content), path, &errors);
	assert_non_null(texts.catalog);
	catalog_each(texts.catalog, add_key, &texts);
	buf_fini(&content);
	buf_fini(&errors);
	free(path);
	return texts;
}

static void
add_name(enum mustache_tag tag, struct slice name, unsigned line, void *arg)
{
	struct buf *names = arg;

	(void)tag;
	(void)line;
	buf_printf(names, "{%.*s}", SLICE_FMT(name));
}

/* All that the English text shows is shown by the other one, too. */
static void
check_names(const char *lang, struct slice key, const struct mustache *english,
    const struct mustache *other)
{
	struct buf wanted = { 0 }, found = { 0 };
	struct slice rest, name;

	mustache_each_tag(english, add_name, &wanted);
	mustache_each_tag(other, add_name, &found);
	rest = buf_slice(&wanted);
	while (slice_split(&rest, '}', &name)) {
		if (name.len > 0 && memmem(found.p, found.len, name.p,
		    name.len + 1) == NULL)
			fail_msg("lang/%s: %.*s lacks %.*s}", lang,
			    SLICE_FMT(key), SLICE_FMT(name));
	}
	buf_fini(&wanted);
	buf_fini(&found);
}

static void
test_catalogs_are_whole(void **state)
{
	struct texts english = read_catalog("en");

	(void)state;
	for (size_t i = 1; i < SHIPPED_LANGUAGES; i++) {
		const char *lang = shipped_languages[i];
		struct texts other = read_catalog(lang);

		for (size_t k = 0; k < english.count; k++) {
			struct slice key = english.key[k];
			const struct mustache *text = catalog_text(
			    other.catalog, key);

			if (text == NULL)
				fail_msg("lang/%s lacks %.*s", lang,
				    SLICE_FMT(key));
			check_names(lang, key,
			    catalog_text(english.catalog, key), text);
		}
		assert_int_equal(other.count, english.count);
		catalog_free(other.catalog);
	}
	catalog_free(english.catalog);
}

/* A subject is to be read on a phone, a button to stay one line there. */
static void
test_lengths(void **state)
{
	static const struct {
		const char *ending;
		size_t max;
	} limits[] = { { "_subject", SUBJECT_MAX }, { "_button", BUTTON_MAX } };
	struct texts english = read_catalog("en");
	struct view *view = view_new();
	struct buf out = { 0 };

	view_set_str(view_set_object(view, "list"), "title", "The Weekly");
	for (size_t i = 0; i < english.count; i++) {
		char *key = slice_dup(english.key[i]);

		for (size_t k = 0; k < 2 * SHIPPED_LANGUAGES; k++) {
			const char *lang = shipped_languages[k / 2];

			if (!slice_ends(english.key[i], limits[k % 2].ending))
				continue;
			buf_reset(&out);
			templates_text(*state, key, lang, view, &out);
			if (shipped_width(buf_slice(&out)) > limits[k % 2].max)
				fail_msg("lang/%s: %s is long: %s", lang, key,
				    buf_str(&out));
		}
		free(key);
	}
	buf_fini(&out);
	view_free(view);
	catalog_free(english.catalog);
}

static void
test_dates(void **state)
{
	static const struct {
		const char *lang, *rfc3339, *text;
	} cases[] = {
		{ "en", "2026-11-23T05:32:00Z", "23 November 2026, 05:32 UTC" },
		{ "de", "2026-03-01T23:59:59Z",
		    "1. M\xc3\xa4rz 2026 um 23:59 UTC" },
		{ "de-AT", "2026-12-31T00:00:00Z",
		    "31. Dezember 2026 um 00:00 UTC" },
		{ "fr", "2027-01-01T12:00:00Z",
		    "1er janvier 2027 \xc3\xa0 12:00 UTC" },
		{ "fr", "2026-08-11T12:00:00Z",
		    "11 ao\xc3\xbbt 2026 \xc3\xa0 12:00 UTC" },
		{ "es", "2026-09-10T05:05:00Z",
		    "10 de septiembre de 2026, 05:05 UTC" },
		{ "xx", "2026-10-20T05:05:00Z", "20 October 2026, 05:05 UTC" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf out = { 0 };
		int64_t at;

		assert_int_equal(clock_parse_rfc3339(cases[i].rfc3339, &at),
		    0);
		templates_date(*state, cases[i].lang, at, &out);
		assert_string_equal(buf_str(&out), cases[i].text);
		buf_fini(&out);
	}
}

static void
test_languages(void **state)
{
	static const struct {
		const char *lang, *text;
	} cases[] = {
		{ "en", "Privacy" }, { "de", "Datenschutz" },
		{ "de-AT", "Datenschutz" }, { "DE", "Datenschutz" },
		{ "fr-CA", "Confidentialit\xc3\xa9" }, { "es", "Privacidad" },
		{ "it", "Privacy" }, { "", "Privacy" },
	};
	struct view *view = view_new();

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf out = { 0 };

		templates_text(*state, "privacy", cases[i].lang, view, &out);
		assert_string_equal(buf_str(&out), cases[i].text);
		templates_text(*state, "no_such_text", cases[i].lang, view,
		    &out);
		assert_string_equal(buf_str(&out), cases[i].text);
		buf_fini(&out);
	}
	view_free(view);
	assert_true(templates_has_lang(*state, slice_str("de")));
	assert_false(templates_has_lang(*state, slice_str("it")));
	assert_string_equal(templates_lang(*state, "de-AT"), "de");
	assert_string_equal(templates_lang(*state, "it"), "en");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_languages),
		cmocka_unit_test(test_catalogs_are_whole),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_dates),
	};

	return cmocka_run_group_tests(tests, shipped_load, shipped_unload);
}
