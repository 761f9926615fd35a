/* SPDX-License-Identifier: ISC */
/*
 * Who comes with a token, from a link in a mail: confirming, unsubscribing,
 * "that was not me".  Looking never changes anything; what does is asked of
 * the engine, which alone knows what a token stands for.
 */
#include <stdlib.h>

#include "app/web/web_cookie.h"
#include "app/web/web_engine.h"
#include "app/web/web_page.h"
#include "app/web/web_request.h"
#include "app/web/web_visit_page.h"
#include "base/log.h"
#include "base/mem.h"
#include "core/token.h"

#define ACTION(name) MESSAGE__VISIT__ACTION__##name

/* How each action is called in the log; NULL: it only looks. */
static const char *const events[] = {
	[ACTION(LOOK_CONFIRM)] = NULL,
	[ACTION(LOOK_UNSUBSCRIBE)] = NULL,
	[ACTION(LOOK_NOTME)] = NULL,
	[ACTION(CONFIRM)] = "confirm",
	[ACTION(CONFIRM_CODE)] = "confirm_code",
	[ACTION(UNSUBSCRIBE)] = "unsubscribe",
	[ACTION(NOTME)] = "notme",
	[ACTION(NOTME_UNDO)] = "notme_undo",
};

static const char *const outcomes[] = {
	[MESSAGE__VISITED__OUTCOME__DONE] = "done",
	[MESSAGE__VISITED__OUTCOME__NOT_FOUND] = "not_found",
	[MESSAGE__VISITED__OUTCOME__EXPIRED] = "expired",
	[MESSAGE__VISITED__OUTCOME__NEEDS_PROOF] = "needs_proof",
	[MESSAGE__VISITED__OUTCOME__WRONG_CODE] = "wrong_code",
	[MESSAGE__VISITED__OUTCOME__UNAVAILABLE] = "unavailable",
};

static void
visit_free(void *data)
{
	struct web_visit *visit = data;

	free(visit->token);
	free(visit);
}

static void
log_visit(const struct http_exchange *exchange,
    Message__Visit__Action action, const Message__Visited *visited)
{
	size_t outcome = visited != NULL ? (size_t)visited->outcome :
	    MESSAGE__VISITED__OUTCOME__UNAVAILABLE;

	if (events[action] == NULL ||
	    outcome >= sizeof(outcomes) / sizeof(outcomes[0]))
		return;
	log_info(events[action], log_num("request",
	    (int64_t)http_exchange_request(exchange)->serial),
	    log_str("outcome", outcomes[outcome]),
	    log_str("list", visited != NULL && visited->n_topics > 0 ?
	    visited->topics[0]->list : ""));
}

static void
on_visited(struct web *web, struct http_exchange *exchange,
    const Message__Envelope *envelope)
{
	enum { RETRY_SECONDS = 5 };
	const struct web_visit *visit = http_exchange_data(exchange);
	const Message__Visited *visited =
	    envelope != NULL ? envelope->visited : NULL;

	log_visit(exchange, visit->action, visited);
	if (visited == NULL ||
	    visited->outcome == MESSAGE__VISITED__OUTCOME__UNAVAILABLE)
		web_page_fail_later(web, exchange, WEB_UNAVAILABLE,
		    RETRY_SECONDS);
	else if (visited->outcome == MESSAGE__VISITED__OUTCOME__NOT_FOUND)
		web_page_fail(web, exchange, WEB_NOT_FOUND, NULL);
	else
		visit->show(web, exchange, visit, visited);
}

/* What is to be asked, before it is. */
struct question {
	Message__Visit__Action action;
	struct slice token;	/* empty: by cookie */
	const char *code;	/* NULL: none */
	const char *way;	/* how somebody leaves, as evidence; or NULL */
	bool pressed;
	bool tick;		/* ask to tick a box: see struct web_visit */
	bool with_cookie;
	web_visit_show show;
};

static void
ask(struct web *web, struct http_exchange *exchange,
    const struct question *question)
{
	const struct http_request *request = http_exchange_request(exchange);
	Message__Envelope envelope = MESSAGE__ENVELOPE__INIT;
	Message__Visit message;
	Fact__Evidence evidence;
	struct web_visit *visit = MEM_NEW(struct web_visit);
	uint8_t hash[CRYPTO_HASH_SIZE];
	char *code = mem_strdup(question->code != NULL ? question->code : "");
	char *way = mem_strdup(question->way != NULL ? question->way : "");

	message__visit__init(&message);
	fact__evidence__init(&evidence);
	visit->action = question->action;
	visit->show = question->show;
	visit->looks = events[question->action] == NULL;
	visit->tick = question->tick;
	visit->json = web_wants_json(request);
	visit->token = slice_dup(question->token);
	http_exchange_set_data(exchange, visit, visit_free);
	web_evidence_read(request, &evidence);
	evidence.way = way;
	message.action = question->action;
	message.token = visit->token;
	message.code = code;
	message.pressed = question->pressed;
	message.evidence = &evidence;
	visit->no_cookie = web_cookie_read(web, request, hash) < 0;
	if (question->with_cookie && !visit->no_cookie) {
		message.cookie_hash.data = hash;
		message.cookie_hash.len = sizeof(hash);
	}
	envelope.body_case = MESSAGE__ENVELOPE__BODY_VISIT;
	envelope.visit = &message;
	/* The visit, and its token, may be gone after this. */
	web_engine_ask(web->engine, &envelope,
	    MESSAGE__ENVELOPE__BODY_VISITED, exchange, on_visited);
	web_evidence_clear(&evidence);
	free(code);
	free(way);
}

