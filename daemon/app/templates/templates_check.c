/* SPDX-License-Identifier: ISC */
/*
 * What the files of a template folder owe each other and the program: that
 * partials and texts exist, and everything that the program will ask for.
 */
#include <stdlib.h>

#include "app/templates/templates_set.h"
#include "base/mem.h"
#include "core/catalog.h"
#include "core/mustache.h"
#include "core/view.h"

static const char *const needed_templates[] = {
	"page/form.html", "page/pending.html", "page/confirm.html",
	"page/confirmed.html", "page/unsubscribe.html",
	"page/unsubscribed.html", "page/notme.html", "page/notme_done.html",
	"page/error.html", "page/manage_ask.html", "page/manage_sent.html",
	"page/manage.html", "page/manage_open.html", "page/manage_data.html",
	"page/manage_erase.html", "page/manage_erased.html",
	"mail/confirm.txt", "mail/confirm.html", "mail/welcome.txt",
	"mail/welcome.html", "mail/already.txt", "mail/already.html",
	"mail/manage.txt", "mail/manage.html", "mail/goodbye.txt",
	"mail/goodbye.html",
};

static const char *const needed_texts[] = {
	"dir", "date", "month_1", "month_2", "month_3", "month_4", "month_5",
	"month_6", "month_7", "month_8", "month_9", "month_10", "month_11",
	"month_12", "mail_confirm_subject", "mail_welcome_subject",
	"mail_already_subject", "mail_manage_subject",
	"mail_goodbye_subject",
	"error_invalid_email", "error_missing_email", "error_unknown_list",
	"error_invalid_field", "error_consent_required",
	"error_challenge_required", "error_invalid_challenge",
	"error_origin_not_allowed", "error_bad_request", "error_too_large",
	"error_unsupported_media_type", "error_rate_limited",
	"error_unavailable", "error_not_found", "error_expired",
	"error_method_not_allowed", "error_wrong_code",
	"error_title_400", "error_title_403", "error_title_404",
	"error_title_405", "error_title_410", "error_title_413",
	"error_title_415", "error_title_429", "error_title_503",
	"state_confirmed", "state_pending", "state_unsubscribed",
	"event_subscribe", "event_mailed", "event_confirm",
	"event_unsubscribe", "event_notme", "event_undo", "event_expire",
	"event_refused", "event_already", "event_bounce", "event_complaint",
	"event_suppress", "event_unsuppress", "event_erase", "event_resend",
	"event_manage", "event_open", "event_change",
	"fact_list", "fact_consent", "fact_ip", "fact_agent", "fact_origin",
	"fact_form", "fact_way", "fact_detail", "way_click", "way_tick",
	"way_oneclick", "way_cookie", "way_code", "way_admin", "way_manage",
	"manage_purpose", "manage_retention",
};

static const char *const needed_assets[] = { "style.css", "confirm.js" };

/* All that templates and texts are given: their README says what by what. */
static const char *const known_names[] = {
	".", "action", "address", "asked", "auto", "bad", "bad_consent",
	"bad_email", "bad_name", "base_url", "can_undo", "carried", "choices",
	"chosen", "code", "code_error", "confirm_url", "confirmed", "consent",
	"contact", "contact_url", "controller", "date", "day", "days", "email",
	"error_text", "error_title", "events", "expired", "facts", "fields",
	"first", "form_token", "hour", "hp_name", "ip", "is_choice", "is_date",
	"is_email", "is_first", "is_number", "is_text", "is_url", "joinable",
	"label", "lang", "list", "manage_ask_url", "manage_url", "max",
	"minute", "month", "name", "never", "no_code", "no_lists", "notme_url",
	"origin", "pressed_missing", "privacy_url", "required", "saved",
	"script_url", "several", "source", "spoken", "state", "status",
	"style_url", "subscribe_url", "suppressed", "tick", "title", "topics",
	"typed", "unsubscribe_url", "value", "waiting", "year",
};

