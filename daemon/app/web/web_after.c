/* SPDX-License-Identifier: ISC */
/*
 * "Look into your mailbox": as JSON, as a page, and that page's URL.
 */
#include "app/web/web_after.h"

#include <stdlib.h>

#include "app/web/web_form.h"
#include "app/web/web_request.h"
#include "base/escape.h"
#include "base/mem.h"
#include "core/address_hint.h"
#include "core/view.h"
#include "io/http_form.h"

/* The fields of the query. */
#define INBOX "inbox"
#define MEANT "meant"

void
web_after_of(const char *key, struct web_after *ret_after)
{
	const char *at = strrchr(key, '@');
	struct slice domain = slice_str(at != NULL ? at + 1 : "");

	*ret_after = (struct web_after){ NULL, NULL };
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

/* What most are told, whose domain says nothing: the same each time. */
struct web_after_known {
	char *page[2];		/* without a code, with it; NULL: not yet */
};

void
web_after_init(struct web *web)
{
	const struct config *config = web->config;

	web->known = mem_new(config->list_count, sizeof(web->known[0]));
	for (size_t i = 0; i < config->list_count; i++)
		web->known[i] = mem_new(config->lists[i].languages.count,
		    sizeof(*web->known[i]));
}

void
web_after_fini(struct web *web)
{
	const struct config *config = web->config;

	for (size_t i = 0; i < config->list_count; i++) {
		for (size_t k = 0; k < config->lists[i].languages.count; k++) {
			free(web->known[i][k].page[false]);
			free(web->known[i][k].page[true]);
		}
		free(web->known[i]);
	}
	free(web->known);
}

static void
add_words(const struct words *words, const char *key, struct buf *out)
{
	struct buf text = { 0 };

	templates_text(words->templates, key, words->lang, words->view,
	    &text);
	escape_json(out, buf_slice(&text));
	buf_fini(&text);
}

static void
add_lead(const struct words *words, const struct web_after *after,
    struct buf *out)
{
	buf_add_str(out, ",\"message\":");
	add_words(words, after->meant != NULL ? "pending_meant" :
	    "pending_lead", out);
}

static void
add_inbox(const struct words *words, const struct config_list *list,
    const struct inbox *inbox, struct buf *out)
{
	struct buf url = { 0 };

	inbox_add_url(inbox, list->from_address, &url);
	buf_add_str(out, ",\"inbox\":{\"text\":");
	add_words(words, "pending_inbox", out);
	buf_add_str(out, ",\"url\":");
	escape_json(out, buf_slice(&url));
	buf_add_char(out, '}');
	buf_fini(&url);
}

static void
add_code(const struct words *words, struct buf *out)
{
	buf_add_str(out, ",\"code\":{\"label\":");
	add_words(words, "code_label", out);
	buf_add_str(out, ",\"button\":");
	add_words(words, "code_button", out);
	buf_add_char(out, '}');
}

/* What a page's script shows: what is to be done, and where. */
static void
add_page(const struct web *web, const struct form *form,
    const struct web_after *after, bool code, struct buf *out)
{
	struct view *view = web_page_view(web, form->lang, form->list);
	const struct words words = { web_templates(web, form->list),
		form->lang, view };

	web_after_show(view, form->list, after);
	add_lead(&words, after, out);
	if (after->inbox != NULL)
		add_inbox(&words, form->list, after->inbox, out);
	if (code)
		add_code(&words, out);
	view_free(view);
}

static struct web_after_known *
known_of(const struct web *web, const struct form *form)
{
	const struct config_strings *languages = &form->list->languages;
	size_t lang = 0;

	while (languages->item[lang] != form->lang)
		lang++;
	return &web->known[form->list - web->config->lists][lang];
}

/* The same, of a domain that says nothing. */
static void
add_known_page(const struct web *web, const struct form *form, bool code,
    struct buf *out)
{
	static const struct web_after nothing = { NULL, NULL };
	char **known = &known_of(web, form)->page[code];

	if (*known == NULL) {
		struct buf page = { 0 };

		add_page(web, form, &nothing, code, &page);
		*known = buf_take(&page);
	}
	buf_add_str(out, *known);
}

void
web_after_write(const struct web *web, const struct form *form,
    const struct web_after *after, bool page, bool code, struct buf *out)
{
	buf_add_str(out, "{\"status\":\"pending\"");
	if (after->meant != NULL) {
		buf_add_str(out, ",\"hint\":");
		escape_json(out, slice_str(after->meant));
	}
	if (page && after->meant == NULL && after->inbox == NULL)
		add_known_page(web, form, code, out);
	else if (page)
		add_page(web, form, after, code, out);
	buf_add_str(out, "}\n");
}
