/* SPDX-License-Identifier: ISC */
/*
 * Asking for a subscription: the form post, its preflight, the hosted form
 * and the page that says "look into your mailbox".
 */
#include <stdlib.h>

#include "app/metrics/metrics.h"
#include "app/web/web_cookie.h"
#include "app/web/web_engine.h"
#include "app/web/web_form.h"
#include "app/web/web_origin.h"
#include "app/web/web_page.h"
#include "app/web/web_request.h"
#include "base/log.h"
#include "base/mem.h"
#include "core/form.h"

/* What is remembered of a post until the engine has answered. */
struct signup {
	enum web_origin origin;
	bool json;
	char *location;		/* where a browser goes then */
	char *cookie;		/* Set-Cookie; NULL: none */
	char *address;		/* for the log, which masks it */
	const char *list;
};

static void
signup_free(void *data)
{
	struct signup *signup = data;

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
	log_info("subscribe", log_num("request",
	    (int64_t)http_exchange_request(exchange)->serial),
	    log_str("outcome", outcome), log_num("status", status),
	    log_str("list", signup->list),
	    log_address("address", slice_str(signup->address)),
	    log_str("origin", web_origin_name(signup->origin)));
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
		web_page_json(web, exchange, 202, "pending");
	else
		web_page_redirect(web, exchange, signup->location);
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
	web_origin_allow(exchange, signup->origin);
	if (outcome == MESSAGE__SUBSCRIBED__OUTCOME__ACCEPTED) {
		accept(web, exchange, signup);
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

static struct form *
read_fields(struct web *web, const struct http_request *request,
    const struct http_form *posted, struct slice list)
{
	char *path_list = list.len > 0 ? slice_dup(list) : NULL;
	char *accept_language = slice_dup(http_request_header(request,
	    "Accept-Language"));
	struct form_pair pairs[HTTP_FORM_MAX];
	struct form *form;

	for (size_t i = 0; i < posted->count; i++)
		pairs[i] = (struct form_pair){ posted->pair[i].name,
			posted->pair[i].value };
	form = form_read(&(struct form_input){
		.config = web->config,
		.pairs = pairs,
		.pair_count = posted->count,
		.path_list = path_list,
		.accept_language = accept_language,
	});
	free(path_list);
	free(accept_language);
	return form;
}

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

static enum web_origin
origin_of_form(const struct web *web, const struct http_request *request,
    const struct form *form)
{
	return form->list_count > 0 ? web_origin_of(web, request, form->lists,
	    form->list_count) : web_origin_of_any(web, request);
}

/* A page of ours or one that the lists name: nobody else's form. */
static bool
is_known(enum web_origin origin)
{
	return origin == WEB_ORIGIN_OWN || origin == WEB_ORIGIN_LISTED;
}

static void
refuse(struct web *web, struct http_exchange *exchange,
    const struct form *form, enum web_origin origin)
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
	enum web_error error = origin == WEB_ORIGIN_FOREIGN ?
	    WEB_ORIGIN_NOT_ALLOWED : errors[form->error];

	log_info("subscribe", log_num("request", (int64_t)request->serial),
	    log_str("outcome", web_error_code(error)),
	    log_num("status", (int)web_error_status(error)),
	    log_str("list", form->list != NULL ? form->list->name : ""),
	    log_str("field", form->field),
	    log_str("origin", web_origin_name(origin)));
	web_subscribe_count(web, error);
	web_origin_allow(exchange, origin);
	if (error == WEB_ORIGIN_NOT_ALLOWED || error == WEB_UNKNOWN_LIST ||
	    form->list_count == 0 || form->lang == NULL ||
	    web_wants_json(request))
		web_page_fail(web, exchange, error,
		    error == WEB_ORIGIN_NOT_ALLOWED ? NULL : form->field);
	else
		web_form_again(web, exchange, form, error,
		    is_known(origin));
}

/* Only who came from a page of ours or a listed one, and by hand. */
static bool
may_have_cookie(const struct web *web, const struct http_request *request,
    enum web_origin origin)
{
	return web->config->signup_cookie && is_known(origin) &&
	    web_is_by_hand(request);
}

static struct signup *
signup_new(struct web *web, const struct http_request *request,
    struct form *form, enum web_origin origin, Message__Subscribe *message)
{
	const char *pending_url = form->list->pending_url;
	struct signup *signup = MEM_NEW(struct signup);
	uint8_t hash[CRYPTO_HASH_SIZE];

	signup->origin = origin;
	signup->json = web_wants_json(request);
	signup->list = form->list->name;
	signup->address = mem_strdup(message->address);
	if (form->redirect != NULL)
		signup->location = mem_strdup(form->redirect);
	else if (pending_url[0] != '\0')
		signup->location = mem_strdup(pending_url);
	else
		signup->location = mem_printf("/pending/%s", form->list->name);
	if (may_have_cookie(web, request, origin)) {
		signup->cookie = web_cookie_new(web, form->list, hash);
		message->cookie_hash.data = mem_dup(hash, sizeof(hash));
		message->cookie_hash.len = sizeof(hash);
	}
	return signup;
}

static void
ask_engine(struct web *web, struct http_exchange *exchange,
    struct form *form, enum web_origin origin)
{
	const struct http_request *request = http_exchange_request(exchange);
	Message__Envelope envelope = MESSAGE__ENVELOPE__INIT;
	Message__Subscribe *message = form_take_subscribe(form);

	web_evidence_read(request, message->evidence);
	http_exchange_set_data(exchange, signup_new(web, request, form,
	    origin, message), signup_free);
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
	const struct http_request *request = http_exchange_request(exchange);
	enum web_error error;
	struct http_form *posted = web_parse_form(request, &error);
	enum web_origin origin;
	struct form *form;

	if (posted == NULL) {
		web_subscribe_count(web, error);
		web_subscribe_allow(web, exchange, name);
		web_page_fail(web, exchange, error, NULL);
		return;
	}
	form = read_fields(web, request, posted, name);
	http_form_free(posted);
	metrics_add(web->metrics, METRICS_FIELDS_IGNORED, METRICS_AT(0),
	    form->ignored);
	origin = origin_of_form(web, request, form);
	if (form->error != FORM_OK || origin == WEB_ORIGIN_FOREIGN)
		refuse(web, exchange, form, origin);
	else
		ask_engine(web, exchange, form, origin);
	form_free(form);
}

/* ---- preflight, form and pending page ---- */

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

void
web_pending_show(struct web *web, struct http_exchange *exchange,
    struct slice name)
{
	const struct config_list *list = config_list_by_name(web->config,
	    name);

	if (list == NULL)
		web_page_fail(web, exchange, WEB_NOT_FOUND, NULL);
	else
		web_form_pending(web, exchange, list, web_language(
		    http_exchange_request(exchange), &list->languages),
		    false);
}