/* A link that was cut off or changed needs no engine to say so. */
static bool
check_token(struct web *web, struct http_exchange *exchange,
    struct slice token)
{
	if (token_is_wellformed(token))
		return true;
	web_page_fail(web, exchange, WEB_NOT_FOUND, NULL);
	return false;
}

static void
look(struct web *web, struct http_exchange *exchange, struct slice token,
    Message__Visit__Action action, web_visit_show show)
{
	if (check_token(web, exchange, token))
		ask(web, exchange, &(struct question){ .action = action,
		    .token = token, .show = show,
		    .with_cookie = action == ACTION(LOOK_CONFIRM) });
}

void
web_confirm_show(struct web *web, struct http_exchange *exchange,
    struct slice token)
{
	look(web, exchange, token, ACTION(LOOK_CONFIRM), web_visit_confirm);
}

void
web_unsubscribe_show(struct web *web, struct http_exchange *exchange,
    struct slice token)
{
	look(web, exchange, token, ACTION(LOOK_UNSUBSCRIBE),
	    web_visit_unsubscribe);
}

void
web_notme_show(struct web *web, struct http_exchange *exchange,
    struct slice token)
{
	look(web, exchange, token, ACTION(LOOK_NOTME), web_visit_notme);
}

void
web_confirm_post(struct web *web, struct http_exchange *exchange,
    struct slice token)
{
	struct http_form *form;

	if (!check_token(web, exchange, token) ||
	    (form = web_read_form(web, exchange)) == NULL)
		return;
	ask(web, exchange, &(struct question){
		.action = ACTION(CONFIRM),
		.token = token,
		.code = http_form_get(form, "code"),
		.pressed = web_is_pressed(http_exchange_request(exchange),
		    form),
		.with_cookie = true,
		.show = web_visit_confirm,
	});
	http_form_free(form);
}

void
web_code_post(struct web *web, struct http_exchange *exchange,
    struct slice none)
{
	struct http_form *form = web_read_form(web, exchange);

	(void)none;
	if (form == NULL)
		return;
	ask(web, exchange, &(struct question){
		.action = ACTION(CONFIRM_CODE),
		.code = http_form_get(form, "code"),
		.with_cookie = true,
		.show = web_visit_confirm,
	});
	http_form_free(form);
}

/*
 * Nobody is stopped on the way out, or on the way back from "that was not
 * me": who can't be told from a robot by the press ticks a box.  How it was
 * meant; NULL when it wasn't.
 */
static const char *
way_out(const struct http_request *request, const struct http_form *form)
{
	if (web_is_pressed(request, form))
		return "click";
	return web_form_is(form, "sure", "1") ? "tick" : NULL;
}

/*
 * RFC 8058 §3.1: this body, and nothing else is to be asked.  Some senders end
 * it like a line.
 */
static bool
is_one_click(const struct http_form *form)
{
	const char *value = http_form_get(form, "List-Unsubscribe");
	const char *word = "One-Click";
	size_t len = strlen(word);

	return value != NULL && strncmp(value, word, len) == 0 &&
	    strspn(value + len, " \r\n") == strlen(value + len);
}

void
web_unsubscribe_post(struct web *web, struct http_exchange *exchange,
    struct slice token)
{
	struct http_form *form;
	const char *way;

	if (!check_token(web, exchange, token) ||
	    (form = web_read_form(web, exchange)) == NULL)
		return;
	if (is_one_click(form))
		way = "one-click";
	else
		way = way_out(http_exchange_request(exchange), form);
	ask(web, exchange, &(struct question){
		.action = way != NULL ? ACTION(UNSUBSCRIBE) :
		    ACTION(LOOK_UNSUBSCRIBE),
		.token = token,
		.way = way,
		.tick = way == NULL,
		.show = web_visit_unsubscribe,
	});
	http_form_free(form);
}

void
web_notme_post(struct web *web, struct http_exchange *exchange,
    struct slice token)
{
	Message__Visit__Action action = ACTION(LOOK_NOTME);
	struct http_form *form;
	const char *way;

	if (!check_token(web, exchange, token) ||
	    (form = web_read_form(web, exchange)) == NULL)
		return;
	way = way_out(http_exchange_request(exchange), form);
	if (way != NULL)
		action = web_form_is(form, "undo", "1") ?
		    ACTION(NOTME_UNDO) : ACTION(NOTME);
	ask(web, exchange, &(struct question){
		.action = action,
		.token = token,
		.way = way,
		.tick = way == NULL,
		.show = web_visit_notme,
	});
	http_form_free(form);
}
