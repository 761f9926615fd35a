/* SPDX-License-Identifier: ISC */
/*
 * Reading a subscribe form: once core/form_pairs has found out what each pair
 * is, each field is checked and put into the message.  The first mistake
 * ends it.
 */
#include "core/form.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "core/address.h"
#include "core/form_names.h"
#include "core/form_pairs.h"
#include "core/form_value.h"
#include "core/lang.h"
#include "core/origin.h"

/* NFC leaves a third at least: of nine bytes of Hangul letters three. */
enum { TAG_MAX = 100, SOURCE_MAX = 1000, NFC_SHRINKS = 4 };

struct reader {
	const struct form_input *in;
	struct form *form;
	Message__Subscribe *message;
	struct form_pairs pairs;
};

/* Tells what is wrong, and with which field; always false. */
static bool
fail(struct reader *r, enum form_error error, const char *field)
{
	r->form->error = error;
	r->form->field = field;
	return false;
}

/* Mail to us is a loop, or a way to have us write to ourselves. */
static bool
is_refused(const struct config *c, const struct address *address)
{
	const char *const own[] = { c->controller.contact, c->admin.notify };

	for (size_t i = 0; i < c->list_count; i++) {
		const char *from = c->lists[i].from_address;

		if (address_is_refused(address, &from, 1))
			return true;
	}
	return address_is_refused(address, own, 2) ||
	    address_is_refused(address,
	    (const char *const *)c->limits.refuse.item,
	    c->limits.refuse.count);
}

static bool
read_email(struct reader *r)
{
	struct slice typed = r->pairs.value[FORM_FIELD_EMAIL];
	const char *field = form_names_own(FORM_FIELD_EMAIL);
	struct address address;

	if (typed.len == 0)
		return fail(r, FORM_MISSING_EMAIL, field);
	if (address_parse(typed, &address) != ADDRESS_OK)
		return fail(r, FORM_INVALID_EMAIL, field);
	if (is_refused(r->in->config, &address))
		return fail(r, FORM_INVALID_EMAIL, field);
	r->message->address = mem_strdup(address.canonical);
	r->message->address_key = mem_strdup(address.key);
	return true;
}

static bool
read_name(struct reader *r)
{
	struct buf name = { 0 };
	char *nfc;
	bool fits;

	form_pairs_add_name(&r->pairs, &name);
	/* What is longer can't become short enough, but takes its time. */
	nfc = name.len <= NFC_SHRINKS * FORM_NAME_MAX ?
	    utf8_nfc(buf_slice(&name)) : NULL;
	buf_fini(&name);
	fits = nfc != NULL && form_value_is_text(slice_str(nfc),
	    FORM_NAME_MAX);
	if (fits && nfc[0] != '\0')
		r->message->name = nfc;
	else
		free(nfc);
	return fits || fail(r, FORM_INVALID_FIELD,
	    form_names_own(FORM_FIELD_NAME));
}

/* The message's arrays hold no more than the pairs that fill them. */
static Fact__Pair *
new_pair(const char *name, struct slice value)
{
	Fact__Pair *pair = MEM_NEW(Fact__Pair);

	fact__pair__init(pair);
	pair->name = mem_strdup(name);
	pair->value = slice_dup(value);
	return pair;
}

static bool
has_field(const Message__Subscribe *m, const char *name)
{
	for (size_t i = 0; i < m->n_fields; i++) {
		if (strcmp(m->fields[i]->name, name) == 0)
			return true;
	}
	return false;
}

static bool
read_own_field(struct reader *r, const struct config_field *field)
{
	Message__Subscribe *m = r->message;
	struct slice value = { 0 };
	bool has = false;

	for (size_t i = 0; i < r->pairs.pair_count; i++) {
		const struct form_pairs_pair *p = &r->pairs.pair[i];

		if (p->field != FORM_FIELD_OWN ||
		    !form_names_match(field, p->name))
			continue;
		if (has && !slice_eq(value, p->value))
			return fail(r, FORM_BAD_REQUEST, field->name);
		has = true;
		value = p->value;
	}
	if (value.len == 0)
		return !field->required ||
		    fail(r, FORM_INVALID_FIELD, field->name);
	if (!form_value_fits(field, value))
		return fail(r, FORM_INVALID_FIELD, field->name);
	/* Two lists may declare the same field. */
	if (has_field(m, field->name))
		return true;
	m->fields = mem_resize(m->fields, m->n_fields + 1,
	    sizeof(m->fields[0]));
	m->fields[m->n_fields++] = new_pair(field->name, value);
	return true;
}

static bool
read_own_fields(struct reader *r)
{
	for (size_t i = 0; i < r->pairs.list_count; i++) {
		const struct config_list *list = r->pairs.list[i];

		for (size_t k = 0; k < list->field_count; k++) {
			if (!read_own_field(r, &list->fields[k]))
				return false;
		}
	}
	return true;
}

static bool
has_tag(const Message__Subscribe *m, struct slice tag)
{
	for (size_t i = 0; i < m->n_tags; i++) {
		if (slice_eq_str(tag, m->tags[i]))
			return true;
	}
	return false;
}

/* Those that name no list. */
static bool
read_tags(struct reader *r)
{
	Message__Subscribe *m = r->message;

	for (size_t i = 0; i < r->pairs.pair_count; i++) {
		struct slice tag = r->pairs.pair[i].value;

		if (r->pairs.pair[i].field != FORM_FIELD_TAG || tag.len == 0 ||
		    config_list_find(r->in->config, tag) != NULL ||
		    has_tag(m, tag))
			continue;
		if (!form_value_is_text(tag, TAG_MAX))
			return fail(r, FORM_INVALID_FIELD,
			    form_names_own(FORM_FIELD_TAG));
		m->tags = mem_resize(m->tags, m->n_tags + 1,
		    sizeof(m->tags[0]));
		m->tags[m->n_tags++] = slice_dup(tag);
	}
	return true;
}

