/* SPDX-License-Identifier: ISC */
/*
 * What is stored, in the words of the visitor's language.
 */
#include "app/web/web_manage_view.h"

#include <stdlib.h>

#include "app/web/web_form.h"
#include "app/web/web_manage_form.h"
#include "base/bytes.h"
#include "base/crypto.h"
#include "base/mem.h"
#include "core/sub.h"
#include "core/view.h"

static const struct config_list *
find_list(const struct web *web, const char *name)
{
	return config_list_by_name(web->config, slice_str(name));
}

static const char *
title_of(const struct web *web, const char *name)
{
	const struct config_list *list = find_list(web, name);

	return list != NULL ? list->title : name;
}

static struct view *
add_list(const struct web *web, struct view *view, const char *member,
    const char *name)
{
	struct view *item = view_add_item(view, member);

	view_set_str(item, "name", name);
	view_set_str(item, "title", title_of(web, name));
	return item;
}

static bool
is_state(const Message__Subscription *s, enum sub_state state)
{
	return strcmp(s->state, sub_state_name(state)) == 0;
}

/* The box to join again says which text it agrees to. */
static void
add_joinable(const struct web *web, struct view *view, const char *name)
{
	const struct config_list *list = find_list(web, name);
	uint8_t hash[CRYPTO_HASH_SIZE];
	struct buf value = { 0 };
	struct view *item;

	if (list == NULL)
		return;
	crypto_hash(slice_str(list->consent), hash);
	bytes_add_hex(&value, hash, sizeof(hash));
	item = add_list(web, view, "joinable", name);
	view_set_slice(item, "value", buf_slice(&value));
	view_set_str(item, "consent", list->consent);
	buf_fini(&value);
}

void
web_manage_view_lists(const struct web *web, struct view *view,
    const Message__Managed *managed)
{
	const Message__Contact *c = managed->contact;
	size_t on = 0;

	for (size_t i = 0; i < c->n_subscriptions; i++) {
		const Message__Subscription *s = c->subscriptions[i];

		if (is_state(s, SUB_PENDING))
			add_list(web, view, "waiting", s->list);
		if (is_state(s, SUB_CONFIRMED))
			view_set_bool(add_list(web, view, "topics", s->list),
			    "first", on++ == 0);
	}
	for (size_t i = 0; i < managed->n_may_join; i++)
		add_joinable(web, view, managed->may_join[i]);
	view_set_bool(view, "no_lists", on == 0);
}

/* ---- fields ---- */

static const char *
value_of(const Message__Contact *c, const char *name)
{
	for (size_t i = 0; i < c->n_fields; i++) {
		if (strcmp(c->fields[i]->name, name) == 0)
			return c->fields[i]->value;
	}
	return "";
}

/* Did a list before this one declare it? */
static bool
is_doubled(const struct web *web, const Message__Contact *c, size_t before,
    const char *name)
{
	for (size_t i = 0; i < before; i++) {
		const struct config_list *list = find_list(web,
		    c->subscriptions[i]->list);

		for (size_t k = 0; list != NULL && k < list->field_count;
		    k++) {
			if (strcmp(list->fields[k].name, name) == 0)
				return true;
		}
	}
	return false;
}

void
web_manage_view_fields(const struct web *web, struct view *view,
    const Message__Contact *c, const char *bad)
{
	for (size_t i = 0; i < c->n_subscriptions; i++) {
		const struct config_list *list = find_list(web,
		    c->subscriptions[i]->list);

		for (size_t k = 0; list != NULL && k < list->field_count;
		    k++) {
			const struct config_field *f = &list->fields[k];

			if (!is_doubled(web, c, i, f->name))
				web_form_add_own_field(view, f,
				    WEB_MANAGE_FIELD, value_of(c, f->name),
				    bad != NULL && strcmp(bad, f->name) == 0);
		}
	}
}

/* ---- all of it ---- */

static void
set_text(const struct web *web, struct view *item, const char *member,
    const char *key, const char *lang)
{
	struct view *none = view_new();
	struct buf text = { 0 };

	templates_text(web->templates, key, lang, none, &text);
	view_set_slice(item, member, buf_slice(&text));
	buf_fini(&text);
	view_free(none);
}

