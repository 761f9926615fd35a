/* SPDX-License-Identifier: ISC */
/*
 * The texts of mails.  Lists without templates of their own share them.
 */
#include "app/engine/mail_text.h"

#include <stdlib.h>

#include "app/engine/engine.h"
#include "app/engine/meta.h"
#include "app/mail_kind.h"
#include "app/templates/templates.h"
#include "base/mem.h"

/* One language of one set of templates. */
struct mail_text {
	const struct templates *set;
	const char *lang;
	uint8_t hash[MAIL_KINDS_MAX][32];
};

struct mail_texts {
	struct mail_text *text;
	size_t count;
	const struct templates *set;	/* while they are made */
};

static void
add_lang(const char *lang, void *arg)
{
	struct mail_texts *t = arg;

	t->text = mem_resize(t->text, t->count + 1, sizeof(*t->text));
	t->text[t->count++] = (struct mail_text){ .set = t->set,
		.lang = lang };
}

static void
add_set(struct mail_texts *t, const struct templates *set)
{
	t->set = set;
	templates_each_lang(set, add_lang, t);
}

struct mail_texts *
mail_texts_new(const struct config *config, const struct templates *templates)
{
	struct mail_texts *t = MEM_NEW(struct mail_texts);

	add_set(t, templates);
	for (size_t i = 0; i < config->list_count; i++) {
		const struct templates *own = templates_of_list(templates,
		    config->lists[i].name);

		if (own != templates)
			add_set(t, own);
	}
	return t;
}

void
mail_texts_free(struct mail_texts *t)
{
	if (t != NULL)
		free(t->text);
	free(t);
}

/* Both parts of a mail, as one text to keep; owned. */
static char *
make_text(const struct mail_text *text, size_t kind)
{
	const struct mail_kind *k = mail_kind_get(kind);
	struct buf out = { 0 };

	templates_source(text->set, k->text, text->lang, &out);
	templates_source(text->set, k->html, text->lang, &out);
	return buf_take(&out);
}

void
mail_texts_gather(struct turn *turn, struct mail_texts *t)
{
	for (size_t i = 0; i < t->count; i++) {
		struct mail_text *text = &t->text[i];

		for (size_t kind = 0; kind < mail_kind_count(); kind++) {
			char *content = make_text(text, kind);

			meta_gather_text(turn, content, text->hash[kind]);
			free(content);
		}
	}
}

void
mail_texts_put(struct turn *turn, const struct mail_texts *t)
{
	for (size_t i = 0; i < t->count; i++) {
		for (size_t kind = 0; kind < mail_kind_count(); kind++) {
			char *content = make_text(&t->text[i], kind);

			meta_put_text(turn, content);
			free(content);
		}
	}
}

uint8_t *
mail_text_hash(const struct engine *e, const Record__Outbox *row)
{
	const struct engine_list *l = engine_list_by_id(e, row->lists[0]);
	const struct templates *set = templates_of_list(e->templates,
	    l != NULL ? l->name : NULL);
	const char *lang = templates_lang(set, row->lang);
	struct mail_texts *t = e->mail_texts;
	size_t i;

	for (i = 0; i + 1 < t->count; i++) {
		if (t->text[i].set == set &&
		    strcmp(t->text[i].lang, lang) == 0)
			break;
	}
	return t->text[i].hash[row->kind];
}
