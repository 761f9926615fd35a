/* SPDX-License-Identifier: ISC */
/*
 * Rendering from a set of templates: finds the template, the language and
 * the texts; how they were read is not its business.
 */
#include "app/templates/templates.h"

#include <stdlib.h>

#include "app/templates/templates_set.h"
#include "base/mem.h"
#include "core/catalog.h"
#include "core/lang.h"
#include "core/mustache.h"
#include "core/view.h"
#include "core/wrap.h"

enum { MAIL_COLUMNS = 72, CATALOGS_MAX = 4 };

/* Where the texts of a language are looked for, the nearest first. */
struct tongue {
	const struct language *catalog[CATALOGS_MAX];	/* NULL: none */
	const struct language *named;	/* what the language is called by */
};

/* What a template being rendered may ask for. */
struct rendering {
	const struct templates *set;
	const char *name;
	struct tongue tongue;
};

struct templates *
templates_load(const char *folder, struct buf *errors)
{
	return templates_load_from(NULL, folder, errors);
}

struct templates *
templates_load_from(struct files *files, const char *folder,
    struct buf *errors)
{
	struct templates *t = MEM_NEW(struct templates);

	if (templates_read(t, files, folder, errors) == 0 &&
	    templates_check(t, folder, errors) == 0)
		return t;
	templates_free(t);
	return NULL;
}

void
templates_free(struct templates *t)
{
	if (t == NULL)
		return;
	for (size_t i = 0; i < t->own_count; i++)
		templates_free(t->own[i]);
	free(t->own);
	free(t->list);
	for (size_t i = 0; i < t->template_count; i++) {
		free(t->template[i].name);
		mustache_free(t->template[i].mustache);
	}
	for (size_t i = 0; i < t->language_count; i++) {
		free(t->language[i].name);
		catalog_free(t->language[i].catalog);
		mustache_free(t->language[i].tag);
	}
	for (size_t i = 0; i < t->asset_count; i++) {
		free(t->asset[i].name);
		free(t->asset[i].url_name);
		free(t->asset[i].content);
	}
	free(t->template);
	free(t->language);
	free(t->asset);
	free(t);
}

const struct templates *
templates_of_list(const struct templates *t, const char *list)
{
	for (size_t i = 0; list != NULL && i < t->own_count; i++) {
		if (strcmp(t->own[i]->list, list) == 0)
			return t->own[i];
	}
	return t;
}

const struct template *
templates_find(const struct templates *t, struct slice name)
{
	for (; t != NULL; t = t->shared) {
		for (size_t i = 0; i < t->template_count; i++) {
			if (slice_eq_str(name, t->template[i].name))
				return &t->template[i];
		}
	}
	return NULL;
}

const struct language *
templates_catalog(const struct templates *t, struct slice tag)
{
	for (size_t i = 0; i < t->language_count; i++) {
		if (slice_ieq_str(tag, t->language[i].name))
			return &t->language[i];
	}
	return NULL;
}

/* Of these files alone: the tag's own, or a wider one; or NULL. */
static const struct language *
find_wider(const struct templates *t, struct slice tag)
{
	const struct language *found = templates_catalog(t, tag);
	ptrdiff_t at;

	while (found == NULL && (at = slice_rfind(tag, '-')) > 0) {
		tag.len = (size_t)at;
		found = templates_catalog(t, tag);
	}
	return found;
}

/* A list's own texts in the language, the shared ones, and then English. */
static struct tongue
find_tongue(const struct templates *set, const char *lang)
{
	const struct slice tags[] = { slice_str(lang), slice_str("en") };
	struct tongue tongue = { 0 };
	size_t count = 0;

	for (size_t i = 0; i < 2; i++) {
		for (const struct templates *t = set; t != NULL;
		    t = t->shared) {
			const struct language *l = find_wider(t, tags[i]);

			tongue.catalog[count++] = l;
			if (l != NULL && (tongue.named == NULL ||
			    (i == 0 && strlen(l->name) >
			    strlen(tongue.named->name))))
				tongue.named = l;
		}
	}
	return tongue;
}

const struct template *
templates_partial(const struct templates *t, const char *name,
    struct slice partial)
{
	struct slice own = slice_str(name);
	ptrdiff_t slash = slice_find(own, '/'), dot = slice_rfind(own, '.');
	const struct template *found;
	struct buf path = { 0 };

	if (slash < 0 || dot < slash)
		return NULL;
	buf_add(&path, own.p, (size_t)slash + 1);
	buf_add_slice(&path, partial);
	buf_add_slice(&path, slice_sub(own, (size_t)dot, own.len));
	found = templates_find(t, buf_slice(&path));
	buf_fini(&path);
	return found;
}

struct slice
templates_text_key(struct slice name)
{
	return slice_starts(name, "t.") ? slice_sub(name, 2, name.len) :
	    slice_of(NULL, 0);
}

static const struct mustache *
find_text(const struct tongue *tongue, struct slice key)
{
	const struct mustache *text = NULL;

	if (slice_eq_str(key, "lang"))
		return tongue->named != NULL ? tongue->named->tag : NULL;
	for (size_t i = 0; i < CATALOGS_MAX && text == NULL; i++) {
		if (tongue->catalog[i] != NULL)
			text = catalog_text(tongue->catalog[i]->catalog,
			    key);
	}
	return text;
}