static void
set_date(const struct web *web, struct view *item, int64_t wall_us,
    const char *lang)
{
	struct buf text = { 0 };

	templates_date(web->templates, lang, wall_us, &text);
	view_set_slice(item, "date", buf_slice(&text));
	buf_fini(&text);
}

static void
add_subscription(const struct web *web, struct view *view,
    const Message__Subscription *s, const char *lang)
{
	struct view *item = add_list(web, view, "topics", s->list);
	char *key = mem_printf("state_%s", s->state);

	set_text(web, item, "state", key, lang);
	free(key);
	set_date(web, item, s->since, lang);
	view_set_str(item, "source", s->source);
}

static void
add_fact(const struct web *web, struct view *item, const char *key,
    const char *value, const char *lang)
{
	struct view *fact;

	if (value[0] == '\0')
		return;
	fact = view_add_item(item, "facts");
	set_text(web, fact, "label", key, lang);
	view_set_str(fact, "value", value);
}

/* "event_notme" of "not-me". */
static void
set_word(const struct web *web, struct view *item, const char *member,
    const char *prefix, const char *word, const char *lang)
{
	struct buf key = { 0 };

	buf_add_str(&key, prefix);
	for (const char *p = word; *p != '\0'; p++) {
		if (*p != '-')
			buf_add_char(&key, *p);
	}
	set_text(web, item, member, buf_str(&key), lang);
	buf_fini(&key);
}

static void
add_way(const struct web *web, struct view *item, const char *way,
    const char *lang)
{
	struct view *fact;

	if (way[0] == '\0')
		return;
	fact = view_add_item(item, "facts");
	set_text(web, fact, "label", "fact_way", lang);
	set_word(web, fact, "value", "way_", way, lang);
}

static void
add_evidence(const struct web *web, struct view *item,
    const Fact__Evidence *e, const char *lang)
{
	if (e == NULL)
		return;
	add_fact(web, item, "fact_ip", e->ip, lang);
	add_fact(web, item, "fact_agent", e->user_agent, lang);
	/* How a browser spells that it won't tell. */
	if (strcmp(e->origin, "null") != 0)
		add_fact(web, item, "fact_origin", e->origin, lang);
	add_fact(web, item, "fact_form", e->form_url, lang);
	add_way(web, item, e->way, lang);
}

static void
add_event(const struct web *web, struct view *view, const Message__Event *e,
    const char *lang)
{
	struct view *item = view_add_item(view, "events");

	set_word(web, item, "label", "event_", e->event, lang);
	set_date(web, item, e->time, lang);
	for (size_t i = 0; i < e->n_lists; i++)
		add_fact(web, item, "fact_list", title_of(web, e->lists[i]),
		    lang);
	for (size_t i = 0; i < e->n_consents; i++)
		add_fact(web, item, "fact_consent", e->consents[i], lang);
	add_evidence(web, item, e->evidence, lang);
	add_fact(web, item, "fact_detail", e->detail, lang);
	add_fact(web, item, "fact_detail", e->reason, lang);
}

/* As forms call it; of a field that no list has any more, its name. */
static const char *
label_of(const struct web *web, const char *name)
{
	for (size_t i = 0; i < web->config->list_count; i++) {
		const struct config_list *list = &web->config->lists[i];

		for (size_t k = 0; k < list->field_count; k++) {
			if (strcmp(list->fields[k].name, name) == 0)
				return list->fields[k].label;
		}
	}
	return name;
}

/* A language by its own name, where it has a catalogue. */
static void
set_spoken(const struct web *web, struct view *view, const char *lang)
{
	if (templates_has_lang(web->templates, slice_str(lang)))
		set_text(web, view, "spoken", "language", lang);
	else
		view_set_str(view, "spoken", lang);
}

void
web_manage_view_data(const struct web *web, struct view *view,
    const Message__Contact *c, const char *lang)
{
	for (size_t i = 0; i < c->n_fields; i++) {
		struct view *field = view_add_item(view, "fields");

		view_set_str(field, "label",
		    label_of(web, c->fields[i]->name));
		view_set_str(field, "value", c->fields[i]->value);
	}
	set_spoken(web, view, c->lang);
	for (size_t i = 0; i < c->n_subscriptions; i++)
		add_subscription(web, view, c->subscriptions[i], lang);
	view_set_bool(view, "suppressed", c->n_suppressions > 0);
	for (size_t i = 0; i < c->n_events; i++)
		add_event(web, view, c->events[i], lang);
}
