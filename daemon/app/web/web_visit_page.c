/* SPDX-License-Identifier: ISC */
/*
 * The pages behind a mail's links.  They show what the link is about and
 * nothing about the person.
 */
#include "app/web/web_visit_page.h"

#include <stdlib.h>

#include "app/web/web_form.h"
#include "app/web/web_page.h"
#include "app/web/web_request.h"
#include "base/mem.h"
#include "core/view.h"

static const char *const words[] = {
	[MESSAGE__VISITED__STATE__PENDING] = "pending",
	[MESSAGE__VISITED__STATE__CONFIRMED] = "confirmed",
	[MESSAGE__VISITED__STATE__UNSUBSCRIBED] = "unsubscribed",
	[MESSAGE__VISITED__STATE__WITHDRAWN] = "withdrawn",
};

static const struct config_list *
first_list(const struct web *web, const Message__Visited *visited)
{
	return visited->n_topics > 0 ? config_list_by_name(web->config,
	    slice_str(visited->topics[0]->list)) : NULL;
}

/* The language of the request, if we (still) speak it. */
static const char *
language(const struct web *web, const struct http_exchange *exchange,
    const Message__Visited *visited)
{
	const struct config_list *list = first_list(web, visited);
	struct slice asked = slice_str(visited->lang);

	if (asked.len > 0 &&
	    templates_has_lang(web_templates(web, list), asked))
		return visited->lang;
	return web_language(http_exchange_request(exchange),
	    list != NULL ? &list->languages : &web->languages);
}

static void
add_topics(const struct web *web, struct view *view,
    const Message__Visited *visited)
{
	for (size_t i = 0; i < visited->n_topics; i++) {
		const Message__Visited__Topic *topic = visited->topics[i];
		const struct config_list *list = config_list_by_name(
		    web->config, slice_str(topic->list));
		const char *title = list != NULL ? list->title : topic->title;
		struct view *item = view_add_item(view, "topics");

		view_set_str(item, "name", topic->list);
		view_set_str(item, "title", title);
		view_set_str(item, "consent", topic->consent);
		if (i == 0) {
			item = view_set_object(view, "list");
			view_set_str(item, "name", topic->list);
			view_set_str(item, "title", title);
		}
	}
	view_set_bool(view, "several", visited->n_topics > 1);
}

/* One more thing that a page says. */
struct flag {
	const char *name;	/* NULL ends a list of them */
	bool value;
};

/* `path` and the token are where its form goes; NULL: it has none. */
static void
show(struct web *web, struct http_exchange *exchange,
    const struct web_visit *visit, const Message__Visited *visited,
    struct web_page page, const char *path, const struct flag *flags)
{
	struct view *view;
	char *action;

	page.lang = language(web, exchange, visited);
	page.list = first_list(web, visited);
	view = web_page_view(web, page.lang, page.list);
	add_topics(web, view, visited);
	if (path != NULL) {
		action = mem_printf("%s%s", path, visit->token);
		view_set_str(view, "action", action);
		free(action);
	}
	for (; flags != NULL && flags->name != NULL; flags++)
		view_set_bool(view, flags->name, flags->value);
	web_page_show(web, exchange, &page, view);
}

static void
show_plain(struct web *web, struct http_exchange *exchange,
    const struct web_visit *visit, const Message__Visited *visited,
    const char *template)
{
	show(web, exchange, visit, visited, (struct web_page){ .status = 200,
	    .template = template }, NULL, NULL);
}

/* For programs a word is enough; true when that was the answer. */
static bool
show_word(struct web *web, struct http_exchange *exchange,
    const struct web_visit *visit, const Message__Visited *visited)
{
	if (!visit->json || (size_t)visited->state >=
	    sizeof(words) / sizeof(words[0]))
		return false;
	web_page_json(web, exchange, 200, words[visited->state]);
	return true;
}

static bool
has_left(const Message__Visited *visited)
{
	return visited->state == MESSAGE__VISITED__STATE__UNSUBSCRIBED ||
	    visited->state == MESSAGE__VISITED__STATE__WITHDRAWN;
}

static void
show_left(struct web *web, struct http_exchange *exchange,
    const struct web_visit *visit, const Message__Visited *visited)
{
	if (!show_word(web, exchange, visit, visited))
		show_plain(web, exchange, visit, visited, "unsubscribed");
}

/* ---- confirm ---- */

static void
show_button(struct web *web, struct http_exchange *exchange,
    const struct web_visit *visit, const Message__Visited *visited)
{
	const struct config_list *list = first_list(web, visited);
	bool wrong = visited->outcome ==
	    MESSAGE__VISITED__OUTCOME__WRONG_CODE;
	bool missing = visited->outcome ==
	    MESSAGE__VISITED__OUTCOME__NEEDS_PROOF;
	const struct flag flags[] = {
		{ "auto", visit->looks && visited->cookie_holds },
		{ "code_error", wrong },
		{ "pressed_missing", missing },
		{ NULL, false },
	};

	show(web, exchange, visit, visited, (struct web_page){
		.status = wrong ? 400 : 200,
		.template = "confirm",
		.has_script = true,
		.leads_to = list != NULL ? list->confirmed_url : NULL,
	}, "/confirm/", flags);
}

