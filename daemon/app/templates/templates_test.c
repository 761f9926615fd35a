/* SPDX-License-Identifier: ISC */
/*
 * Tests of app/templates on the templates as shipped: every page and mail, in
 * every language, in each state it can be in.  Where ASSENT_DUMP names a
 * folder they are written there, to be looked at.
 */
#include "app/templates/templates_shipped.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "core/view.h"

#define CONFIRM_URL "https://news.example.org/confirm/" \
	"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGA"
#define NOTME_URL "https://news.example.org/notme/" \
	"BAECAwQFBgcICQoLDA0ODxAREhMUFRYXGA"
#define LEAVE_URL "https://news.example.org/unsubscribe/" \
	"CAECAwQFBgcICQoLDA0ODxAREhMUFRYXGA"
#define PRIVACY_URL "https://www.example.org/privacy"

/* What is told of a scene beyond its template. */
enum trait {
	SEVERAL = 1, WRONG = 2, BOX = 4, AUTO = 8, TICK = 16, CODE_WRONG = 32,
	NO_PRESS = 64, UNDO = 128, BARE = 256, FIELD_WRONG = 512,
	CONFIRMED = 1024, EXPIRED = 2048,
};

static const struct scene {
	const char *name, *template;
	unsigned traits;
} scenes[] = {
	{ "form", "page/form.html", 0 },
	{ "form-wrong", "page/form.html", WRONG | BOX },
	{ "form-field-wrong", "page/form.html", FIELD_WRONG | BOX },
	{ "form-several", "page/form.html", WRONG | SEVERAL },
	{ "pending", "page/pending.html", 0 },
	{ "pending-wrong", "page/pending.html", CODE_WRONG },
	{ "confirm", "page/confirm.html", 0 },
	{ "confirm-auto", "page/confirm.html", AUTO },
	{ "confirm-several", "page/confirm.html", SEVERAL },
	{ "confirm-no-press", "page/confirm.html", NO_PRESS },
	{ "confirm-wrong", "page/confirm.html", CODE_WRONG },
	{ "confirmed", "page/confirmed.html", 0 },
	{ "confirmed-several", "page/confirmed.html", SEVERAL },
	{ "unsubscribe", "page/unsubscribe.html", 0 },
	{ "unsubscribe-tick", "page/unsubscribe.html", TICK | SEVERAL },
	{ "unsubscribed", "page/unsubscribed.html", 0 },
	{ "unsubscribed-several", "page/unsubscribed.html", SEVERAL },
	{ "unsubscribed-gone", "page/unsubscribed.html", BARE },
	{ "notme", "page/notme.html", 0 },
	{ "notme-several", "page/notme.html", SEVERAL },
	{ "notme-confirmed", "page/notme.html", CONFIRMED },
	{ "notme-done", "page/notme_done.html", UNDO },
	{ "notme-done-tick", "page/notme_done.html", UNDO | TICK },
	{ "notme-gone", "page/notme_done.html", BARE },
	{ "error", "page/error.html", BARE },
	{ "error-expired", "page/error.html", EXPIRED },
	{ "manage-ask", "page/manage_ask.html", 0 },
	{ "manage-ask-wrong", "page/manage_ask.html", WRONG },
	{ "manage-sent", "page/manage_sent.html", BARE },
	{ "manage", "page/manage.html", 0 },
	{ "manage-no-press", "page/manage.html", NO_PRESS },
	{ "manage-open", "page/manage_open.html", SEVERAL | BOX },
	{ "manage-open-wrong", "page/manage_open.html", FIELD_WRONG | BOX },
	{ "manage-data", "page/manage_data.html", SEVERAL },
	{ "manage-erase", "page/manage_erase.html", 0 },
	{ "manage-erased", "page/manage_erased.html", 0 },
	{ "mail-confirm", "mail/confirm.html", 0 },
	{ "mail-confirm-several", "mail/confirm.html", SEVERAL },
	{ "mail-welcome", "mail/welcome.html", 0 },
	{ "mail-already", "mail/already.html", SEVERAL },
	{ "mail-confirm", "mail/confirm.txt", 0 },
	{ "mail-confirm-several", "mail/confirm.txt", SEVERAL },
	{ "mail-welcome", "mail/welcome.txt", SEVERAL },
	{ "mail-already", "mail/already.txt", 0 },
};

