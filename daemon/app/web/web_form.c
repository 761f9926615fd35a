/* SPDX-License-Identifier: ISC */
/*
 * A form out of a list's config.  What somebody typed before is not in it.
 */
#include "app/web/web_form.h"

#include <stdlib.h>

#include "base/mem.h"
#include "core/form_names.h"
#include "core/view.h"

static const char *const type_flags[] = {
	[CONFIG_FIELD_TEXT] = "is_text",
	[CONFIG_FIELD_EMAIL] = "is_email",
	[CONFIG_FIELD_NUMBER] = "is_number",
	[CONFIG_FIELD_DATE] = "is_date",
	[CONFIG_FIELD_URL] = "is_url",
	[CONFIG_FIELD_CHOICE] = "is_choice",
};

static void
add_field(struct view *view, const struct config_field *field,
    const char *bad)
{
	struct view *item = view_add_item(view, "fields");

	view_set_str(item, "name", field->name);
	view_set_str(item, "label", field->label);
	view_set_num(item, "max", field->max);
	view_set_bool(item, "required", field->required);
	view_set_bool(item, "bad", strcmp(field->name, bad) == 0);
	view_set_bool(item, type_flags[field->type], true);
	for (size_t i = 0; i < field->choices.count; i++)
		view_set_str(view_add_item(item, "choices"), "value",
		    field->choices.item[i]);
}

/* A trap's name that is no field of the list. */
static const char *
trap_name(const struct config_list *list)
{
	static const char *const traps[] = { "hp", "nonce",
		"VerificationCodeX" };

	for (size_t i = 0; i < sizeof(traps) / sizeof(traps[0]); i++) {
		bool taken = false;

		for (size_t k = 0; k < list->field_count; k++)
			taken |= form_names_match(&list->fields[k],
			    slice_str(traps[i]));
		if (!taken)
			return traps[i];
	}
	return traps[0];
}

static void
set_error(struct web *web, struct view *view, const char *lang,
    enum web_error error, const char *field)
{
	static const struct {
		const char *field, *flag;
	} flags[] = {
		{ "email", "bad_email" },
		{ "name", "bad_name" },
		{ "consent", "bad_consent" },
	};
	char *key = mem_printf("error_%s", web_error_code(error));
	struct buf text = { 0 };

	templates_text(web->templates, key, lang, view, &text);
	view_set_slice(view, "error_text", buf_slice(&text));
	buf_fini(&text);
	free(key);
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		view_set_bool(view, flags[i].flag,
		    strcmp(field, flags[i].field) == 0);
}

void
web_form_show(struct web *web, struct http_exchange *exchange,
    const struct config_list *list, const char *lang, enum web_error error,
    const char *field)
{
	const struct web_page page = {
		.status = web_error_status(error),
		.template = "form",
		.lang = lang,
		.is_form = true,
		.framed_by = error == WEB_OK ? &list->origins : NULL,
		.leads_to = list->pending_url,
	};
	struct view *view = web_page_view(web, lang, list), *consent;
	char *action = mem_printf("/subscribe/%s", list->name);

	view_set_str(view, "action", action);
	view_set_str(view, "hp_name", trap_name(list));
	for (size_t i = 0; i < list->field_count; i++)
		add_field(view, &list->fields[i], field);
	consent = view_set_object(view, "consent");
	view_set_str(consent, "text", list->consent);
	view_set_bool(consent, "required", list->consent_required);
	if (error != WEB_OK)
		set_error(web, view, lang, error, field);
	web_page_show(web, exchange, &page, view);
	free(action);
}

void
web_form_pending(struct web *web, struct http_exchange *exchange,
    const struct config_list *list, const char *lang, bool code_error)
{
	const struct web_page page = {
		.status = code_error ? 400 : 200,
		.template = "pending",
		.lang = lang,
		.is_form = true,
		.leads_to = list != NULL ? list->confirmed_url : NULL,
	};
	struct view *view = web_page_view(web, lang, list);
	char *action = mem_strdup("/confirm");

	view_set_str(view, "action", action);
	view_set_bool(view, "code_error", code_error);
	web_page_show(web, exchange, &page, view);
	free(action);
}