static void
show_wrong_code(struct web *web, struct http_exchange *exchange,
    const struct web_visit *visit, const Message__Visited *visited)
{
	if (visit->json)
		web_page_fail(web, exchange, WEB_WRONG_CODE, "code");
	else if (visit->token[0] != '\0')
		show_button(web, exchange, visit, visited);
	else
		web_form_pending(web, exchange, &(struct web_pending){
			.list = first_list(web, visited),
			.lang = language(web, exchange, visited),
			.code_error = true,
			.no_cookie = visit->no_cookie,
		});
}

static void
show_confirmed(struct web *web, struct http_exchange *exchange,
    const struct web_visit *visit, const Message__Visited *visited)
{
	const struct config_list *list = first_list(web, visited);

	if (show_word(web, exchange, visit, visited))
		return;
	if (!visit->looks && list != NULL && list->confirmed_url[0] != '\0')
		web_page_redirect(web, exchange, list->confirmed_url);
	else
		show_plain(web, exchange, visit, visited, "confirmed");
}

void
web_visit_confirm(struct web *web, struct http_exchange *exchange,
    const struct web_visit *visit, const Message__Visited *visited)
{
	if (visited->outcome == MESSAGE__VISITED__OUTCOME__WRONG_CODE)
		show_wrong_code(web, exchange, visit, visited);
	else if (visited->outcome == MESSAGE__VISITED__OUTCOME__EXPIRED)
		web_page_expired(web, exchange,
		    first_list(web, visited));
	else if (visited->state == MESSAGE__VISITED__STATE__CONFIRMED)
		show_confirmed(web, exchange, visit, visited);
	else if (has_left(visited))
		show_left(web, exchange, visit, visited);
	else if (!show_word(web, exchange, visit, visited))
		show_button(web, exchange, visit, visited);
}

/* ---- unsubscribe and not-me ---- */

/* The page with a button, and with a box where the press didn't count. */
static void
show_way_out(struct web *web, struct http_exchange *exchange,
    const struct web_visit *visit, const Message__Visited *visited,
    const char *template, const char *path)
{
	const struct flag flags[] = {
		{ "tick", visit->tick },
		{ "confirmed", visited->state ==
		    MESSAGE__VISITED__STATE__CONFIRMED },
		{ NULL, false },
	};

	if (show_word(web, exchange, visit, visited))
		return;
	show(web, exchange, visit, visited, (struct web_page){
		.status = 200,
		.template = template,
		.has_script = true,
	}, path, flags);
}

void
web_visit_unsubscribe(struct web *web, struct http_exchange *exchange,
    const struct web_visit *visit, const Message__Visited *visited)
{
	if (visited->outcome != MESSAGE__VISITED__OUTCOME__DONE)
		web_page_expired(web, exchange,
		    first_list(web, visited));
	else if (visit->looks && !has_left(visited))
		show_way_out(web, exchange, visit, visited, "unsubscribe",
		    "/unsubscribe/");
	else
		show_left(web, exchange, visit, visited);
}

static void
show_withdrawn(struct web *web, struct http_exchange *exchange,
    const struct web_visit *visit, const Message__Visited *visited,
    bool can_undo)
{
	const struct flag flags[] = {
		{ "can_undo", can_undo },
		{ "tick", visit->tick },
		{ NULL, false },
	};

	if (!show_word(web, exchange, visit, visited))
		show(web, exchange, visit, visited, (struct web_page){
			.status = 200,
			.template = "notme_done",
			.has_script = can_undo,
		}, "/notme/", flags);
}

void
web_visit_notme(struct web *web, struct http_exchange *exchange,
    const struct web_visit *visit, const Message__Visited *visited)
{
	/* A request that is gone bothers nobody any more. */
	if (visited->outcome != MESSAGE__VISITED__OUTCOME__DONE)
		show_withdrawn(web, exchange, visit, visited, false);
	else if (visited->state == MESSAGE__VISITED__STATE__WITHDRAWN)
		show_withdrawn(web, exchange, visit, visited, true);
	else if (has_left(visited))
		show_left(web, exchange, visit, visited);
	else if (visit->action == MESSAGE__VISIT__ACTION__NOTME_UNDO) {
		if (!show_word(web, exchange, visit, visited))
			web_form_pending(web, exchange, &(struct web_pending){
				.list = first_list(web, visited),
				.lang = language(web, exchange, visited),
			});
	} else {
		show_way_out(web, exchange, visit, visited, "notme",
		    "/notme/");
	}
}
