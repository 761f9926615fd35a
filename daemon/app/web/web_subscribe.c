/* SPDX-License-Identifier: ISC */
/*
 * Asking for a subscription: the form post, its preflight and the hosted form.
 */
#include <stdlib.h>

#include "app/metrics/metrics.h"
#include "app/web/web_after.h"
#include "app/web/web_challenge.h"
#include "app/web/web_cookie.h"
#include "app/web/web_engine.h"
#include "app/web/web_form.h"
#include "app/web/web_post.h"
#include "app/web/web_request.h"
#include "base/log.h"
#include "base/mem.h"

/* What is remembered of a post until the engine has answered. */
struct signup {
	struct web_post post;
	bool json;
	char *location;		/* where a browser goes then; NULL: json */
	struct web_after after;
	char *cookie;		/* Set-Cookie; NULL: none */
	char *address;		/* for the log, which masks it */
};

static void
signup_free(void *data)
{
	struct signup *signup = data;

	web_post_end(&signup->post);
	free(signup->location);
	free(signup->cookie);
	free(signup->address);
	free(signup);
}

/* ---- the answer ---- */

void
web_subscribe_count(const struct web *web, enum web_error error)
{
	metrics_add(web->metrics, METRICS_SUBSCRIBES, METRICS_AT(error), 1);
}

static void
log_signup(const struct http_exchange *exchange, const struct signup *signup,
    const char *outcome, int status)
{
	const struct web_post *post = &signup->post;

	log_info("subscribe", log_num("request",
	    (int64_t)http_exchange_request(exchange)->serial),
	    log_str("outcome", outcome), log_num("status", status),
	    log_str("list", post->form->list->name),
	    log_address("address", slice_str(signup->address)),
	    log_str("origin", web_origin_name(post->first_origin)),
	    log_str("proof", web_proof_name(&post->proof)));
}

/* Programs know what to say themselves. */
static void
answer_pending(struct web *web, struct http_exchange *exchange,
    const struct signup *signup)
{
	const struct web_post *post = &signup->post;
	bool page = post->origin != WEB_ORIGIN_UNKNOWN;
	struct buf text = { 0 };

	web_after_write(web, post->form, &signup->after, page,
	    page && signup->cookie != NULL, &text);
	web_page_json_text(web, exchange, 202, buf_slice(&text));
	buf_fini(&text);
}

static void
accept(struct web *web, struct http_exchange *exchange,
    const struct signup *signup)
{
	log_signup(exchange, signup, "accepted", signup->json ? 202 : 303);
	web_subscribe_count(web, WEB_OK);
	if (signup->cookie != NULL)
		http_answer_header(exchange, "Set-Cookie",
		    slice_str(signup->cookie));
	if (signup->json)
		answer_pending(web, exchange, signup);
	else
		web_page_redirect(web, exchange, signup->location);
}

static void
carry(const char *name, const char *value, void *arg)
{
	web_challenge_carry(arg, name, value);
}

/* Nothing was kept of it: whoever asked has it all. */
static void
ask_for_more(struct web *web, struct http_exchange *exchange,
    const struct signup *signup, const Message__Subscribed *answer)
{
	const struct form *form = signup->post.form;
	char *action = mem_printf("/subscribe/%s", form->list->name);
	const struct web_challenge challenge = {
		.list = form->list,
		.lang = form->lang,
		.action = action,
		.leads_to = form->redirect != NULL ? form->redirect :
		    form->list->pending_url,
		.first = signup->post.first,
		.proof = &signup->post.proof,
		.answer = answer,
	};

	log_signup(exchange, signup, "challenged", signup->json ? 400 : 200);
	web_subscribe_count(web, web_challenge_error(&challenge));
	if (signup->json) {
		web_challenge_json(web, exchange, &challenge);
	} else {
		struct view *view = web_challenge_view(web, &challenge);

		form_typed_each(form, carry, view);
		web_challenge_show(web, exchange, &challenge, view);
	}
	free(action);
}

