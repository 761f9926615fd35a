/* SPDX-License-Identifier: ISC */
/*
 * What the files of a template folder owe each other and the program: that
 * partials and texts exist, and everything that the program will ask for.
 */
#include <stdlib.h>

#include "app/mail_kind.h"
#include "app/templates/templates_needs.h"
#include "app/templates/templates_set.h"
#include "base/mem.h"
#include "core/catalog.h"
#include "core/mustache.h"
#include "core/view.h"

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
	for (size_t i = 0; templates_known_names[i] != NULL; i++) {
		if (slice_eq_str(part, templates_known_names[i]))
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
	struct buf out = { 0 };
	struct view *view;

	if (templates_find(c->set, slice_str(template)) == NULL)
		return;
	view = view_new();
	view_set_str(view, member, mark);
	c->name = template;
	if (templates_render(c->set, template, "en", view, &out) == 0 &&
	    strstr(buf_str(&out), mark) == NULL)
		fail(c, 1, "{{%s}} is not shown: without it this is of no "
		    "use", member);
	buf_fini(&out);
	view_free(view);
}

static void
check_mail(struct check *c, const struct mail_kind *kind)
{
	struct slice rest = slice_str(kind->shows), word;

	while (rest.len > 0 && slice_split(&rest, ' ', &word)) {
		char *member = slice_dup(word);

		check_shown(c, kind->text, member);
		check_shown(c, kind->html, member);
		free(member);
	}
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
	for (const struct templates_shown *s = templates_shown;
	    s->template != NULL; s++)
		check_shown(c, s->template, s->member);
	for (size_t i = 0; i < mail_kind_count(); i++)
		check_mail(c, mail_kind_get(i));
}

/* ---- what only the shared files must be ---- */

static void
need_text(struct check *c, const char *key)
{
	c->name = "lang/en";
	if (!english_has(c, slice_str(key)))
		fail(c, 1, "\"%s\" is missing: the program needs it", key);
}

static void
need_file(struct check *c, const char *name)
{
	c->name = name;
	if (templates_find(c->set, slice_str(name)) == NULL)
		fail(c, 1, "this file is missing: the program needs it");
}

static void
check_needed(struct check *c)
{
	const char *const *need;

	for (need = templates_needed_texts; *need != NULL; need++)
		need_text(c, *need);
	for (need = templates_needed_files; *need != NULL; need++)
		need_file(c, *need);
	for (size_t i = 0; i < mail_kind_count(); i++) {
		const struct mail_kind *kind = mail_kind_get(i);

		need_text(c, kind->subject);
		need_file(c, kind->text);
		need_file(c, kind->html);
	}
	c->name = "assets";
	for (need = templates_needed_assets; *need != NULL; need++) {
		if (templates_asset(c->set, slice_str(*need)) == NULL)
			fail(c, 1, "%s is missing: the program needs it",
			    *need);
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
