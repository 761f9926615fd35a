/* SPDX-License-Identifier: ISC */
/*
 * Tests of reading templates: the shipped ones, with one thing done wrong at
 * a time in a copy, and what is then said of it.
 */
#include "app/templates/templates.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "core/view.h"

struct copy {
	char root[32];
	char *folder;		/* root/templates */
};

static void
run(char *command)
{
	/* A test's own shell: all its words are ours. */
	assert_int_equal(system(command), 0);	/* NOLINT */
	free(command);
}

static int
set_up(void **state)
{
	const char *source = getenv("ASSENT_SRCDIR");
	struct copy *copy = MEM_NEW(struct copy);

	snprintf(copy->root, sizeof(copy->root), "/tmp/assent-XXXXXX");
	assert_non_null(mkdtemp(copy->root));
	copy->folder = mem_printf("%s/templates", copy->root);
	run(mem_printf("cp -R '%s/templates' '%s' && chmod -R u+w '%s'",
	    source != NULL ? source : ".", copy->root, copy->root));
	*state = copy;
	return 0;
}

static int
tear_down(void **state)
{
	struct copy *copy = *state;

	run(mem_printf("rm -rf '%s'", copy->root));
	free(copy->folder);
	free(copy);
	return 0;
}

static void
put(const struct copy *copy, const char *name, const char *mode,
    const char *text)
{
	char *path = mem_printf("%s/%s", copy->folder, name);
	FILE *file = fopen(path, mode);

	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
	free(path);
}

static void
drop(const struct copy *copy, const char *name)
{
	char *path = mem_printf("%s/%s", copy->folder, name);

	assert_int_equal(unlink(path), 0);
	free(path);
}

/* Is there a line that begins with this and holds that? */
static bool
has_line(struct slice text, const char *start, const char *sense)
{
	struct slice line;

	while (slice_split(&text, '\n', &line)) {
		if (slice_starts(line, start) &&
		    memmem(line.p, line.len, sense, strlen(sense)) != NULL)
			return true;
	}
	return false;
}

/* It is refused, and one of the lines is of that place and sense. */
static void
expect(const struct copy *copy, const char *place, const char *sense)
{
	struct buf errors = { 0 };
	struct templates *t = templates_load(copy->folder, &errors);
	char *start = mem_printf("%s/%s: ", copy->folder, place);

	if (t != NULL || !has_line(buf_slice(&errors), start, sense))
		fail_msg("%s, %s: said \"%s\"", place, sense,
		    buf_str(&errors));
	free(start);
	buf_fini(&errors);
}

static void
expect_good(const struct copy *copy)
{
	struct buf errors = { 0 };
	struct templates *t = templates_load(copy->folder, &errors);

	if (t == NULL)
		fail_msg("said \"%s\"", buf_str(&errors));
	templates_free(t);
	buf_fini(&errors);
}