enum { SCENES = sizeof(scenes) / sizeof(scenes[0]) };

/* ---- sample data ---- */

static void
add_field(struct view *view, const char *name, const char *label,
    const char *kind, bool required, bool bad)
{
	struct view *field = view_add_item(view, "fields");

	view_set_str(field, "name", name);
	view_set_bool(field, "bad", bad);
	view_set_str(field, "label", label);
	view_set_num(field, "max", 40);
	view_set_bool(field, kind, true);
	view_set_bool(field, "required", required);
	if (strcmp(kind, "is_choice") == 0) {
		view_set_str(view_add_item(field, "choices"), "value",
		    "Food");
		view_set_str(view_add_item(field, "choices"), "value",
		    "Travel");
	}
}

static void
add_topic(struct view *view, unsigned traits, const char *title,
    const char *consent)
{
	struct view *topic = view_add_item(view, "topics");

	view_set_bool(topic, "required", (traits & BOX) != 0);
	view_set_str(topic, "name", "x");
	view_set_str(topic, "title", title);
	view_set_str(topic, "consent", consent);
}

static void
set_common(struct view *view, const struct templates *t, unsigned traits,
    const char *title)
{
	struct view *part = view_set_object(view, "controller");
	char *url;

	url = mem_printf("/assets/%s", templates_asset(t,
	    slice_str("style.css"))->url_name);
	view_set_str(view, "style_url", url);
	free(url);
	url = mem_printf("/assets/%s", templates_asset(t,
	    slice_str("confirm.js"))->url_name);
	view_set_str(view, "script_url", url);
	free(url);
	view_set_str(part, "name", "Example Publishing Ltd");
	view_set_str(part, "address", "1 Harbour Road, 20457 Hamburg");
	view_set_str(part, "contact", "privacy@example.org");
	view_set_str(part, "contact_url", "mailto:privacy@example.org");
	view_set_str(part, "privacy_url", PRIVACY_URL);
	view_set_bool(view, "several", (traits & SEVERAL) != 0);
	if (traits & BARE)
		return;
	part = view_set_object(view, "list");
	view_set_str(part, "name", "weekly");
	view_set_str(part, "title", title);
	add_topic(view, traits, title, "I want The Weekly by email, about "
	    "twice a month. I can withdraw this at any time.");
	if (traits & SEVERAL)
		add_topic(view, traits, "Product news", "I want news of new "
		    "products by email, at most once a month.");
}

static void
set_page(struct view *view, unsigned traits)
{
	view_set_str(view, "action", "/confirm/TOKEN");
	view_set_str(view, "hp_name", "b_1a2b_3c4d");
	view_set_bool(view, "auto", (traits & AUTO) != 0);
	view_set_bool(view, "tick", (traits & TICK) != 0);
	view_set_bool(view, "code_error", (traits & CODE_WRONG) != 0);
	view_set_bool(view, "pressed_missing", (traits & NO_PRESS) != 0);
	view_set_bool(view, "can_undo", (traits & UNDO) != 0);
	view_set_bool(view, "confirmed", (traits & CONFIRMED) != 0);
	if (traits & BOX) {
		add_field(view, "city", "City", "is_text", true,
		    (traits & FIELD_WRONG) != 0);
		add_field(view, "topic", "Favourite", "is_choice", false,
		    false);
	}
}

static void
set_texts(struct view *view, const struct templates *t, const char *lang,
    unsigned traits)
{
	struct buf text = { 0 };

	if (traits & WRONG) {
		templates_text(t, "error_invalid_email", lang, view, &text);
		view_set_str(view, "error_text", buf_str(&text));
		view_set_bool(view, "bad_email", true);
	}
	if (traits & (BARE | EXPIRED)) {
		bool gone = (traits & EXPIRED) != 0;

		view_set_num(view, "status", gone ? 410 : 404);
		templates_text(t, gone ? "error_title_410" :
		    "error_title_404", lang, view, &text);
		view_set_str(view, "error_title", buf_str(&text));
		buf_reset(&text);
		templates_text(t, gone ? "error_expired" : "error_not_found",
		    lang, view, &text);
		view_set_str(view, "error_text", buf_str(&text));
	}
	buf_fini(&text);
}

