/* SPDX-License-Identifier: ISC */
/*
 * Goes through a form's fields in the order in which a page shows them.
 */
#include "core/form_typed.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "core/form.h"
#include "core/form_pairs.h"
#include "core/form_value.h"

enum { TYPED_MAX = 2048 };	/* a URL may be that long */

static void
add(struct form *form, enum form_field field, const char *name,
    struct slice value)
{
	/* What is in order is bounded by what may be in order. */
	size_t max = form->error == FORM_OK ? value.len : TYPED_MAX;

	if (value.len == 0 || !form_value_is_text(value, max))
		return;
	form->typed = mem_resize(form->typed, form->typed_count + 1,
	    sizeof(form->typed[0]));
	form->typed[form->typed_count++] = (struct form_typed){
		.field = field,
		.name = name,
		.value = slice_dup(value),
	};
}

static void
add_own_field(struct form *form, const struct form_pairs *pairs,
    const struct config_field *field)
{
	/* Two lists may declare the same field. */
	if (form_typed_value(form, FORM_FIELD_OWN, field->name)[0] != '\0')
		return;
	for (size_t i = 0; i < pairs->pair_count; i++) {
		const struct form_pairs_pair *p = &pairs->pair[i];

		if (p->field == FORM_FIELD_OWN &&
		    form_names_match(field, p->name)) {
			add(form, FORM_FIELD_OWN, field->name, p->value);
			return;
		}
	}
}

static void
add_own_fields(struct form *form, const struct form_pairs *pairs)
{
	for (size_t i = 0; i < pairs->list_count; i++) {
		const struct config_list *list = pairs->list[i];

		for (size_t k = 0; k < list->field_count; k++)
			add_own_field(form, pairs, &list->fields[k]);
	}
}

/* One that names a list is among the lists. */
static void
add_tags(struct form *form, const struct form_pairs *pairs,
    const struct config *config)
{
	for (size_t i = 0; i < pairs->pair_count; i++) {
		const struct form_pairs_pair *p = &pairs->pair[i];

		if (p->field == FORM_FIELD_TAG &&
		    config_list_find(config, p->value) == NULL)
			add(form, p->field, form_names_own(p->field),
			    p->value);
	}
}

void
form_typed_read(struct form *form, const struct form_pairs *pairs,
    const struct config *config)
{
	struct buf name = { 0 };

	add(form, FORM_FIELD_EMAIL, form_names_own(FORM_FIELD_EMAIL),
	    pairs->value[FORM_FIELD_EMAIL]);
	form_pairs_add_name(pairs, &name);
	add(form, FORM_FIELD_NAME, form_names_own(FORM_FIELD_NAME),
	    buf_slice(&name));
	buf_fini(&name);
	add_own_fields(form, pairs);
	add_tags(form, pairs, config);
	for (int f = FORM_FIELD_SOURCE; f <= FORM_FIELD_LANDING_PAGE; f++)
		add(form, (enum form_field)f,
		    form_names_own((enum form_field)f), pairs->value[f]);
	if (form->redirect != NULL)
		add(form, FORM_FIELD_REDIRECT,
		    form_names_own(FORM_FIELD_REDIRECT),
		    slice_str(form->redirect));
}

void
form_typed_free(struct form *form)
{
	for (size_t i = 0; i < form->typed_count; i++)
		free(form->typed[i].value);
	free(form->typed);
}

void
form_typed_each(const struct form *form,
    void (*on_pair)(const char *name, const char *value, void *arg),
    void *arg)
{
	bool consent = false;

	for (size_t i = 0; i < form->list_count; i++) {
		on_pair(form_names_own(FORM_FIELD_LIST), form->lists[i]->name,
		    arg);
		consent |= form->lists[i]->consent_required;
	}
	if (form->lang != NULL)
		on_pair(form_names_own(FORM_FIELD_LANG), form->lang, arg);
	/* It was given, or the form would not be in order. */
	if (consent)
		on_pair(form_names_own(FORM_FIELD_CONSENT), "yes", arg);
	for (size_t i = 0; i < form->typed_count; i++)
		on_pair(form->typed[i].name, form->typed[i].value, arg);
}

const char *
form_typed_value(const struct form *form, enum form_field field,
    const char *name)
{
	for (size_t i = 0; i < form->typed_count; i++) {
		if (form->typed[i].field == field &&
		    strcmp(form->typed[i].name, name) == 0)
			return form->typed[i].value;
	}
	return "";
}
