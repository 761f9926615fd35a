/* SPDX-License-Identifier: ISC */
/*
 * A form out of its lists' config, and of what somebody typed into it before.
 */
#include "app/web/web_form.h"

#include <stdlib.h>

#include "app/web/web_after.h"
#include "app/web/web_proof.h"
#include "base/clock.h"
#include "base/mem.h"
#include "core/form_names.h"
#include "core/view.h"

/* What goes into a form. */
struct content {
	const struct config_list *const *lists;
	size_t list_count;
	const char *lang;
	const char *bad;		/* the field at fault; "": none */
	const struct form *typed;	/* NULL: nothing was */
};

static const char *const type_flags[] = {
	[CONFIG_FIELD_TEXT] = "is_text",
	[CONFIG_FIELD_EMAIL] = "is_email",
	[CONFIG_FIELD_NUMBER] = "is_number",
	[CONFIG_FIELD_DATE] = "is_date",
	[CONFIG_FIELD_URL] = "is_url",
	[CONFIG_FIELD_CHOICE] = "is_choice",
};

static const char *
typed_value(const struct content *content, enum form_field field,
    const char *name)
{
	return content->typed != NULL ?
	    form_typed_value(content->typed, field, name) : "";
}

void
web_form_add_own_field(struct view *view, const struct config_field *field,
    const char *prefix, const char *value, bool bad)
{
	struct view *item = view_add_item(view, "fields");
	char *name = mem_printf("%s%s", prefix, field->name);

	view_set_str(item, "name", name);
	free(name);
	view_set_str(item, "label", field->label);
	view_set_num(item, "max", field->max);
	view_set_bool(item, "required", field->required);
	view_set_bool(item, "bad", bad);
	view_set_bool(item, type_flags[field->type], true);
	view_set_str(item, "value", value);
	for (size_t i = 0; i < field->choices.count; i++) {
		struct view *choice = view_add_item(item, "choices");

		view_set_str(choice, "value", field->choices.item[i]);
		view_set_bool(choice, "chosen",
		    strcmp(field->choices.item[i], value) == 0);
	}
}

static void
add_field(const struct content *content, const struct config_field *field,
    struct view *view)
{
	web_form_add_own_field(view, field, "", typed_value(content,
	    FORM_FIELD_OWN, field->name),
	    strcmp(field->name, content->bad) == 0);
}

/* Has one of the first `count` lists a field that is called so? */
static bool
has_field(const struct content *content, size_t count, struct slice name)
{
	for (size_t i = 0; i < count; i++) {
		const struct config_list *list = content->lists[i];

		for (size_t k = 0; k < list->field_count; k++) {
			if (form_names_match(&list->fields[k], name))
				return true;
		}
	}
	return false;
}

/* What one list adds: its name, its consent, and fields not there yet. */
static void
add_list(const struct content *content, size_t i, struct view *view)
{
	const struct config_list *list = content->lists[i];
	struct view *topic = view_add_item(view, "topics");

	view_set_str(topic, "name", list->name);
	view_set_str(topic, "title", list->title);
	view_set_str(topic, "consent", list->consent);
	view_set_bool(topic, "required", list->consent_required);
	for (size_t k = 0; k < list->field_count; k++) {
		if (!has_field(content, i, slice_str(list->fields[k].name)))
			add_field(content, &list->fields[k], view);
	}
}

/* A trap's name that is no field of the lists. */
static const char *
trap_name(const struct content *content)
{
	static const char *const traps[] = { "hp", "nonce",
		"VerificationCodeX" };

	for (size_t i = 0; i < sizeof(traps) / sizeof(traps[0]); i++) {
		if (!has_field(content, content->list_count,
		    slice_str(traps[i])))
			return traps[i];
	}
	return traps[0];
}

