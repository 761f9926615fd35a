/* SPDX-License-Identifier: ISC */
/*
 * Challenges: the page and the JSON that ask for a proof, and the route where
 * a form's own script or widget gets one early.
 */
#include "app/web/web_challenge.h"

#include <stdlib.h>

#include "app/web/web_first.h"
#include "app/web/web_origin.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "core/budget.h"
#include "core/form_names.h"
#include "core/view.h"
#include "io/http_form.h"
#include "io/json.h"

/* Networks counted at a time; how often a page goes on by itself: if that
 * didn't help, somebody is to see it; and when a wait is told in minutes. */
enum { NETWORKS_MAX = 1 << 14, AUTO_PAGES = 3, MINUTES_FROM = 91 };

static int64_t
now_s(void)
{
	return clock_wall_us() / CLOCK_SECOND;
}

static unsigned
level_of(const struct web_challenge *c)
{
	return c->answer->level < CHALLENGE_LEVELS ? c->answer->level :
	    CHALLENGE_LEVELS - 1;
}

static void
add_challenge(const struct web *web, const char *list, unsigned level,
    struct buf *out)
{
	struct challenge_seed seed = { .list = list, .level = level,
		.now = now_s() };
	struct challenge challenge;

	crypto_random(seed.random, sizeof(seed.random));
	challenge_make(slice_of(web->form_key, sizeof(web->form_key)), &seed,
	    &challenge);
	explicit_bzero(seed.random, sizeof(seed.random));
	challenge_write(&challenge, out);
}

static const char *
list_name(const struct web_challenge *c)
{
	return c->list != NULL ? c->list->name : "";
}

/* ---- the page ---- */

/* Whoever comes too early goes on waiting, and doesn't begin anew. */
static bool
is_early(const struct web_challenge *c)
{
	return c->proof->wait == FORM_TOKEN_EARLY;
}

static void
set_wait(const struct web *web, const struct web_challenge *c,
    struct view *view)
{
	char text[FORM_TOKEN_TEXT_SIZE];
	const struct form_token *token = &c->proof->token;
	int64_t now = now_s(), wait = FORM_TOKEN_WAIT_MIN;

	if (is_early(c)) {
		form_token_make(slice_of(web->form_key,
		    sizeof(web->form_key)), list_name(c), token, text);
		wait -= now - token->made_at;
	} else {
		web_proof_token(web, list_name(c), FORM_TOKEN_WAIT, now, text);
	}
	web_challenge_carry(view, form_names_own(FORM_FIELD_FORM_TOKEN),
	    text);
	if (wait < c->answer->retry_after)
		wait = c->answer->retry_after;
	/* Nobody has to read of "1 seconds". */
	view_set_num(view, "wait", wait > 2 ? wait : 2);
	if (wait >= MINUTES_FROM)
		view_set_num(view, "minutes", (wait + 59) / 60);
}

static void
set_challenge(const struct web *web, const struct web_challenge *c,
    struct view *view)
{
	struct buf text = { 0 };

	add_challenge(web, list_name(c), level_of(c), &text);
	view_set_slice(view, "challenge", buf_slice(&text));
	view_set_num(view, "range", challenge_range(level_of(c)));
	buf_fini(&text);
}

struct view *
web_challenge_view(const struct web *web, const struct web_challenge *c)
{
	struct view *view = web_page_view(web, c->lang, c->list);
	Message__FirstPost first = *c->first;
	bool early;
	char *text;

	view_set_str(view, "action", c->action);
	view_set_bool(view, "auto", first.pages < AUTO_PAGES);
	/* Whose browser solved something didn't press too early. */
	early = is_early(c) && !c->proof->has_solution;
	view_set_bool(view, "early", early);
	view_set_bool(view, "again", first.pages > 0 && !early);
	set_challenge(web, c, view);
	set_wait(web, c, view);
	first.pages++;
	text = web_first_write(web, &first);
	web_challenge_carry(view, form_names_own(FORM_FIELD_FIRST_POST),
	    text);
	free(text);
	return view;
}

void
web_challenge_carry(struct view *view, const char *name, const char *value)
{
	struct view *item = view_add_item(view, "carried");

	view_set_str(item, "name", name);
	view_set_str(item, "value", value);
}

void
web_challenge_show(struct web *web, struct http_exchange *exchange,
    const struct web_challenge *c, struct view *view)
{
	const struct web_page page = {
		.status = 200,
		.template = "challenge",
		.lang = c->lang,
		.list = c->list,
		.is_form = true,
		.has_script = true,
		.leads_to = c->leads_to,
	};

	web_page_show(web, exchange, &page, view);
}

/* ---- JSON ---- */

enum web_error
web_challenge_error(const struct web_challenge *c)
{
	/* One that holds, but was found too easy meanwhile, was no mistake. */
	bool easy = c->proof->kind == PRICE_SOLVED &&
	    c->proof->level < level_of(c);

	return c->proof->has_solution && !easy ? WEB_INVALID_CHALLENGE :
	    WEB_CHALLENGE_REQUIRED;
}

void
web_challenge_json(struct web *web, struct http_exchange *exchange,
    const struct web_challenge *c)
{
	struct buf text = { 0 };

	add_challenge(web, list_name(c), level_of(c), &text);
	web_page_fail_with(web, exchange, web_challenge_error(c), "challenge",
	    json_read(buf_slice(&text)));
	buf_fini(&text);
}

/* ---- the route ---- */

void
web_challenge_init(struct web *web)
{
	web->challenges = budget_new(&web->config->limits.per_network,
	    NETWORKS_MAX);
	crypto_random(&web->seed, sizeof(web->seed));
}

void
web_challenge_fini(struct web *web)
{
	budget_free(web->challenges);
}

/* That of ?list=NAME, or the default one; NULL when there is none. */
static const struct config_list *
list_of_query(const struct web *web, const struct http_request *request)
{
	const struct config_list *list = NULL;
	struct http_form *query;
	const char *name;

	if (http_form_parse_query(request->query, &query) != HTTP_FORM_OK)
		return NULL;
	name = http_form_get(query, form_names_own(FORM_FIELD_LIST));
	list = name != NULL ? config_list_find(web->config, slice_str(name)) :
	    web->config->default_list;
	http_form_free(query);
	return list;
}

void
web_challenge_get(struct web *web, struct http_exchange *exchange,
    struct slice none)
{
	enum { RETRY_SECONDS = 1 };
	const struct http_request *request = http_exchange_request(exchange);
	const struct config_list *list = list_of_query(web, request);
	struct buf text = { 0 };
	uint32_t later;

	(void)none;
	web_origin_allow(exchange, list != NULL ? web_origin_of(web, request,
	    &list, 1) : web_origin_of_any(web, request));
	if (list == NULL) {
		web_page_fail(web, exchange, WEB_UNKNOWN_LIST, "list");
	} else if (!web->has_terms) {
		web_page_fail_later(web, exchange, WEB_UNAVAILABLE,
		    RETRY_SECONDS);
	} else if (!budget_take(web->challenges, budget_network_key(
	    request->client, web->seed), now_s(), &later)) {
		web_page_fail_later(web, exchange, WEB_RATE_LIMITED, later);
	} else {
		add_challenge(web, list->name, web->level, &text);
		web_page_json_text(web, exchange, 200, buf_slice(&text));
		buf_fini(&text);
	}
}
