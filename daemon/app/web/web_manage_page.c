/* SPDX-License-Identifier: ISC */
/*
 * The pages behind the link to one's own data: the only ones that show
 * anything personal, and only after a person's press.
 */
#include <stdlib.h>

#include "app/contact_json.h"
#include "app/web/web_manage.h"
#include "app/web/web_manage_form.h"
#include "app/web/web_manage_view.h"
#include "app/web/web_request.h"
#include "base/clock.h"
#include "base/mem.h"
#include "core/view.h"
#include "io/json.h"

enum { DAY_SECONDS = 86400 };

static const char *
language(const struct web *web, const struct http_exchange *exchange,
    const Message__Managed *managed)
{
	struct slice asked = slice_str(managed->lang);

	if (asked.len > 0 && templates_has_lang(web->templates, asked))
		return managed->lang;
	return web_language(http_exchange_request(exchange),
	    &web->languages);
}

/* What each of these pages is given; the rest is its own. */
static struct view *
begin(const struct web *web, const struct web_manage *visit,
    const Message__Managed *managed, const char *lang)
{
	struct view *view = web_page_view(web, lang, NULL);
	char *action;

	if (visit->token != NULL) {
		action = mem_printf("/manage/%s", visit->token);
		view_set_str(view, "action", action);
		free(action);
	}
	view_set_str(view, "code", managed->code);
	view_set_num(view, "days",
	    (int64_t)(web->config->retain.proof / DAY_SECONDS));
	if (managed->contact != NULL) {
		view_set_str(view, "address", managed->contact->address);
		view_set_str(view, "name", managed->contact->name);
	}
	return view;
}

static void
show(struct web *web, struct http_exchange *exchange, struct view *view,
    const char *template, const char *lang, unsigned status)
{
	const struct web_page page = { .status = status,
		.template = template, .lang = lang, .has_script = true };

	web_page_show(web, exchange, &page, view);
}

/* A page that shows no data; programs get a word for it. */
static void
show_plain(struct web *web, struct http_exchange *exchange,
    const struct web_manage *visit, const Message__Managed *managed,
    const char *template, const char *word)
{
	const char *lang = language(web, exchange, managed);

	if (visit->json)
		web_page_json(web, exchange, 200, word);
	else
		show(web, exchange, begin(web, visit, managed, lang),
		    template, lang, 200);
}

/* ---- the button ---- */

void
web_manage_masked(struct web *web, struct http_exchange *exchange,
    const struct web_manage *visit, const Message__Managed *managed)
{
	show_plain(web, exchange, visit, managed, "manage", "masked");
}

void
web_manage_proof(struct web *web, struct http_exchange *exchange,
    const struct web_manage *visit, const Message__Managed *managed)
{
	const char *lang = language(web, exchange, managed);
	struct view *view;

	if (visit->json) {
		web_page_fail(web, exchange, WEB_WRONG_CODE, "code");
		return;
	}
	view = begin(web, visit, managed, lang);
	view_set_bool(view, "pressed_missing", true);
	view_set_bool(view, "code_error", visit->code_typed);
	show(web, exchange, view, "manage", lang,
	    visit->code_typed ? 400 : 200);
}

/* ---- what can be changed ---- */

static void
show_opened(struct web *web, struct http_exchange *exchange,
    const struct web_manage *visit, const Message__Managed *managed,
    bool saved)
{
	const char *lang = language(web, exchange, managed);
	struct view *view;

	if (visit->json) {
		web_manage_file(web, exchange, visit, managed);
		return;
	}
	view = begin(web, visit, managed, lang);
	view_set_bool(view, "saved", saved);
	web_manage_view_lists(web, view, managed);
	web_manage_view_fields(web, view, managed->contact, visit->field);
	if (visit->error != WEB_OK) {
		web_page_set_error(web->templates, view, lang, visit->error);
		view_set_bool(view, "bad_name",
		    strcmp(visit->field, "name") == 0);
	}
	show(web, exchange, view, "manage_open", lang,
	    web_error_status(visit->error));
}

void
web_manage_opened(struct web *web, struct http_exchange *exchange,
    const struct web_manage *visit, const Message__Managed *managed)
{
	show_opened(web, exchange, visit, managed, false);
}

void
web_manage_saved(struct web *web, struct http_exchange *exchange,
    const struct web_manage *visit, const Message__Managed *managed)
{
	show_opened(web, exchange, visit, managed, true);
}

/* ---- what is stored ---- */

void
web_manage_data(struct web *web, struct http_exchange *exchange,
    const struct web_manage *visit, const Message__Managed *managed)
{
	const char *lang = language(web, exchange, managed);
	struct view *view;

	if (visit->json) {
		web_manage_file(web, exchange, visit, managed);
		return;
	}
	view = begin(web, visit, managed, lang);
	web_manage_view_data(web, view, managed->contact, lang);
	show(web, exchange, view, "manage_data", lang, 200);
}

static void
put_text(const struct web *web, struct json *object, const char *name,
    const char *key, const char *lang, const struct view *view)
{
	struct buf text = { 0 };

	templates_text(web->templates, key, lang, view, &text);
	json_put_text(object, name, buf_slice(&text));
	buf_fini(&text);
}

/* Art. 15 GDPR: who holds it, what for, for how long, and all of it. */
void
web_manage_file(struct web *web, struct http_exchange *exchange,
    const struct web_manage *visit, const Message__Managed *managed)
{
	const char *lang = language(web, exchange, managed);
	struct view *view = begin(web, visit, managed, lang);
	struct json *object = contact_json(managed->contact);
	struct json *controller = json_new_object();

	contact_json_put_time(object, "exported_at", clock_wall_us());
	json_put_text(controller, "name",
	    slice_str(web->config->controller.name));
	json_put_text(controller, "address",
	    slice_str(web->config->controller.address));
	json_put_text(controller, "contact",
	    slice_str(web->config->controller.contact));
	json_put(object, "controller", controller);
	put_text(web, object, "purpose", "manage_purpose", lang, view);
	put_text(web, object, "retention", "manage_retention", lang, view);
	view_free(view);
	web_page_download(web, exchange, object, "data.json");
}

/* ---- erasing ---- */

void
web_manage_erase(struct web *web, struct http_exchange *exchange,
    const struct web_manage *visit, const Message__Managed *managed)
{
	show_plain(web, exchange, visit, managed, "manage_erase",
	    "unconfirmed");
}

void
web_manage_erased(struct web *web, struct http_exchange *exchange,
    const struct web_manage *visit, const Message__Managed *managed)
{
	const char *lang = language(web, exchange, managed);
	struct view *view;

	if (visit->json) {
		web_page_json(web, exchange, 200, "erased");
		return;
	}
	view = begin(web, visit, managed, lang);
	view_set_bool(view, "never", visit->never_again);
	show(web, exchange, view, "manage_erased", lang, 200);
}
