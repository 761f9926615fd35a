/* SPDX-License-Identifier: ISC */
/*
 * "Look into your mailbox": as JSON, as a page, and that page's URL.
 */
#include "app/web/web_after.h"

#include <stdlib.h>

#include "app/web/web_form.h"
#include "app/web/web_request.h"
#include "base/mem.h"
#include "core/address.h"
#include "core/address_hint.h"
#include "core/view.h"
#include "io/http_form.h"
#include "io/json.h"

/* The fields of the query. */
#define INBOX "inbox"
#define MEANT "meant"

void
web_after_of(const char *text, struct web_after *ret_after)
{
	struct address address;
	struct slice domain;

	*ret_after = (struct web_after){ NULL, NULL };
	if (address_parse(slice_str(text), &address) != ADDRESS_OK)
		return;
	domain = slice_str(address.key + address.local_len + 1);
	ret_after->meant = address_hint(domain);
	if (ret_after->meant == NULL)
		ret_after->inbox = inbox_of_domain(domain);
}

void
web_after_read(const struct http_request *request,
    struct web_after *ret_after)
{
	struct http_form *query;

	*ret_after = (struct web_after){ NULL, NULL };
	if (http_form_parse_query(request->query, &query) != HTTP_FORM_OK)
		return;
	ret_after->inbox = inbox_by_key(slice_str(http_form_get(query,
	    INBOX)));
	ret_after->meant = address_hint_find(slice_str(http_form_get(query,
	    MEANT)));
	http_form_free(query);
}

char *
web_after_location(const struct config_list *list,
    const struct web_after *after)
{
	if (after->meant != NULL)
		return mem_printf("/pending/%s?" MEANT "=%s", list->name,
		    after->meant);
	if (after->inbox != NULL)
		return mem_printf("/pending/%s?" INBOX "=%s", list->name,
		    after->inbox->key);
	return mem_printf("/pending/%s", list->name);
}

void
web_after_show(struct view *view, const struct config_list *list,
    const struct web_after *after)
{
	struct buf url = { 0 };

	if (after->meant != NULL)
		view_set_str(view, "meant", after->meant);
	if (after->inbox == NULL)
		return;
	inbox_add_url(after->inbox, list->from_address, &url);
	view = view_set_object(view, "inbox");
	view_set_str(view, "name", after->inbox->name);
	view_set_slice(view, "url", buf_slice(&url));
	buf_fini(&url);
}

void
web_pending_show(struct web *web, struct http_exchange *exchange,
    struct slice name)
{
	const struct http_request *request = http_exchange_request(exchange);
	const struct config_list *list = config_list_by_name(web->config,
	    name);
	struct web_after after;

	if (list == NULL) {
		web_page_fail(web, exchange, WEB_NOT_FOUND, NULL);
		return;
	}
	web_after_read(request, &after);
	web_form_pending(web, exchange, &(struct web_pending){
		.list = list,
		.lang = web_language(request, &list->languages),
		.after = &after,
	});
}

/* ---- JSON ---- */

/* What words in the visitor's language are made of. */
struct words {
	const struct templates *templates;
	const char *lang;
	const struct view *view;
};

static void
put_words(const struct words *words, struct json *json, const char *name,
    const char *key)
{
	struct buf text = { 0 };

	templates_text(words->templates, key, words->lang, words->view,
	    &text);
	json_put_text(json, name, buf_slice(&text));
	buf_fini(&text);
}

static struct json *
inbox_json(const struct words *words, const struct config_list *list,
    const struct inbox *inbox)
{
	struct json *json = json_new_object();
	struct buf url = { 0 };

	inbox_add_url(inbox, list->from_address, &url);
	put_words(words, json, "text", "pending_inbox");
	json_put_text(json, "url", buf_slice(&url));
	buf_fini(&url);
	return json;
}

static struct json *
code_json(const struct words *words)
{
	struct json *json = json_new_object();

	put_words(words, json, "label", "code_label");
	put_words(words, json, "button", "code_button");
	return json;
}

static void
put_page(const struct web *web, const struct form *form,
    const struct web_after *after, bool code, struct json *json)
{
	struct view *view = web_page_view(web, form->lang, form->list);
	const struct words words = { web_templates(web, form->list),
		form->lang, view };

	web_after_show(view, form->list, after);
	put_words(&words, json, "message", after->meant != NULL ?
	    "pending_meant" : "pending_lead");
	if (after->inbox != NULL)
		json_put(json, "inbox", inbox_json(&words, form->list,
		    after->inbox));
	if (code)
		json_put(json, "code", code_json(&words));
	view_free(view);
}

struct json *
web_after_json(const struct web *web, const struct form *form,
    const struct web_after *after, bool page, bool code)
{
	struct json *json = json_new_object();

	json_put_text(json, "status", slice_str("pending"));
	if (after->meant != NULL)
		json_put_text(json, "hint", slice_str(after->meant));
	if (page)
		put_page(web, form, after, code, json);
	return json;
}