static void
set_mail(struct view *view)
{
	struct view *asked = view_set_object(view, "asked");

	view_set_str(view, "address", "somebody@example.net");
	view_set_str(view, "confirm_url", CONFIRM_URL);
	view_set_str(view, "notme_url", NOTME_URL);
	view_set_str(view, "unsubscribe_url", LEAVE_URL);
	view_set_str(view, "code", "K7PM-X2QD");
	view_set_str(asked, "date", "2026-11-23 05:32 UTC");
	view_set_str(asked, "origin", "https://www.example.org");
	view_set_str(asked, "ip", "203.0.113.0/24");
}

static char *
render(const struct templates *t, const struct scene *scene,
    const char *lang, const char *title)
{
	struct view *view = view_new();
	struct buf out = { 0 };

	set_common(view, t, scene->traits, title);
	if (slice_starts(slice_str(scene->template), "page/"))
		set_page(view, scene->traits);
	else
		set_mail(view);
	set_texts(view, t, lang, scene->traits);
	assert_int_equal(templates_render(t, scene->template, lang, view,
	    &out), 0);
	view_free(view);
	return buf_take(&out);
}

static void
dump(const struct scene *scene, const char *lang, const char *text)
{
	const char *folder = getenv("ASSENT_DUMP");
	const char *ending = strrchr(scene->template, '.');
	char *path;
	FILE *file;

	if (folder == NULL)
		return;
	path = mem_printf("%s/%s.%s%s", folder, scene->name, lang, ending);
	file = fopen(path, "we");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	free(path);
}

/* ---- checks ---- */

/* Whatever a list is called, it stays a text. */
static void
test_escaping(void **state)
{
	static const char title[] = "<script>alert('1')</script>\"&";

	for (size_t i = 0; i < SCENES; i++) {
		char *text = render(*state, &scenes[i], "en", title);
		bool html = slice_ends(slice_str(scenes[i].template),
		    ".html");

		if (html && strstr(text, "<script>") != NULL)
			fail_msg("%s: not escaped", scenes[i].template);
		if (html && strstr(text, "\"&\"") != NULL)
			fail_msg("%s: not escaped", scenes[i].template);
		if (!html && strstr(text, "&lt;") != NULL)
			fail_msg("%s: escaped", scenes[i].template);
		free(text);
	}
}

/* Nothing that the Content-Security-Policy would block. */
static void
check_page(const char *name, const char *text)
{
	static const char *const forbidden[] = { " style=", "<style",
		"<script>", "<img", "onclick", "javascript:", "{{", "}}" };

	for (size_t i = 0; i < sizeof(forbidden) / sizeof(forbidden[0]); i++) {
		if (strstr(text, forbidden[i]) != NULL)
			fail_msg("%s: holds \"%s\"", name, forbidden[i]);
	}
	assert_non_null(strstr(text, "<title>"));
	assert_non_null(strstr(text, "</html>"));
	assert_non_null(strstr(text, "<h1>"));
}

/* The only places that a text leads to. */
static void
check_links(const char *name, const char *text, bool confirm)
{
	static const char *const allowed[] = { PRIVACY_URL, CONFIRM_URL,
		NOTME_URL, "https://www.example.org.", LEAVE_URL };
	static const char origin[] = "https://www.example.org ";

	for (const char *at = strstr(text, "http"); at != NULL;
	    at = strstr(at + 1, "http")) {
		struct slice rest = slice_str(at);
		bool known = slice_starts(rest, origin);

		for (size_t i = 0; i < (confirm ? 4 : 5); i++)
			known |= slice_starts(rest, allowed[i]);
		if (!known)
			fail_msg("%s: leads to %.60s", name, at);
	}
}

