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

enum { MAIL_COLUMNS = 72 };

/* What a template being rendered may ask for. */
struct rendering {
	const struct templates *set;
	const char *name;
	const struct language *language, *english;
};

struct templates *
templates_load(const char *folder, struct buf *errors)
{
	struct templates *t = MEM_NEW(struct templates);

	if (templates_read(t, folder, errors) == 0 &&
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

const struct template *
templates_find(const struct templates *t, struct slice name)
{
	for (size_t i = 0; i < t->template_count; i++) {
		if (slice_eq_str(name, t->template[i].name))
			return &t->template[i];
	}
	return NULL;
}

/* One of exactly that tag. */
static const struct language *
find_language(const struct templates *t, struct slice tag)
{
	for (size_t i = 0; i < t->language_count; i++) {
		if (slice_ieq_str(tag, t->language[i].name))
			return &t->language[i];
	}
	return NULL;
}

const struct language *
templates_language(const struct templates *t, struct slice tag)
{
	const struct language *found = find_language(t, tag);
	ptrdiff_t at;

	while (found == NULL && (at = slice_rfind(tag, '-')) > 0) {
		tag.len = (size_t)at;
		found = find_language(t, tag);
	}
	return found != NULL ? found : find_language(t, slice_str("en"));
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
find_text(const struct language *language, struct slice key)
{
	if (language == NULL)
		return NULL;
	return slice_eq_str(key, "lang") ? language->tag :
	    catalog_text(language->catalog, key);
}

static const struct mustache *
on_text(const void *arg, struct slice name)
{
	const struct rendering *r = arg;
	struct slice key = templates_text_key(name);
	const struct mustache *text = NULL;

	if (key.len > 0)
		text = find_text(r->language, key);
	if (key.len > 0 && text == NULL)
		text = find_text(r->english, key);
	return text;
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
		.language = templates_language(t, slice_str(lang)),
		.english = find_language(t, slice_str("en")) };
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

void
templates_text(const struct templates *t, const char *key, const char *lang,
    const struct view *view, struct buf *out)
{
	struct rendering r = rendering_of(t, "", lang);
	struct mustache_world world = { NULL, on_text, &r, false };
	const struct mustache *text = find_text(r.language, slice_str(key));

	if (text == NULL)
		text = find_text(r.english, slice_str(key));
	/* Too deep is found when the templates are read. */
	if (text != NULL)
		(void)mustache_render(text, view, &world, out);
}

struct slice
templates_source(const struct templates *t, const char *name)
{
	const struct template *template = templates_find(t, slice_str(name));

	return template != NULL ? mustache_source(template->mustache) :
	    slice_of(NULL, 0);
}

bool
templates_has_lang(const struct templates *t, struct slice lang)
{
	return find_language(t, lang) != NULL;
}

const struct asset *
templates_asset(const struct templates *t, struct slice name)
{
	for (size_t i = 0; i < t->asset_count; i++) {
		const struct asset *a = &t->asset[i].asset;

		if (slice_eq_str(name, a->url_name) ||
		    slice_eq_str(name, a->name))
			return a;
	}
	return NULL;
}