static const struct mustache *
on_text(const void *arg, struct slice name)
{
	const struct rendering *r = arg;
	struct slice key = templates_text_key(name);

	return key.len > 0 ? find_text(&r->tongue, key) : NULL;
}

static const struct mustache *
on_partial(const void *arg, struct slice name)
{
	const struct rendering *r = arg;
	const struct template *partial = templates_partial(r->set, r->name,
	    name);

	return partial != NULL ? partial->mustache : NULL;
}

static struct rendering
rendering_of(const struct templates *t, const char *name, const char *lang)
{
	return (struct rendering){ .set = t, .name = name,
		.tongue = find_tongue(t, lang) };
}

int
templates_render(const struct templates *t, const char *name,
    const char *lang, const struct view *view, struct buf *out)
{
	const struct template *template = templates_find(t, slice_str(name));
	struct rendering r = rendering_of(t, name, lang);
	struct mustache_world world = { on_partial, on_text, &r,
		slice_ends(slice_str(name), ".html") };
	struct buf text = { 0 };
	int status;

	if (template == NULL)
		return -1;
	if (world.html)
		return mustache_render(template->mustache, view, &world, out);
	status = mustache_render(template->mustache, view, &world, &text);
	wrap_text(out, buf_slice(&text), MAIL_COLUMNS);
	buf_fini(&text);
	return status;
}

int
templates_try_text(const struct templates *t, const char *key,
    const char *lang, const struct view *view, struct buf *out)
{
	struct rendering r = rendering_of(t, "", lang);
	struct mustache_world world = { NULL, on_text, &r, false };
	const struct mustache *text = find_text(&r.tongue, slice_str(key));

	return text != NULL ? mustache_render(text, view, &world, out) : 0;
}

void
templates_text(const struct templates *t, const char *key, const char *lang,
    const struct view *view, struct buf *out)
{
	/* Too deep is found when the templates are read. */
	(void)templates_try_text(t, key, lang, view, out);
}

/* ---- what a template is made of ---- */

struct recipe {
	struct rendering rendering;
	struct buf *out;
	struct buf seen;	/* partials and texts, a line each */
};

static void add_ingredient(enum mustache_tag, struct slice name,
    unsigned line, void *arg);

/* Once for each name. */
static bool
is_new(struct recipe *r, struct slice name)
{
	struct slice rest = buf_slice(&r->seen), line;

	while (slice_split(&rest, '\n', &line)) {
		if (slice_eq(line, name))
			return false;
	}
	buf_add_slice(&r->seen, name);
	buf_add_char(&r->seen, '\n');
	return true;
}

static void
add_source(struct recipe *r, const struct mustache *m)
{
	buf_add_slice(r->out, mustache_source(m));
	buf_add_char(r->out, '\n');
	mustache_each_tag(m, add_ingredient, r);
}

static void
add_ingredient(enum mustache_tag tag, struct slice name, unsigned line,
    void *arg)
{
	struct recipe *r = arg;
	const struct mustache *m = tag == MUSTACHE_PARTIAL ?
	    on_partial(&r->rendering, name) : on_text(&r->rendering, name);

	(void)line;
	if (m == NULL || !is_new(r, name))
		return;
	buf_printf(r->out, tag == MUSTACHE_PARTIAL ? "{{> %.*s}}:\n" :
	    "{{%.*s}} = ", SLICE_FMT(name));
	add_source(r, m);
}

void
templates_source(const struct templates *t, const char *name,
    const char *lang, struct buf *out)
{
	const struct template *template = templates_find(t, slice_str(name));
	struct recipe r = { rendering_of(t, name, lang), out, { 0 } };

	if (template != NULL)
		add_source(&r, template->mustache);
	buf_fini(&r.seen);
}

/* ---- languages and assets ---- */

bool
templates_has_lang(const struct templates *t, struct slice lang)
{
	bool has = false;

	for (; t != NULL && !has; t = t->shared)
		has = templates_catalog(t, lang) != NULL;
	return has;
}

const char *
templates_lang(const struct templates *t, const char *tag)
{
	const struct language *named = find_tongue(t, tag).named;

	return named != NULL ? named->name : "en";
}

void
templates_each_lang(const struct templates *t,
    void (*on_lang)(const char *lang, void *arg), void *arg)
{
	const struct templates *shared = t->shared;

	for (size_t i = 0; i < t->language_count; i++)
		on_lang(t->language[i].name, arg);
	for (size_t i = 0; shared != NULL && i < shared->language_count; i++) {
		const char *name = shared->language[i].name;

		if (templates_catalog(t, slice_str(name)) == NULL)
			on_lang(name, arg);
	}
}

/* Of these files alone. */
static const struct asset *
find_asset(const struct templates *t, struct slice name, bool by_url_alone)
{
	for (size_t i = 0; i < t->asset_count; i++) {
		const struct asset *a = &t->asset[i].asset;

		if (slice_eq_str(name, a->url_name) ||
		    (!by_url_alone && slice_eq_str(name, a->name)))
			return a;
	}
	return NULL;
}

const struct asset *
templates_asset(const struct templates *t, struct slice name)
{
	const struct asset *found = find_asset(t, name, false);

	if (found == NULL && t->shared != NULL)
		found = find_asset(t->shared, name, false);
	for (size_t i = 0; i < t->own_count && found == NULL; i++)
		found = find_asset(t->own[i], name, true);
	return found;
}