static void
check_mail(const char *name, const char *text)
{
	bool confirm = strstr(name, "confirm") != NULL;

	if (strlen(text) > 5 * 1024)
		fail_msg("%s: %zu bytes", name, strlen(text));
	assert_null(strstr(text, "{{"));
	assert_null(strstr(text, "<img"));
	assert_null(strstr(text, "somebody@example.net"));
	assert_non_null(strstr(text, "Example Publishing Ltd"));
	assert_non_null(strstr(text, "1 Harbour Road, 20457 Hamburg"));
	assert_non_null(strstr(text, PRIVACY_URL));
	assert_non_null(strstr(text, confirm ? CONFIRM_URL : LEAVE_URL));
	assert_true(confirm == (strstr(text, "K7PM-X2QD") != NULL));
	assert_true(confirm == (strstr(text, NOTME_URL) != NULL));
	check_links(name, text, confirm);
}

static void
check_text_mail(const char *name, const char *text)
{
	struct slice rest = slice_str(text), line;

	if (strstr(name, "confirm") != NULL)
		assert_non_null(strstr(text, "\n\n" CONFIRM_URL "\n\n"));
	else
		assert_non_null(strstr(text, "\n\n" LEAVE_URL "\n\n"));
	assert_null(strstr(text, "\n\n\n"));
	while (slice_split(&rest, '\n', &line)) {
		if (shipped_width(line) > 78)
			fail_msg("%s: long line %.*s", name, SLICE_FMT(line));
	}
}

static void
check_scene(const struct scene *scene, const char *lang, const char *text)
{
	const char *template = scene->template;
	char *html_lang = mem_printf("<html lang=\"%s\"", lang);

	if (strncmp(template, "page/", 5) == 0)
		check_page(template, text);
	else
		check_mail(template, text);
	if (slice_ends(slice_str(template), ".txt"))
		check_text_mail(template, text);
	else
		assert_non_null(strstr(text, html_lang));
	free(html_lang);
}

static void
test_every_scene(void **state)
{
	for (size_t i = 0; i < SCENES; i++) {
		char *text[SHIPPED_LANGUAGES];

		for (size_t k = 0; k < SHIPPED_LANGUAGES; k++) {
			const char *lang = shipped_languages[k];

			text[k] = render(*state, &scenes[i], lang,
			    "The Weekly");
			dump(&scenes[i], lang, text[k]);
			check_scene(&scenes[i], lang, text[k]);
			if (k > 0)
				assert_string_not_equal(text[0], text[k]);
		}
		for (size_t k = 0; k < SHIPPED_LANGUAGES; k++)
			free(text[k]);
	}
}

