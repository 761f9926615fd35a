/* SPDX-License-Identifier: ISC */
/*
 * Which field each pair is.
 */
#include "core/form_pairs.h"

#include "core/form_value.h"

/* Tells what is wrong, and with which field; always false. */
static bool
fail(struct form_pairs *f, enum form_error error, const char *field)
{
	f->error = error;
	f->field = field;
	return false;
}

static bool
read_pairs(struct form_pairs *f, const struct form_input *in)
{
	if (in->pair_count > FORM_PAIRS_MAX)
		return fail(f, FORM_BAD_REQUEST, "");
	for (size_t i = 0; i < in->pair_count; i++) {
		struct form_pairs_pair *p = &f->pair[f->pair_count++];

		p->name = slice_str(in->pairs[i].name);
		p->value = slice_trim(slice_str(in->pairs[i].value));
		p->field = form_names_find(p->name, &p->key);
	}
	return true;
}

static void
add_list(struct form_pairs *f, const struct config_list *list)
{
	for (size_t i = 0; i < f->list_count; i++) {
		if (f->list[i] == list)
			return;
	}
	f->list[f->list_count++] = list;
}

/* list=weekly, list[]=weekly, list[0]=weekly; list[2]=signup, a ticked box. */
static bool
read_list(struct form_pairs *f, const struct config *config,
    const struct form_pairs_pair *p)
{
	const struct config_list *list = NULL;

	if (p->value.len == 0 ||
	    (p->key.len > 0 && !form_value_is_yes(p->value)))
		return true;
	if (p->key.len > 0)
		list = config_list_find(config, p->key);
	if (list == NULL)
		list = config_list_find(config, p->value);
	if (list == NULL)
		return fail(f, FORM_UNKNOWN_LIST,
		    form_names_own(FORM_FIELD_LIST));
	add_list(f, list);
	return true;
}

static bool
read_lists(struct form_pairs *f, const struct form_input *in)
{
	const struct config *config = in->config;
	const struct config_list *list;

	if (in->path_list != NULL) {
		list = config_list_find(config, slice_str(in->path_list));
		if (list == NULL)
			return fail(f, FORM_UNKNOWN_LIST,
			    form_names_own(FORM_FIELD_LIST));
		add_list(f, list);
	}
	for (size_t i = 0; i < f->pair_count; i++) {
		if (f->pair[i].field == FORM_FIELD_LIST &&
		    !read_list(f, config, &f->pair[i]))
			return false;
	}
	for (size_t i = 0; i < f->pair_count; i++) {
		if (f->pair[i].field != FORM_FIELD_TAG)
			continue;
		list = config_list_find(config, f->pair[i].value);
		if (list != NULL)
			add_list(f, list);
	}
	if (f->list_count == 0 && config->default_list != NULL)
		add_list(f, config->default_list);
	return f->list_count > 0 || fail(f, FORM_UNKNOWN_LIST,
	    form_names_own(FORM_FIELD_LIST));
}

static bool
is_declared(const struct form_pairs *f, struct slice name)
{
	for (size_t i = 0; i < f->list_count; i++) {
		const struct config_list *list = f->list[i];

		for (size_t k = 0; k < list->field_count; k++) {
			if (form_names_match(&list->fields[k], name))
				return true;
		}
	}
	return false;
}

/* A list's own field may have others' names, but not those we chose. */
static void
find_own_fields(struct form_pairs *f)
{
	for (size_t i = 0; i < f->pair_count; i++) {
		struct form_pairs_pair *p = &f->pair[i];

		if (!form_names_may_repeat(p->field) &&
		    !slice_eq_str(p->name, form_names_own(p->field)) &&
		    is_declared(f, p->name))
			p->field = FORM_FIELD_OWN;
		if (p->field == FORM_FIELD_NONE)
			f->ignored++;
	}
}

static bool
read_values(struct form_pairs *f)
{
	for (size_t i = 0; i < f->pair_count; i++) {
		const struct form_pairs_pair *p = &f->pair[i];

		if (p->field == FORM_FIELD_HONEYPOT && p->value.len > 0)
			f->robot = true;
		if (p->field == FORM_FIELD_NONE ||
		    p->field == FORM_FIELD_HONEYPOT ||
		    p->field == FORM_FIELD_OWN || p->key.len > 0 ||
		    form_names_may_repeat(p->field))
			continue;
		if (!f->has[p->field])
			f->value[p->field] = p->value;
		else if (!slice_eq(f->value[p->field], p->value) &&
		    f->error == FORM_OK)
			fail(f, FORM_BAD_REQUEST, form_names_own(p->field));
		f->has[p->field] = true;
	}
	return f->error == FORM_OK;
}

void
form_pairs_add_name(const struct form_pairs *f, struct buf *out)
{
	struct slice first = f->value[FORM_FIELD_NAME];
	struct slice last = f->value[FORM_FIELD_LAST_NAME];

	buf_add_slice(out, first);
	if (first.len > 0 && last.len > 0)
		buf_add_char(out, ' ');
	buf_add_slice(out, last);
}

bool
form_pairs_read(struct form_pairs *f, const struct form_input *in)
{
	if (!read_pairs(f, in) || !read_lists(f, in))
		return false;
	find_own_fields(f);
	return read_values(f);
}
