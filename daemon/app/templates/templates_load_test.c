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
#include "core/config.h"
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
	const char *slash = strrchr(path, '/');
	FILE *file;

	run(mem_printf("mkdir -p '%.*s'", (int)(slash - path), path));
	file = fopen(path, mode);
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

/* One thing done wrong, and what is said of it. */
struct mistake {
	const char *name, *text;	/* NULL: the file is gone */
	const char *place, *sense;
};

static void
expect_each(void **state, const struct mistake *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
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
test_mistakes(void **state)
{
	static const struct mistake cases[] = {
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
		{ "lang/de", "privacy = {{t.form_name}}\nform_name = "
		    "{{t.privacy}}\n", "lang/de:2", "without end" },
		{ "assets/style.css", NULL, "assets:1", "style.css is mis" },
		{ "assets/a.exe", "x", "assets/a.exe:1", "an asset is" },
		{ "assets/a b.css", "x", "assets/a b.css:1", "an asset is" },
	};

	expect_each(state, cases, sizeof(cases) / sizeof(cases[0]));
}

static void
test_mistakes_of_lists(void **state)
{
	static const struct mistake cases[] = {
		{ "list/a/mail/confirm.txt", "\n{{x",
		    "list/a/mail/confirm.txt:2", "never closed" },
		{ "list/a/mail/confirm.txt", "{{notme_url}}",
		    "list/a/mail/confirm.txt:1",
		    "{{confirm_url}} is not shown" },
		/* By way of a part of it. */
		{ "list/a/mail/_leave.html", "x",
		    "list/a/mail/welcome.html:1",
		    "{{unsubscribe_url}} is not shown" },
		{ "list/a/mail/_leave.html", "{{> _leave}}",
		    "list/a/mail/_leave.html:1", "without end" },
		{ "list/a/mail/confrim.txt", "x",
		    "list/a/mail/confrim.txt:1", "no shared file" },
		{ "list/a/mails/confirm.txt", "x", "list/a/mails:1",
		    "folders called page" },
		{ "list/a", "x", "list/a:1", "Not a directory" },
		{ "list", "x", "list:1", "Not a directory" },
		{ "list/a/lang/en", "\nmail_helo = Hi,\n",
		    "list/a/lang/en:2", "no template knows \"mail_helo\"" },
		{ "list/a/lang/de", "mail_hello = {{list.titel}}\n",
		    "list/a/lang/de:1", "no \"list.titel\" to show" },
		{ "list/a/lang/en", "mail_hello = {{t.mail_hello}}\n",
		    "list/a/lang/en:1", "without end" },
		{ "list/a/assets/a.exe", "x", "list/a/assets/a.exe:1",
		    "an asset is" },
	};

	expect_each(state, cases, sizeof(cases) / sizeof(cases[0]));
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

/* ---- what a list has of its own ---- */

static void
check_text_of(const struct templates *t, const char *list, const char *lang,
    const char *key, const char *expected)
{
	struct view *view = view_new();
	struct buf out = { 0 };

	templates_text(templates_of_list(t, list), key, lang, view, &out);
	assert_string_equal(buf_str(&out), expected);
	buf_fini(&out);
	view_free(view);
}

/* Is it in that template, as the list has it? */
static bool
shows(const struct templates *t, const char *list, const char *name,
    const char *lang, const char *what)
{
	struct view *view = view_new();
	struct buf out = { 0 };
	bool found;

	assert_int_equal(templates_render(templates_of_list(t, list), name,
	    lang, view, &out), 0);
	found = strstr(buf_str(&out), what) != NULL;
	buf_fini(&out);
	view_free(view);
	return found;
}

static void
put_own_files(const struct copy *copy)
{
	put(copy, "list/a/mail/welcome.txt", "we",
	    "{{t.a_motto}}\n{{unsubscribe_url}}\n{{> _foot}}");
	put(copy, "list/a/mail/_foot.txt", "we", "Yours, A\n");
	put(copy, "list/a/lang/en", "we", "a_motto = All of it\n"
	    "mail_hello = Dear reader,\n");
	put(copy, "list/a/lang/it", "we", "mail_hello = Ciao,\n");
	put(copy, "list/a/lang/notes.txt", "we", "rubbish");
	put(copy, "list/a/assets/style.css", "we", "/* A */");
}

static void
test_files_of_a_list(void **state)
{
	struct buf errors = { 0 };
	struct templates *t;

	put_own_files(*state);
	t = templates_load(((struct copy *)*state)->folder, &errors);
	assert_non_null(t);
	assert_true(shows(t, "a", "mail/welcome.txt", "en", "All of it"));
	assert_true(shows(t, "a", "mail/welcome.txt", "en", "Yours, A"));
	/* A part of it within a shared mail; the others are as they were. */
	assert_true(shows(t, "a", "mail/confirm.txt", "de", "Yours, A"));
	assert_false(shows(t, "b", "mail/welcome.txt", "en", "All of it"));
	assert_false(shows(t, NULL, "mail/confirm.txt", "de", "Yours, A"));
	check_text_of(t, "a", "en", "mail_hello", "Dear reader,");
	check_text_of(t, "a", "de", "mail_hello", "Guten Tag,");
	check_text_of(t, "a", "it", "mail_hello", "Ciao,");
	check_text_of(t, "a", "it", "a_motto", "All of it");
	check_text_of(t, "a", "en", "privacy", "Privacy");
	check_text_of(t, "b", "en", "mail_hello", "Hello,");
	assert_true(templates_has_lang(templates_of_list(t, "a"),
	    slice_str("it")));
	assert_string_equal(templates_lang(templates_of_list(t, "a"), "it"),
	    "it");
	assert_string_equal(templates_lang(t, "it"), "en");
	templates_free(t);
}

static void
test_assets_of_a_list(void **state)
{
	const struct slice style = slice_str("style.css");
	struct buf errors = { 0 };
	const struct asset *own;
	struct templates *t;

	put_own_files(*state);
	t = templates_load(((struct copy *)*state)->folder, &errors);
	assert_non_null(t);
	own = templates_asset(templates_of_list(t, "a"), style);
	assert_true(slice_eq_str(own->content, "/* A */"));
	assert_ptr_equal(templates_asset(t, slice_str(own->url_name)), own);
	assert_ptr_not_equal(templates_asset(t, style), own);
	assert_ptr_equal(templates_asset(templates_of_list(t, "a"),
	    slice_str("confirm.js")), templates_asset(t,
	    slice_str("confirm.js")));
	templates_free(t);
}

/* What the ledger keeps: other words or another mail are another source. */
static void
test_sources(void **state)
{
	static const struct {
		const char *list, *name, *lang;
		bool differs;		/* from the shared one in English */
	} cases[] = {
		{ "b", "mail/welcome.txt", "en", false },
		{ "b", "mail/welcome.txt", "de", true },
		{ "a", "mail/welcome.txt", "en", true },
		{ "a", "mail/welcome.html", "en", true },
		{ "a", "mail/welcome.html", "de", true },
	};
	struct buf errors = { 0 }, shared = { 0 }, one = { 0 };
	struct templates *t;

	put_own_files(*state);
	t = templates_load(((struct copy *)*state)->folder, &errors);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		buf_reset(&shared);
		buf_reset(&one);
		templates_source(t, cases[i].name, "en", &shared);
		templates_source(templates_of_list(t, cases[i].list),
		    cases[i].name, cases[i].lang, &one);
		assert_true(one.len > 0);
		assert_int_equal(strcmp(buf_str(&one), buf_str(&shared)) != 0,
		    cases[i].differs);
	}
	buf_reset(&one);
	templates_source(t, "mail/welcome.txt", "de", &one);
	assert_non_null(strstr(buf_str(&one), "Guten Tag,"));
	assert_non_null(strstr(buf_str(&one), "{{controller.address}}"));
	templates_free(t);
	buf_fini(&shared);
	buf_fini(&one);
}

static void
test_warnings(void **state)
{
	static char a[] = "a";
	struct config_list list = { .name = a };
	struct copy *copy = *state;
	struct config config = { .templates = copy->folder, .lists = &list,
		.list_count = 1 };
	struct buf out = { 0 };
	struct templates *t;
	char *expected = mem_printf("%s/list/old:1: warning: there is no "
	    "list of that name: nothing here is used\n", copy->folder);

	put_own_files(copy);
	put(copy, "list/old/lang/en", "we", "mail_hello = Hi,\n");
	t = templates_load(copy->folder, &out);
	assert_non_null(t);
	templates_warn(t, &config, &out);
	assert_string_equal(buf_str(&out), expected);
	templates_free(t);
	buf_fini(&out);
	free(expected);
}

#define WITH_COPY(test) \
	cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_mistakes_of_lists),
		WITH_COPY(test_tells_every_mistake),
		WITH_COPY(test_too_large),
		WITH_COPY(test_no_folder),
		WITH_COPY(test_strays),
		WITH_COPY(test_new_language),
		WITH_COPY(test_asset_urls),
		WITH_COPY(test_files_of_a_list),
		WITH_COPY(test_assets_of_a_list),
		WITH_COPY(test_sources),
		WITH_COPY(test_warnings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