static void
on_subscribed(struct web *web, struct http_exchange *exchange,
    const Message__Envelope *envelope)
{
	enum { RETRY_SECONDS = 5 };
	const struct signup *signup = http_exchange_data(exchange);
	Message__Subscribed__Outcome outcome =
	    MESSAGE__SUBSCRIBED__OUTCOME__UNAVAILABLE;
	unsigned later = RETRY_SECONDS;

	if (envelope != NULL) {
		outcome = envelope->subscribed->outcome;
		if (envelope->subscribed->retry_after > 0)
			later = envelope->subscribed->retry_after;
	}
	web_origin_allow(exchange, signup->post.origin);
	if (outcome == MESSAGE__SUBSCRIBED__OUTCOME__ACCEPTED) {
		accept(web, exchange, signup);
	} else if (outcome == MESSAGE__SUBSCRIBED__OUTCOME__CHALLENGED &&
	    web->has_terms) {
		ask_for_more(web, exchange, signup, envelope->subscribed);
	} else if (outcome == MESSAGE__SUBSCRIBED__OUTCOME__RATE_LIMITED) {
		log_signup(exchange, signup, "rate_limited", 429);
		web_subscribe_count(web, WEB_RATE_LIMITED);
		web_page_fail_later(web, exchange, WEB_RATE_LIMITED, later);
	} else {
		log_signup(exchange, signup, "unavailable", 503);
		web_subscribe_count(web, WEB_UNAVAILABLE);
		web_page_fail_later(web, exchange, WEB_UNAVAILABLE, later);
	}
}

/* ---- the question ---- */

/* All that can be told before there is a form. */
static enum web_origin
origin_of_path(const struct web *web, const struct http_request *request,
    struct slice name)
{
	const struct config_list *list = config_list_find(web->config, name);

	return list != NULL ? web_origin_of(web, request, &list, 1) :
	    web_origin_of_any(web, request);
}

void
web_subscribe_allow(const struct web *web, struct http_exchange *exchange,
    struct slice name)
{
	web_origin_allow(exchange, origin_of_path(web,
	    http_exchange_request(exchange), name));
}

/* A page of ours or one that the lists name: nobody else's form. */
static bool
is_known(enum web_origin origin)
{
	return origin == WEB_ORIGIN_OWN || origin == WEB_ORIGIN_LISTED;
}

/* Whose page it was, or whose it says that it was at first. */
static bool
is_foreign(const struct web_post *post)
{
	return post->origin == WEB_ORIGIN_FOREIGN ||
	    post->first_origin == WEB_ORIGIN_FOREIGN;
}

static void
refuse(struct web *web, struct http_exchange *exchange,
    const struct web_post *post)
{
	static const enum web_error errors[FORM_ERROR_END] = {
		[FORM_OK] = WEB_OK,
		[FORM_MISSING_EMAIL] = WEB_MISSING_EMAIL,
		[FORM_INVALID_EMAIL] = WEB_INVALID_EMAIL,
		[FORM_UNKNOWN_LIST] = WEB_UNKNOWN_LIST,
		[FORM_INVALID_FIELD] = WEB_INVALID_FIELD,
		[FORM_CONSENT_REQUIRED] = WEB_CONSENT_REQUIRED,
		[FORM_BAD_REQUEST] = WEB_BAD_REQUEST,
	};
	const struct http_request *request = http_exchange_request(exchange);
	const struct form *form = post->form;
	enum web_error error = is_foreign(post) ? WEB_ORIGIN_NOT_ALLOWED :
	    errors[form->error];

	log_info("subscribe", log_num("request", (int64_t)request->serial),
	    log_str("outcome", web_error_code(error)),
	    log_num("status", (int)web_error_status(error)),
	    log_str("list", form->list != NULL ? form->list->name : ""),
	    log_str("field", form->field),
	    log_str("origin", web_origin_name(post->first_origin)));
	web_subscribe_count(web, error);
	web_origin_allow(exchange, post->origin);
	if (error == WEB_ORIGIN_NOT_ALLOWED || error == WEB_UNKNOWN_LIST ||
	    form->list_count == 0 || form->lang == NULL ||
	    web_wants_json(request))
		web_page_fail(web, exchange, error,
		    error == WEB_ORIGIN_NOT_ALLOWED ? NULL : form->field);
	else
		web_form_again(web, exchange, form, error,
		    is_known(post->first_origin));
}

/*
 * Only who came from a page of ours or a listed one, and by hand.  Of a fetch
 * no browser says that; but such an origin has none but that page's script,
 * and a browser keeps the cookie only if that is of our own site.
 */