/* What each state must show, and what it must not. */
static void
test_states(void **state)
{
	static const struct {
		const char *scene, *has, *lacks;
	} cases[] = {
		{ "form", "<div class=\"consent\"", "type=\"checkbox\"" },
		{ "form", "aria-hidden=\"true\"", "role=\"alert\"" },
		{ "form-wrong", "name=\"consent\"", "<div class=\"consent\"" },
		{ "form-several", "<li><bdi>Product news", "checkbox" },
		{ "form-several", ">I want news of new products", "checked" },
		{ "form-wrong", "role=\"alert\"", "maxlength=\"\"" },
		{ "form-wrong", "<option value=\"Food\">", "type=\"\"" },
		{ "pending", "name=\"code\"", "name=\"press\"" },
		{ "pending-wrong", "role=\"alert\"", "name=\"press\"" },
		{ "confirm", "<details", "data-auto" },
		{ "confirm", "<noscript>", "role=\"alert\"" },
		{ "confirm-auto", "data-auto", "<noscript>" },
		{ "confirm-no-press", "role=\"status\"", "<details" },
		{ "confirm-wrong", "role=\"alert\"", "<details" },
		{ "confirm-several", "Product news", "data-auto" },
		{ "unsubscribe", "name=\"press\"", "name=\"sure\"" },
		{ "unsubscribe-tick", "name=\"sure\"", " checked" },
		{ "notme", "name=\"press\"", "name=\"sure\"" },
		{ "notme-done", "name=\"undo\"", "name=\"sure\"" },
		{ "notme-done", "name=\"press\"", "role=\"status\"" },
		{ "notme-done-tick", "name=\"sure\"", " checked" },
		{ "form-field-wrong", "autofocus", "aria-describedby" },
		{ "form-field-wrong", "class=\"mistake\"", "role=\"alert\"" },
		{ "pending", "/subscribe/weekly", "any more" },
		{ "unsubscribed", "/subscribe/weekly", "these" },
		{ "unsubscribed-several", "Product news", "these any more: " },
		{ "unsubscribed-gone", "get this any more", "/subscribe/" },
		{ "notme-several", "these lists:</p>", "these lists: " },
		{ "notme-done", "30 days", "nothing left" },
		{ "notme-gone", "nothing left", "30 days" },
		{ "mail-confirm", ">" CONFIRM_URL "</a>", "role=\"alert\"" },
		{ "mail-welcome", "display:none", "role=\"alert\"" },
		{ "mail-welcome", LEAVE_URL, "<img" },
		{ "mail-confirm", "display:none", "<img" },
		{ "error", "404", "class=\"consent\"" },
		{ "error", "\"mailto:privacy@example.org\"", "/subscribe/" },
		{ "error-expired", "href=\"/subscribe/weekly\"", "404" },
		{ "notme", "30 days", "you are unsubscribed" },
		{ "notme-confirmed", "you are unsubscribed", "30 days" },
		{ "mail-welcome", "\"mailto:privacy@example.org\"", "{{" },
		{ "manage-ask", "name=\"email\"", "role=\"alert\"" },
		{ "manage-ask-wrong", "class=\"problem\"", "name=\"press\"" },
		{ "manage", "<noscript>", "role=\"alert\"" },
		{ "manage-no-press", "name=\"code\"", "<noscript>" },
		{ "manage-open", "name=\"list_x\" value=\"1\" checked",
		    "role=\"status\"" },
		{ "manage-open", "value=\"save\"", "class=\"mistake\"" },
		{ "manage-open-wrong", "class=\"mistake\"", "role=\"status\"" },
		{ "manage-data", "value=\"export\"", "value=\"save\"" },
		{ "manage-erase", "name=\"never\"", " checked" },
		{ "manage-erase", "value=\"erase_now\"", "value=\"erase\"" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t k = 0;
		char *text;

		while (strcmp(scenes[k].name, cases[i].scene) != 0)
			assert_true(++k < SCENES);
		text = render(*state, &scenes[k], "en", "The Weekly");
		if (strstr(text, cases[i].has) == NULL)
			fail_msg("%s lacks %s", cases[i].scene, cases[i].has);
		if (strstr(text, cases[i].lacks) != NULL)
			fail_msg("%s has %s", cases[i].scene, cases[i].lacks);
		free(text);
	}
}

static void
test_unknown_names(void **state)
{
	struct view *view = view_new();
	struct buf out = { 0 };

	assert_int_equal(templates_render(*state, "page/none.html", "en",
	    view, &out), -1);
	templates_source(*state, "page/none.html", "en", &out);
	assert_int_equal(out.len, 0);
	assert_null(templates_asset(*state, slice_str("none.css")));
	assert_null(templates_asset(*state, slice_str("../lang/en")));
	view_free(view);
	buf_fini(&out);
}

static void
test_assets(void **state)
{
	const struct asset *style = templates_asset(*state,
	    slice_str("style.css"));

	assert_non_null(style);
	assert_ptr_equal(templates_asset(*state, slice_str(style->url_name)),
	    style);
	assert_true(slice_starts(slice_str(style->url_name), "style-"));
	assert_int_equal(strlen(style->url_name),
	    strlen("style-0123456789ab.css"));
	assert_string_equal(style->type, "text/css; charset=utf-8");
	assert_true(slice_starts(style->content, "/*"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_scene),
		cmocka_unit_test(test_escaping),
		cmocka_unit_test(test_states),
		cmocka_unit_test(test_unknown_names),
		cmocka_unit_test(test_assets),
	};

	return cmocka_run_group_tests(tests, shipped_load, shipped_unload);
}