/* What must be seen in a page or mail, or it would be of no use. */
static const struct {
	const char *template, *member;
} shown[] = {
	{ "page/form.html", "action" },
	{ "page/pending.html", "action" },
	{ "page/confirm.html", "action" },
	{ "page/unsubscribe.html", "action" },
	{ "page/notme.html", "action" },
	{ "mail/confirm.txt", "confirm_url" },
	{ "mail/confirm.html", "confirm_url" },
	{ "mail/confirm.txt", "notme_url" },
	{ "mail/confirm.html", "notme_url" },
	{ "mail/welcome.txt", "unsubscribe_url" },
	{ "mail/welcome.html", "unsubscribe_url" },
	{ "mail/already.txt", "unsubscribe_url" },
	{ "mail/already.html", "unsubscribe_url" },
	{ "page/manage_ask.html", "action" },
	{ "page/manage.html", "action" },
	{ "page/manage_open.html", "action" },
	{ "page/manage_data.html", "action" },
	{ "page/manage_erase.html", "action" },
	{ "mail/manage.txt", "manage_url" },
	{ "mail/manage.html", "manage_url" },
	{ "mail/manage.txt", "code" },
	{ "mail/manage.html", "code" },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct check {
	const struct templates *set;
	const char *folder;
	const char *name;		/* of the file looked at */
	unsigned line;			/* where a text stands; 0: templates */
	struct buf *errors;
	bool failed;
};

static void fail(struct check *, unsigned line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void
fail(struct check *c, unsigned line, const char *fmt, ...)
{
	va_list ap;

	buf_printf(c->errors, "%s/%s:%u: ", c->folder, c->name, line);
	va_start(ap, fmt);
	buf_vprintf(c->errors, fmt, ap);
	va_end(ap);
	buf_add_char(c->errors, '\n');
	c->failed = true;
}

/* In a list's English, or the shared one. */
static bool
english_has(const struct check *c, struct slice key)
{
	const struct templates *t = c->set;
	bool has = slice_eq_str(key, "lang");

	for (; t != NULL && !has; t = t->shared) {
		const struct language *english = templates_catalog(t,
		    slice_str("en"));

		has = english != NULL &&
		    catalog_text(english->catalog, key) != NULL;
	}
	return has;
}

static bool
is_known(struct slice part)
{
	for (size_t i = 0; i < COUNT(known_names); i++) {
		if (slice_eq_str(part, known_names[i]))
			return true;
	}
	return false;
}

/* A name that is misspelt would show nothing, and nobody would notice. */
static void
check_name(struct check *c, struct slice name, unsigned line)
{
	struct slice rest = name, part;

	if (is_known(name))
		return;
	while (slice_split(&rest, '.', &part)) {
		if (is_known(part))
			continue;
		fail(c, line, "there is no \"%.*s\" to show: the README of "
		    "the templates has the names", SLICE_FMT(name));
		return;
	}
}

/* Called for the tags of templates and of texts. */
static void
check_tag(enum mustache_tag tag, struct slice name, unsigned line, void *arg)
{
	struct check *c = arg;
	struct slice key = templates_text_key(name);

	if (c->line > 0)
		line = c->line;
	switch (tag) {
	case MUSTACHE_PARTIAL:
		if (c->line > 0)
			fail(c, line, "a text can't hold {{> %.*s}}: only "
			    "pages and mails can", SLICE_FMT(name));
		else if (templates_partial(c->set, c->name, name) == NULL)
			fail(c, line, "{{> %.*s}} is not there: it would be "
			    "a file of this ending beside this one",
			    SLICE_FMT(name));
		break;
	case MUSTACHE_SECTION:
		if (key.len > 0)
			fail(c, line, "{{#%.*s}}: texts are no sections; "
			    "write {{%.*s}}", SLICE_FMT(name),
			    SLICE_FMT(name));
		else
			check_name(c, name, line);
		break;
	case MUSTACHE_VALUE:
		if (key.len == 0)
			check_name(c, name, line);
		else if (!english_has(c, key))
			fail(c, line, "{{%.*s}} is no text: lang/en has no "
			    "\"%.*s\"", SLICE_FMT(name), SLICE_FMT(key));
		break;
	}
}

/* Includes itself without end?  Then an empty view shows it. */
static void
check_depth(struct check *c)
{
	struct view *view = view_new();
	struct buf out = { 0 };

	if (templates_render(c->set, c->name, "en", view, &out) < 0)
		fail(c, 1, "its partials stand in themselves without end");
	buf_fini(&out);
	view_free(view);
}

/* A list's parts of a page may stand in a page that isn't its own. */
static void
check_shown(struct check *c, const char *template, const char *member)
{
	static const char mark[] = "a0b1c2d3";
	struct view *view = view_new();
	struct buf out = { 0 };

	view_set_str(view, member, mark);
	c->name = template;
	if (templates_render(c->set, template, "en", view, &out) == 0 &&
	    strstr(buf_str(&out), mark) == NULL)
		fail(c, 1, "{{%s}} is not shown: without it this is of no "
		    "use", member);
	buf_fini(&out);
	view_free(view);
}

struct search {
	struct slice key;
	bool found;
};

static void
match_key(enum mustache_tag tag, struct slice name, unsigned line, void *arg)
{
	struct search *search = arg;

	(void)tag;
	(void)line;
	search->found |= slice_eq(templates_text_key(name), search->key);
}

/*
 * The shared English decides what texts there are; but a list's own templates
 * may show texts of their own.
 */
static bool
is_text(const struct check *c, struct slice key)
{
	struct check shared = *c;
	struct search search = { key, false };

	if (c->set->shared == NULL)
		return english_has(c, key);
	shared.set = c->set->shared;
	for (size_t i = 0; i < c->set->template_count; i++)
		mustache_each_tag(c->set->template[i].mustache, match_key,
		    &search);
	return search.found || english_has(&shared, key);
}

/* A text that holds itself, maybe by way of another? */
static void
check_text_depth(struct check *c, struct slice key)
{
	struct view *view = view_new();
	struct buf out = { 0 };
	char *name = slice_dup(key);

	if (templates_try_text(c->set, name, c->name + strlen("lang/"), view,
	    &out) < 0)
		fail(c, c->line, "\"%s\" stands in itself without end", name);
	free(name);
	buf_fini(&out);
	view_free(view);
}

static void
check_text(struct slice key, const struct mustache *text, unsigned line,
    void *arg)
{
	struct check *c = arg;
	struct slice dir = mustache_source(text);

	c->line = line;
	if (!is_text(c, key))
		fail(c, line, "no template knows \"%.*s\": mend the key, or "
		    "add it to lang/en first", SLICE_FMT(key));
	if (slice_eq_str(key, "dir") && !slice_eq_str(dir, "ltr") &&
	    !slice_eq_str(dir, "rtl"))
		fail(c, line, "\"dir\" is how the language runs: ltr or rtl");
	mustache_each_tag(text, check_tag, c);
	check_text_depth(c, key);
	c->line = 0;
}

static void
check_languages(struct check *c)
{
	for (size_t i = 0; i < c->set->language_count; i++) {
		char *name = mem_printf("lang/%s", c->set->language[i].name);

		c->name = name;
		catalog_each(c->set->language[i].catalog, check_text, c);
		free(name);
	}
}

static void
check_templates(struct check *c)
{
	for (size_t i = 0; i < c->set->template_count; i++) {
		c->name = c->set->template[i].name;
		mustache_each_tag(c->set->template[i].mustache, check_tag, c);
		check_depth(c);
	}
	for (size_t i = 0; i < COUNT(shown); i++) {
		if (templates_find(c->set, slice_str(shown[i].template)) !=
		    NULL)
			check_shown(c, shown[i].template, shown[i].member);
	}
}

/* ---- what only the shared files must be ---- */

static void
check_needed(struct check *c)
{
	c->name = "lang/en";
	for (size_t i = 0; i < COUNT(needed_texts); i++) {
		if (!english_has(c, slice_str(needed_texts[i])))
			fail(c, 1, "\"%s\" is missing: the program needs it",
			    needed_texts[i]);
	}
	for (size_t i = 0; i < COUNT(needed_templates); i++) {
		c->name = needed_templates[i];
		if (templates_find(c->set, slice_str(c->name)) == NULL)
			fail(c, 1, "this file is missing: the program needs "
			    "it");
	}
	c->name = "assets";
	for (size_t i = 0; i < COUNT(needed_assets); i++) {
		if (templates_asset(c->set,
		    slice_str(needed_assets[i])) == NULL)
			fail(c, 1, "%s is missing: the program needs it",
			    needed_assets[i]);
	}
}

/* ---- what only a list's own files must be ---- */

/* "mail/confrim.txt" would never be asked for. */
static void
check_places(struct check *c)
{
	for (size_t i = 0; i < c->set->template_count; i++) {
		struct slice name = slice_str(c->set->template[i].name);
		ptrdiff_t slash = slice_find(name, '/');

		c->name = name.p;
		if (name.p[slash + 1] != '_' &&
		    templates_find(c->set->shared, name) == NULL)
			fail(c, 1, "there is no shared file of this name that "
			    "it could stand for");
	}
}

static bool
check_list(const struct templates *own, const char *folder,
    struct buf *errors)
{
	char *path = mem_printf("%s/list/%s", folder, own->list);
	struct check c = { .set = own, .folder = path, .errors = errors };

	check_places(&c);
	check_languages(&c);
	/* Of a list's part that is wrong, each page would say so again. */
	if (!c.failed)
		check_templates(&c);
	free(path);
	return !c.failed;
}

int
templates_check(const struct templates *t, const char *folder,
    struct buf *errors)
{
	struct check c = { .set = t, .folder = folder, .errors = errors,
		.name = "lang/en" };
	bool own_failed = false;

	if (!templates_has_lang(t, slice_str("en"))) {
		fail(&c, 1, "this file is missing: English is what other "
		    "languages fall back to");
		return -1;
	}
	check_languages(&c);
	check_templates(&c);
	check_needed(&c);
	for (size_t i = 0; i < t->own_count && !c.failed; i++)
		own_failed |= !check_list(t->own[i], folder, errors);
	return c.failed || own_failed ? -1 : 0;
}