static bool
may_have_cookie(const struct web *web, const struct http_request *request,
    const struct web_post *post)
{
	return web->config->signup_cookie && is_known(post->first_origin) &&
	    (post->first->by_hand || (post->origin == WEB_ORIGIN_LISTED &&
	    web_is_fetch(request)));
}

/* Where a browser goes then; owned. */
static char *
location_of(const struct form *form, const struct web_after *after)
{
	if (form->redirect != NULL)
		return mem_strdup(form->redirect);
	if (form->list->pending_url[0] != '\0')
		return mem_strdup(form->list->pending_url);
	return web_after_location(form->list, after);
}

/* Takes the post. */
static struct signup *
signup_new(struct web *web, const struct http_request *request,
    const struct web_post *post, Message__Subscribe *message)
{
	const struct form *form = post->form;
	struct signup *signup = MEM_NEW(struct signup);
	uint8_t hash[CRYPTO_HASH_SIZE];

	signup->post = *post;
	signup->json = web_wants_json(request);
	signup->address = mem_strdup(message->address);
	web_after_of(message->address_key, &signup->after);
	if (!signup->json)
		signup->location = location_of(form, &signup->after);
	if (may_have_cookie(web, request, post)) {
		signup->cookie = web_cookie_new(web, form->list, hash);
		message->cookie_hash.data = mem_dup(hash, sizeof(hash));
		message->cookie_hash.len = sizeof(hash);
	}
	return signup;
}

static void
ask_engine(struct web *web, struct http_exchange *exchange,
    struct web_post *post)
{
	const struct http_request *request = http_exchange_request(exchange);
	Message__Envelope envelope = MESSAGE__ENVELOPE__INIT;
	Message__Subscribe *message = web_post_message(post, request);

	http_exchange_set_data(exchange, signup_new(web, request, post,
	    message), signup_free);
	envelope.body_case = MESSAGE__ENVELOPE__BODY_SUBSCRIBE;
	envelope.subscribe = message;
	web_engine_ask(web->engine, &envelope,
	    MESSAGE__ENVELOPE__BODY_SUBSCRIBED, exchange, on_subscribed);
	message__subscribe__free_unpacked(message, NULL);
}

void
web_subscribe_post(struct web *web, struct http_exchange *exchange,
    struct slice name)
{
	struct web_post post;
	enum web_error error = web_post_read(web,
	    http_exchange_request(exchange), name, &post);

	if (error != WEB_OK) {
		web_subscribe_count(web, error);
		web_subscribe_allow(web, exchange, name);
		web_page_fail(web, exchange, error, NULL);
		return;
	}
	metrics_add(web->metrics, METRICS_FIELDS_IGNORED, METRICS_AT(0),
	    post.form->ignored);
	if (post.form->error != FORM_OK || is_foreign(&post)) {
		refuse(web, exchange, &post);
		web_post_end(&post);
	} else {
		ask_engine(web, exchange, &post);
	}
}

void
web_subscribe_options(struct web *web, struct http_exchange *exchange,
    struct slice name)
{
	const struct http_request *request = http_exchange_request(exchange);
	enum web_origin origin = origin_of_path(web, request, name);

	web_page_headers(web, exchange);
	http_answer_header(exchange, "Allow", slice_str(name.len > 0 ?
	    "GET, HEAD, POST, OPTIONS" : "POST, OPTIONS"));
	web_origin_allow(exchange, origin);
	if (origin == WEB_ORIGIN_LISTED || origin == WEB_ORIGIN_ANY) {
		http_answer_header(exchange, "Access-Control-Allow-Methods",
		    slice_str("POST"));
		http_answer_header(exchange, "Access-Control-Allow-Headers",
		    slice_str("Content-Type"));
		http_answer_header(exchange, "Access-Control-Max-Age",
		    slice_str("600"));
	}
	http_answer(exchange, 204, slice_of(NULL, 0));
}

void
web_subscribe_show(struct web *web, struct http_exchange *exchange,
    struct slice name)
{
	const struct config_list *list = config_list_by_name(web->config,
	    name);

	if (list == NULL)
		web_page_fail(web, exchange, WEB_NOT_FOUND, NULL);
	else
		web_form_show(web, exchange, list, web_language(
		    http_exchange_request(exchange), &list->languages));
}