/* By its own box, consent[LIST], or by one that is for all of them. */
static bool
has_consent(const struct reader *r, const struct config_list *list)
{
	for (size_t i = 0; i < r->pairs.pair_count; i++) {
		const struct form_pairs_pair *p = &r->pairs.pair[i];

		if (p->field == FORM_FIELD_CONSENT &&
		    form_value_is_yes(p->value) && (p->key.len == 0 ||
		    config_list_find(r->in->config, p->key) == list))
			return true;
	}
	return false;
}

static bool
check_consent(struct reader *r)
{
	for (size_t i = 0; i < r->pairs.list_count; i++) {
		if (r->pairs.list[i]->consent_required &&
		    !has_consent(r, r->pairs.list[i]))
			return fail(r, FORM_CONSENT_REQUIRED,
			    form_names_own(FORM_FIELD_CONSENT));
	}
	return true;
}

/* What a website's scripts collect is nothing to refuse a person for. */
static void
read_source(struct reader *r)
{
	Fact__Evidence *e = r->message->evidence;

	for (int f = FORM_FIELD_SOURCE; f <= FORM_FIELD_LANDING_PAGE; f++) {
		struct slice value = r->pairs.value[f];

		if (value.len == 0)
			continue;
		if (!form_value_is_text(value, SOURCE_MAX)) {
			r->pairs.ignored++;
			continue;
		}
		e->source = mem_resize(e->source, e->n_source + 1,
		    sizeof(e->source[0]));
		e->source[e->n_source++] = new_pair(
		    form_names_own((enum form_field)f), value);
	}
}

static void
read_redirect(struct reader *r)
{
	struct slice url = r->pairs.value[FORM_FIELD_REDIRECT];

	if (url.len > 0 && r->pairs.list_count > 0 &&
	    origin_allows_url(url, &r->pairs.list[0]->origins))
		r->form->redirect = slice_dup(url);
}

/* Of the form as far as it was read: an error page has a language too. */
static void
choose_lang(struct reader *r)
{
	const struct config_list *list = r->pairs.list_count > 0 ?
	    r->pairs.list[0] : r->in->config->default_list;
	struct slice asked = { 0 };
	int at = -1;

	r->form->list = list;
	if (list == NULL || list->languages.count == 0)
		return;
	for (size_t i = 0; i < r->pairs.pair_count && asked.len == 0; i++) {
		if (r->pairs.pair[i].field == FORM_FIELD_LANG)
			asked = r->pairs.pair[i].value;
	}
	if (lang_is_tag(asked))
		at = lang_match(asked, list->languages.item,
		    list->languages.count);
	if (at < 0)
		at = lang_negotiate(slice_str(r->in->accept_language),
		    list->languages.item, list->languages.count);
	r->form->lang = list->languages.item[at >= 0 ? at : 0];
}

static bool
read_all(struct reader *r)
{
	const struct form_pairs *pairs = &r->pairs;

	if (!form_pairs_read(&r->pairs, r->in))
		return fail(r, pairs->error, pairs->field);
	if (!read_email(r) || !read_name(r) || !read_own_fields(r) ||
	    !read_tags(r) || !check_consent(r))
		return false;
	r->message->robot = pairs->robot;
	read_source(r);
	return true;
}

static void
keep_lists(struct reader *r)
{
	size_t count = r->pairs.list_count;

	r->form->lists = mem_new(count, sizeof(r->form->lists[0]));
	for (size_t i = 0; i < count; i++)
		r->form->lists[i] = r->pairs.list[i];
	r->form->list_count = count;
}

static void
finish_message(struct reader *r)
{
	Message__Subscribe *m = r->message;

	m->lists = mem_new(r->pairs.list_count, sizeof(m->lists[0]));
	for (size_t i = 0; i < r->pairs.list_count; i++)
		m->lists[m->n_lists++] = mem_strdup(r->pairs.list[i]->name);
	if (r->form->lang != NULL)
		m->lang = mem_strdup(r->form->lang);
	r->form->subscribe = m;
}

struct form *
form_read(const struct form_input *in)
{
	struct form *form = MEM_NEW(struct form);
	struct reader reader = { .in = in, .form = form }, *r = &reader;

	form->field = "";
	r->message = MEM_NEW(Message__Subscribe);
	message__subscribe__init(r->message);
	r->message->evidence = MEM_NEW(Fact__Evidence);
	fact__evidence__init(r->message->evidence);
	(void)read_all(r);
	form->ignored = r->pairs.ignored;
	keep_lists(r);
	choose_lang(r);
	read_redirect(r);
	if (form->error != FORM_OK || in->keep_typed)
		form_typed_read(form, &r->pairs, in->config);
	if (form->error == FORM_OK)
		finish_message(r);
	else
		message__subscribe__free_unpacked(r->message, NULL);
	return form;
}

Message__Subscribe *
form_take_subscribe(struct form *form)
{
	Message__Subscribe *message = form->subscribe;

	form->subscribe = NULL;
	return message;
}

void
form_free(struct form *form)
{
	if (form == NULL)
		return;
	message__subscribe__free_unpacked(form->subscribe, NULL);
	form_typed_free(form);
	free(form->lists);
	free(form->redirect);
	free(form);
}
