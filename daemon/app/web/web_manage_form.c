/* SPDX-License-Identifier: ISC */
/*
 * Pairs to a message, each value checked against the config.
 */
#include "app/web/web_manage_form.h"

#include <stdlib.h>

#include "base/bytes.h"
#include "base/crypto.h"
#include "base/mem.h"
#include "core/form.h"
#include "core/form_value.h"

struct reader {
	const struct config *config;
	const struct http_form *form;
	Message__Manage *message;
	const char *field;	/* the one at fault */
};

/* Did they leave the box of that list ticked? */
static bool
stays_on(const struct http_form *form, const char *list)
{
	char *name = mem_printf("list_%s", list);
	bool stays = http_form_get(form, name) != NULL;

	free(name);
	return stays;
}

/* ---- lists ---- */

static bool
read_had(struct reader *r, const char *list, const char *value)
{
	Message__Manage *m = r->message;

	(void)value;
	if (stays_on(r->form, list))
		return true;
	m->leave = mem_resize(m->leave, m->n_leave + 1, sizeof(m->leave[0]));
	m->leave[m->n_leave++] = mem_strdup(list);
	return true;
}

static bool
read_join(struct reader *r, const char *list, const char *value)
{
	uint8_t consent[CRYPTO_HASH_SIZE];
	Message__Manage *m = r->message;
	Message__Manage__Join *join;

	r->field = "join";
	if (bytes_from_hex(slice_str(value), consent, sizeof(consent)) < 0)
		return false;
	join = MEM_NEW(Message__Manage__Join);
	message__manage__join__init(join);
	join->list = mem_strdup(list);
	join->consent.data = mem_dup(consent, sizeof(consent));
	join->consent.len = sizeof(consent);
	m->join = mem_resize(m->join, m->n_join + 1, sizeof(m->join[0]));
	m->join[m->n_join++] = join;
	return true;
}

/* ---- name and fields ---- */

static bool
read_name(struct reader *r)
{
	const char *value = http_form_get(r->form, "name");
	struct slice name;

	r->field = "name";
	if (value == NULL)
		return false;
	name = slice_trim(slice_str(value));
	if (!form_value_is_text(name, FORM_NAME_MAX))
		return false;
	r->message->name = slice_dup(name);
	return true;
}

/* A list that they stay on wants it filled in. */
static bool
is_required(const struct reader *r, const struct config_list *list,
    const struct config_field *field)
{
	return field->required && stays_on(r->form, list->name);
}

/* Two lists may declare the same field: one of them has to take the value. */
static bool
field_is_good(struct reader *r, const char *name, struct slice value,
    bool *ret_declared)
{
	bool fits = false;

	*ret_declared = false;
	for (size_t i = 0; i < r->config->list_count; i++) {
		const struct config_list *list = &r->config->lists[i];

		for (size_t k = 0; k < list->field_count; k++) {
			const struct config_field *f = &list->fields[k];

			if (strcmp(f->name, name) != 0)
				continue;
			*ret_declared = true;
			if (value.len == 0 && is_required(r, list, f))
				return false;
			fits |= value.len == 0 || form_value_fits(f, value);
		}
	}
	return fits;
}

static bool
read_field(struct reader *r, const char *name, const char *text)
{
	struct slice value = slice_trim(slice_str(text));
	Message__Manage *m = r->message;
	Fact__Pair *pair;
	bool declared;

	if (!field_is_good(r, name, value, &declared)) {
		r->field = name;
		return !declared;
	}
	pair = MEM_NEW(Fact__Pair);
	fact__pair__init(pair);
	pair->name = mem_strdup(name);
	pair->value = slice_dup(value);
	m->fields = mem_resize(m->fields, m->n_fields + 1,
	    sizeof(m->fields[0]));
	m->fields[m->n_fields++] = pair;
	return true;
}

static const struct {
	const char *prefix;
	bool (*read)(struct reader *, const char *name, const char *value);
} prefixes[] = {
	{ "had_", read_had },
	{ "join_", read_join },
	{ WEB_MANAGE_FIELD, read_field },
};

static bool
read_pair(struct reader *r, const struct http_pair *pair)
{
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		const char *prefix = prefixes[i].prefix;

		if (slice_starts(slice_str(pair->name), prefix))
			return prefixes[i].read(r,
			    pair->name + strlen(prefix), pair->value);
	}
	return true;
}

enum web_error
web_manage_form_read(const struct config *config,
    const struct http_form *form, Message__Manage *message,
    const char **ret_field)
{
	struct reader r = { config, form, message, NULL };
	bool good = read_name(&r);

	for (size_t i = 0; i < form->count && good; i++)
		good = read_pair(&r, &form->pair[i]);
	*ret_field = good ? NULL : r.field;
	return good ? WEB_OK : WEB_INVALID_FIELD;
}
