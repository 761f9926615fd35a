/* SPDX-License-Identifier: ISC */
/*
 * Pairs are text, not too many, and survive being written as a query.
 */
#include "http_pairs.h"

#include <string.h>

#include "base/buf.h"
#include "base/escape.h"
#include "base/utf8.h"
#include "fuzz.h"
#include "io/http_form.h"

static void
check_round_trip(const struct http_form *form)
{
	struct http_form *again = NULL;
	struct buf query = { 0 };

	for (size_t i = 0; i < form->count; i++) {
		escape_url(&query, slice_str(form->pair[i].name));
		buf_add_char(&query, '=');
		escape_url(&query, slice_str(form->pair[i].value));
		buf_add_char(&query, '&');
	}
	MUST(http_form_parse_query(buf_slice(&query), &again) ==
	    HTTP_FORM_OK);
	MUST(again->count == form->count);
	for (size_t i = 0; i < form->count; i++) {
		MUST(strcmp(form->pair[i].name, again->pair[i].name) == 0);
		MUST(strcmp(form->pair[i].value, again->pair[i].value) == 0);
	}
	http_form_free(again);
	buf_fini(&query);
}

void
http_pairs_check(struct slice content_type, struct slice body)
{
	struct http_form *form = NULL;
	enum http_form_error error = http_form_parse(content_type, body,
	    &form);

	MUST((error == HTTP_FORM_OK) == (form != NULL));
	if (form == NULL)
		return;
	MUST(form->count <= HTTP_FORM_MAX);
	for (size_t i = 0; i < form->count; i++) {
		const struct http_pair *pair = &form->pair[i];

		MUST(utf8_is_valid(slice_str(pair->name)));
		MUST(utf8_is_valid(slice_str(pair->value)));
		MUST(http_form_get(form, pair->name) != NULL);
	}
	check_round_trip(form);
	http_form_free(form);
}
