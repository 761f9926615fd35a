/* SPDX-License-Identifier: ISC */
/*
 * A subscribe form: Accept-Language in the first line, then a query.  What is
 * asked for is an address that can be written to and text; and what was kept
 * of the form, to be shown again, is the same form.
 */
#include "core/form.h"

#include <string.h>

#include "base/escape.h"
#include "base/utf8.h"
#include "core/address.h"
#include "form_config.h"
#include "fuzz.h"
#include "io/http_form.h"

/* As web does it. */
static struct form *
read_query(struct slice query, const char *accept_language)
{
	struct http_form *http = NULL;
	struct form_pair pairs[HTTP_FORM_MAX];
	struct form_input in = { .config = &form_config, .pairs = pairs,
		.accept_language = accept_language, .keep_typed = true };
	struct form *form;

	if (http_form_parse_query(query, &http) != HTTP_FORM_OK)
		return NULL;
	for (size_t i = 0; i < http->count; i++)
		pairs[i] = (struct form_pair){ http->pair[i].name,
		    http->pair[i].value };
	in.pair_count = http->count;
	form = form_read(&in);
	http_form_free(http);
	return form;
}

static void
check_pairs(Fact__Pair *const *pairs, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		MUST(pairs[i]->name[0] != '\0');
		MUST(utf8_is_text(slice_str(pairs[i]->value)));
	}
}

static void
check_message(const Message__Subscribe *m)
{
	struct address address;

	MUST(address_parse(slice_str(m->address), &address) == ADDRESS_OK);
	MUST(strcmp(address.canonical, m->address) == 0 &&
	    strcmp(address.key, m->address_key) == 0);
	MUST(m->n_lists > 0 && m->n_lists <= form_config.list_count);
	MUST(utf8_is_text(slice_str(m->name)) &&
	    strlen(m->name) <= FORM_NAME_MAX);
	for (size_t i = 0; i < m->n_tags; i++)
		MUST(utf8_is_text(slice_str(m->tags[i])));
	check_pairs(m->fields, m->n_fields);
	check_pairs(m->evidence->source, m->evidence->n_source);
}

static void
add_pair(const char *name, const char *value, void *arg)
{
	escape_url(arg, slice_str(name));
	buf_add_char(arg, '=');
	escape_url(arg, slice_str(value));
	buf_add_char(arg, '&');
}

static bool
has_pair(const Message__Subscribe *m, const Fact__Pair *pair)
{
	for (size_t i = 0; i < m->n_fields; i++) {
		if (strcmp(m->fields[i]->name, pair->name) == 0)
			return strcmp(m->fields[i]->value, pair->value) == 0;
	}
	return false;
}

/* All but the fields, which come in the order of the form. */
static void
add_message(struct buf *out, const Message__Subscribe *m)
{
	buf_printf(out, "%s %s %s %s", m->address, m->address_key, m->name,
	    m->lang);
	for (size_t i = 0; i < m->n_lists; i++)
		buf_printf(out, " list %s", m->lists[i]);
	for (size_t i = 0; i < m->n_tags; i++)
		buf_printf(out, " tag %s", m->tags[i]);
	for (size_t i = 0; i < m->evidence->n_source; i++)
		buf_printf(out, " from %s=%s", m->evidence->source[i]->name,
		    m->evidence->source[i]->value);
}

static void
check_kept(const struct form *form)
{
	struct buf query = { 0 }, one = { 0 }, two = { 0 };
	struct form *again;

	form_typed_each(form, add_pair, &query);
	again = read_query(buf_slice(&query), NULL);
	MUST(again != NULL && again->error == FORM_OK);
	add_message(&one, form->subscribe);
	add_message(&two, again->subscribe);
	MUST(slice_eq(buf_slice(&one), buf_slice(&two)));
	MUST(again->subscribe->n_fields == form->subscribe->n_fields);
	for (size_t i = 0; i < form->subscribe->n_fields; i++)
		MUST(has_pair(again->subscribe, form->subscribe->fields[i]));
	form_free(again);
	buf_fini(&query);
	buf_fini(&one);
	buf_fini(&two);
}

static void
check_form(const struct form *form)
{
	MUST(form->error < FORM_ERROR_END);
	MUST((form->error == FORM_OK) == (form->subscribe != NULL));
	MUST(form->redirect == NULL || slice_eq_str(slice_sub(
	    slice_str(form->redirect), 0, 23), "https://www.example.org"));
	for (size_t i = 0; i < form->typed_count; i++)
		MUST(utf8_is_text(slice_str(form->typed[i].value)));
	if (form->error != FORM_OK)
		return;
	check_message(form->subscribe);
	check_kept(form);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice query = slice_of(data, size), line = { 0 };
	struct form *form;
	char *language;

	(void)slice_split(&query, '\n', &line);
	language = slice_dup(line);
	form = read_query(query, language);
	if (form != NULL)
		check_form(form);
	form_free(form);
	free(language);
	return 0;
}