static void
test_mistakes(void **state)
{
	static const struct {
		const char *name, *text;	/* NULL: the file is gone */
		const char *place, *sense;
	} cases[] = {
		{ "page/form.html", "a\n{{#b}}\n", "page/form.html:2",
		    "never closed" },
		{ "page/form.html", "\xff", "page/form.html:1", "UTF-8" },
		{ "page/form.html", "\n{{> _none}}", "page/form.html:2",
		    "{{> _none}} is not there" },
		{ "page/form.html", "\n\n{{t.none}}", "page/form.html:3",
		    "lang/en has no \"none\"" },
		{ "page/form.html", "{{#t.privacy}}{{/t.privacy}}",
		    "page/form.html:1", "texts are no sections" },
		{ "page/form.html", "{{action}}\n{{lsit.title}}",
		    "page/form.html:2", "no \"lsit.title\" to show" },
		{ "page/form.html", "{{action}}\n{{#feilds}}{{/feilds}}",
		    "page/form.html:2", "no \"feilds\" to show" },
		{ "lang/de", "form_title = {{list.titel}}", "lang/de:1",
		    "no \"list.titel\" to show" },
		{ "mail/confirm.txt", "{{notme_url}}", "mail/confirm.txt:1",
		    "{{confirm_url}} is not shown" },
		{ "page/confirm.html", "Hello", "page/confirm.html:1",
		    "{{action}} is not shown" },
		{ "page/_a.html", "{{> _a}}", "page/_a.html:1",
		    "without end" },
		{ "page/form.html", NULL, "page/form.html:1", "missing" },
		{ "mail/welcome.txt", NULL, "mail/welcome.txt:1",
		    "missing" },
		/* A mail's text has no part that only its HTML has. */
		{ "mail/confirm.txt", "{{> _leave}}", "mail/confirm.txt:1",
		    "is not there" },
		{ "lang/en", NULL, "lang/en:1", "missing" },
		{ "lang/en", "dir = ltr\n", "lang/en:1",
		    "\"error_not_found\" is missing" },
		{ "lang/fr", "privacy = Vie\nnone = Rien\n", "lang/fr:2",
		    "no template knows \"none\"" },
		{ "lang/fr", "\nprivacy = {{t.none}}\n", "lang/fr:2",
		    "is no text" },
		{ "lang/fr", "privacy = {{> _top}}\n", "lang/fr:1",
		    "can't hold" },
		{ "lang/fr", "dir = up\n", "lang/fr:1", "ltr or rtl" },
		{ "lang/fr", "privacy\n", "lang/fr:1", "key = text" },
		{ "lang/fr_FR", "privacy = Vie\n", "lang/fr_FR:1", "tag" },
		{ "assets/style.css", NULL, "assets:1", "style.css is mis" },
		{ "assets/a.exe", "x", "assets/a.exe:1", "an asset is" },
		{ "assets/a b.css", "x", "assets/a b.css:1", "an asset is" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		set_up(state);
		if (cases[i].text != NULL)
			put(*state, cases[i].name, "we", cases[i].text);
		else
			drop(*state, cases[i].name);
		expect(*state, cases[i].place, cases[i].sense);
		tear_down(state);
	}
}

static void
test_tells_every_mistake(void **state)
{
	struct copy *copy = *state;

	put(copy, "page/form.html", "we", "\n{{x");
	put(copy, "mail/welcome.txt", "we", "\n\n{{/y}}");
	put(copy, "lang/de", "we", "rubbish\n");
	expect(copy, "page/form.html:2", "never closed");
	expect(copy, "mail/welcome.txt:3", "closes nothing");
	expect(copy, "lang/de:1", "key = text");
}

static void
test_too_large(void **state)
{
	struct copy *copy = *state;

	run(mem_printf("head -c 600000 /dev/zero >'%s/assets/a.css'",
	    copy->folder));
	expect(copy, "assets/a.css:1", "larger than");
}

static void
test_no_folder(void **state)
{
	struct copy *copy = *state;
	char *folder = copy->folder;

	copy->folder = mem_printf("%s/nowhere", copy->root);
	expect(copy, "page:1", "`templates` names a folder");
	free(copy->folder);
	copy->folder = folder;
}

/* What editors and packagers leave behind does no harm. */
static void
test_strays(void **state)
{
	struct copy *copy = *state;

	put(copy, "page/form.html~", "we", "{{x");
	put(copy, "page/form.html.dpkg-old", "we", "{{x");
	put(copy, "page/.form.html.swp", "we", "{{x");
	put(copy, "mail/notes", "we", "{{x");
	put(copy, "lang/de.orig", "we", "rubbish");
	put(copy, "lang/de~", "we", "rubbish");
	put(copy, "assets/.hidden", "we", "rubbish");
	expect_good(copy);
}

/* A new language is a new file, whole or not. */
static void
test_new_language(void **state)
{
	struct copy *copy = *state;
	struct buf out = { 0 };
	struct view *view = view_new();
	struct templates *t;

	put(copy, "lang/pt-BR", "we", "\xef\xbb\xbf" "dir = ltr\n"
	    "privacy = Privacidade\n");
	t = templates_load(copy->folder, &out);
	assert_non_null(t);
	assert_true(templates_has_lang(t, slice_str("pt-br")));
	templates_text(t, "privacy", "pt-BR", view, &out);
	assert_string_equal(buf_str(&out), "Privacidade");
	buf_reset(&out);
	templates_text(t, "error_title", "pt-BR", view, &out);
	assert_string_equal(buf_str(&out), "That did not work");
	buf_reset(&out);
	assert_int_equal(templates_render(t, "page/error.html", "pt-BR", view,
	    &out), 0);
	assert_non_null(strstr(buf_str(&out), "<html lang=\"pt-BR\""));
	templates_free(t);
	view_free(view);
	buf_fini(&out);
}

/* Another content is another URL. */
static void
test_asset_urls(void **state)
{
	struct copy *copy = *state;
	struct buf errors = { 0 };
	struct templates *a = templates_load(copy->folder, &errors), *b;
	struct slice name = slice_str("style.css");

	put(copy, "assets/style.css", "ae", "\n");
	b = templates_load(copy->folder, &errors);
	assert_string_not_equal(templates_asset(a, name)->url_name,
	    templates_asset(b, name)->url_name);
	assert_string_equal(
	    templates_asset(a, slice_str("confirm.js"))->url_name,
	    templates_asset(b, slice_str("confirm.js"))->url_name);
	templates_free(a);
	templates_free(b);
	buf_fini(&errors);
}

#define WITH_COPY(test) \
	cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mistakes),
		WITH_COPY(test_tells_every_mistake),
		WITH_COPY(test_too_large),
		WITH_COPY(test_no_folder),
		WITH_COPY(test_strays),
		WITH_COPY(test_new_language),
		WITH_COPY(test_asset_urls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