/* Fields that every form has, and those that nobody sees. */
static void
add_typed(const struct content *content, struct view *view)
{
	const struct form *form = content->typed;
	struct view *typed = view_set_object(view, "typed");

	view_set_str(typed, "email", typed_value(content, FORM_FIELD_EMAIL,
	    form_names_own(FORM_FIELD_EMAIL)));
	view_set_str(typed, "name", typed_value(content, FORM_FIELD_NAME,
	    form_names_own(FORM_FIELD_NAME)));
	for (size_t i = 0; form != NULL && i < form->typed_count; i++) {
		const struct form_typed *each = &form->typed[i];
		struct view *item;

		if (each->field == FORM_FIELD_EMAIL ||
		    each->field == FORM_FIELD_NAME ||
		    each->field == FORM_FIELD_OWN)
			continue;
		item = view_add_item(view, "carried");
		view_set_str(item, "name", each->name);
		view_set_str(item, "value", each->value);
	}
}

void
web_form_add_token(const struct web *web, const char *list, struct view *view)
{
	char text[FORM_TOKEN_TEXT_SIZE];

	if (!web->has_terms)
		return;
	web_proof_token(web, list, FORM_TOKEN_FORM,
	    clock_wall_us() / CLOCK_SECOND, text);
	view_set_str(view, "form_token", text);
}

static struct view *
form_view(const struct web *web, const struct content *content)
{
	const struct config_list *first = content->lists[0];
	struct view *view = web_page_view(web, content->lang, first);
	char *action = mem_printf("/subscribe/%s", first->name);

	view_set_str(view, "action", action);
	free(action);
	view_set_str(view, "hp_name", trap_name(content));
	view_set_bool(view, "several", content->list_count > 1);
	for (size_t i = 0; i < content->list_count; i++)
		add_list(content, i, view);
	add_typed(content, view);
	web_form_add_token(web, first->name, view);
	return view;
}

static void
set_error(struct web *web, const struct form *form, enum web_error error,
    struct view *view)
{
	static const struct {
		const char *field, *flag;
	} flags[] = {
		{ "email", "bad_email" },
		{ "name", "bad_name" },
		{ "consent", "bad_consent" },
	};

	web_page_set_error(web_templates(web, form->list), view, form->lang,
	    error);
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		view_set_bool(view, flags[i].flag,
		    strcmp(form->field, flags[i].field) == 0);
}

void
web_form_show(struct web *web, struct http_exchange *exchange,
    const struct config_list *list, const char *lang)
{
	const struct content content = { .lists = &list, .list_count = 1,
		.lang = lang, .bad = "" };
	const struct web_page page = {
		.status = 200,
		.template = "form",
		.lang = lang,
		.list = list,
		.is_form = true,
		.framed_by = &list->origins,
		.leads_to = list->pending_url,
	};

	web_page_show(web, exchange, &page, form_view(web, &content));
}

void
web_form_again(struct web *web, struct http_exchange *exchange,
    const struct form *form, enum web_error error, bool fill)
{
	const struct content content = {
		.lists = form->lists,
		.list_count = form->list_count,
		.lang = form->lang,
		.bad = form->field,
		.typed = fill ? form : NULL,
	};
	const struct web_page page = {
		.status = web_error_status(error),
		.template = "form",
		.lang = form->lang,
		.list = form->list,
		.is_form = true,
		.leads_to = form->redirect != NULL ? form->redirect :
		    form->list->pending_url,
	};
	struct view *view = form_view(web, &content);

	set_error(web, form, error, view);
	web_page_show(web, exchange, &page, view);
}

void
web_form_pending(struct web *web, struct http_exchange *exchange,
    const struct web_pending *pending)
{
	const struct config_list *list = pending->list;
	const struct web_page page = {
		.status = pending->code_error ? 400 : 200,
		.template = "pending",
		.lang = pending->lang,
		.list = list,
		.is_form = true,
		.leads_to = list != NULL ? list->confirmed_url : NULL,
	};
	struct view *view = web_page_view(web, pending->lang, list);

	view_set_str(view, "action", "/confirm");
	view_set_bool(view, "code_error", pending->code_error);
	/* Without the cookie nobody could tell whose code it is. */
	view_set_bool(view, "no_cookie", pending->no_cookie);
	view_set_bool(view, "no_code", pending->no_cookie ||
	    !web->config->signup_cookie);
	if (pending->after != NULL)
		web_after_show(view, list, pending->after);
	web_page_show(web, exchange, &page, view);
}
