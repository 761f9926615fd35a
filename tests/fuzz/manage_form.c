/* SPDX-License-Identifier: ISC */
/*
 * The form on which somebody changes their own data, as a query.
 */
#include "app/web/web_manage_form.h"

#include "base/utf8.h"
#include "core/form.h"
#include "form_config.h"
#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Message__Manage *m = malloc(sizeof(*m));
	struct http_form *form = NULL;
	const char *field = NULL;
	enum web_error error;

	MUST(m != NULL);
	message__manage__init(m);
	if (http_form_parse_query(slice_of(data, size), &form) ==
	    HTTP_FORM_OK) {
		error = web_manage_form_read(&form_config, form, m, &field);
		MUST((error == WEB_OK) == (field == NULL));
		MUST(strlen(m->name) <= FORM_NAME_MAX &&
		    utf8_is_text(slice_str(m->name)));
		for (size_t i = 0; i < m->n_fields; i++)
			MUST(utf8_is_text(slice_str(m->fields[i]->value)));
		MUST(m->n_join + m->n_leave + m->n_fields <= HTTP_FORM_MAX);
		http_form_free(form);
	}
	message__manage__free_unpacked(m, NULL);
	return 0;
}
