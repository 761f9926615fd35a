/* SPDX-License-Identifier: ISC */
/*
 * Asking for the link to one's own data.  The answer is the same whatever is
 * known of the address: the engine has taken the question, and no more.
 */
#include <stdlib.h>

#include "app/web/web_challenge.h"
#include "app/web/web_engine.h"
#include "app/web/web_first.h"
#include "app/web/web_form.h"
#include "app/web/web_manage.h"
#include "app/web/web_request.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "core/address.h"
#include "core/form_names.h"
#include "core/view.h"

/* ---- pages ---- */

void
web_manage_ask_show(struct web *web, struct http_exchange *exchange,
    enum web_error error, bool expired)
{
	const char *lang = web_language(http_exchange_request(exchange),
	    &web->languages);
	const struct web_page page = {
		.status = expired ? 410 : web_error_status(error),
		.template = "manage_ask",
		.lang = lang,
		.is_form = true,
	};
	struct view *view = web_page_view(web, lang, NULL);

	view_set_str(view, "action", "/manage");
	view_set_str(view, "hp_name", "hp");
	web_form_add_token(web, "", view);
	view_set_bool(view, "expired", expired);
	if (error != WEB_OK) {
		web_page_set_error(web->templates, view, lang, error);
		view_set_bool(view, "bad_email", true);
	}
	web_page_show(web, exchange, &page, view);
}

void
web_manage_ask_page(struct web *web, struct http_exchange *exchange,
    struct slice none)
{
	(void)none;
	web_manage_ask_show(web, exchange, WEB_OK, false);
}

void
web_manage_sent_page(struct web *web, struct http_exchange *exchange,
    struct slice none)
{
	const char *lang = web_language(http_exchange_request(exchange),
	    &web->languages);
	const struct web_page page = { .status = 200,
		.template = "manage_sent", .lang = lang };

	(void)none;
	web_page_show(web, exchange, &page, web_page_view(web, lang, NULL));
}

/* ---- the answer ---- */

/* What is remembered until the engine has answered. */
struct asked {
	bool json;
	char *address;
	Message__FirstPost *first;
	struct web_proof proof;
};

static void
asked_free(void *data)
{
	struct asked *asked = data;

	message__first_post__free_unpacked(asked->first, NULL);
	free(asked->address);
	free(asked);
}

static void
log_asked(const struct http_exchange *exchange, const char *address,
    const char *outcome)
{
	log_info("manage_ask", log_num("request",
	    (int64_t)http_exchange_request(exchange)->serial),
	    log_str("outcome", outcome),
	    log_address("address", slice_str(address)));
}

/* Web can't ask for anything until it knows how. */
static bool
is_possible(const struct web *web, Message__Subscribed__Outcome outcome)
{
	return outcome == MESSAGE__SUBSCRIBED__OUTCOME__CHALLENGED ?
	    web->has_terms :
	    outcome != MESSAGE__SUBSCRIBED__OUTCOME__UNAVAILABLE;
}

static void
ask_for_more(struct web *web, struct http_exchange *exchange,
    const struct asked *asked, const Message__Subscribed *answer)
{
	const struct web_challenge challenge = {
		.lang = web_language(http_exchange_request(exchange),
		    &web->languages),
		.action = "/manage",
		.first = asked->first,
		.proof = &asked->proof,
		.answer = answer,
	};
	struct view *view;

	log_asked(exchange, asked->address, "challenged");
	if (asked->json) {
		web_challenge_json(web, exchange, &challenge);
		return;
	}
	view = web_challenge_view(web, &challenge);
	web_challenge_carry(view, form_names_own(FORM_FIELD_EMAIL),
	    asked->address);
	web_challenge_show(web, exchange, &challenge, view);
}

static void
on_asked(struct web *web, struct http_exchange *exchange,
    const Message__Envelope *envelope)
{
	enum { RETRY_SECONDS = 5 };
	const struct asked *asked = http_exchange_data(exchange);
	const Message__Subscribed *s = envelope != NULL ?
	    envelope->subscribed : NULL;

	if (s == NULL || !is_possible(web, s->outcome)) {
		log_asked(exchange, asked->address, "unavailable");
		web_page_fail_later(web, exchange, WEB_UNAVAILABLE,
		    RETRY_SECONDS);
	} else if (s->outcome == MESSAGE__SUBSCRIBED__OUTCOME__RATE_LIMITED) {
		log_asked(exchange, asked->address, "rate_limited");
		web_page_fail_later(web, exchange, WEB_RATE_LIMITED,
		    s->retry_after);
	} else if (s->outcome == MESSAGE__SUBSCRIBED__OUTCOME__CHALLENGED) {
		ask_for_more(web, exchange, asked, s);
	} else {
		log_asked(exchange, asked->address, "accepted");
		if (asked->json)
			web_page_json(web, exchange, 202, "pending");
		else
			web_page_redirect(web, exchange, "/manage/sent");
	}
}

/* ---- the question ---- */

struct entered {
	const char *address;	/* NULL: none */
	bool robot;
};

static struct entered
read_entered(const struct http_form *form)
{
	struct entered entered = { NULL, false };

	for (size_t i = 0; i < form->count; i++) {
		struct slice key;
		enum form_field field = form_names_find(
		    slice_str(form->pair[i].name), &key);

		if (field == FORM_FIELD_EMAIL && entered.address == NULL)
			entered.address = form->pair[i].value;
		if (field == FORM_FIELD_HONEYPOT)
			entered.robot |= form->pair[i].value[0] != '\0';
	}
	return entered;
}

static struct asked *
asked_new(struct web *web, const struct http_request *request,
    const struct http_form *form, const char *address)
{
	struct asked *asked = MEM_NEW(struct asked);

	asked->json = web_wants_json(request);
	asked->address = mem_strdup(address);
	asked->first = web_first_read(web, request, form);
	web_proof_read(web, form, NULL, 0, clock_wall_us() / CLOCK_SECOND,
	    &asked->proof);
	return asked;
}

static void
ask(struct web *web, struct http_exchange *exchange,
    const struct http_form *form, struct address *address, bool robot)
{
	const struct http_request *request = http_exchange_request(exchange);
	Message__Envelope envelope = MESSAGE__ENVELOPE__INIT;
	Message__Subscribe message;
	Fact__Evidence evidence;
	struct asked *asked = asked_new(web, request, form,
	    address->canonical);
	char *lang = mem_strdup(web_language(request, &web->languages));

	asked->first->robot |= robot;
	http_exchange_set_data(exchange, asked, asked_free);
	message__subscribe__init(&message);
	fact__evidence__init(&evidence);
	web_evidence_read_client(request, &evidence);
	web_first_tell(asked->first, &evidence);
	message.address = address->canonical;
	message.address_key = address->key;
	message.lang = lang;
	message.evidence = &evidence;
	message.robot = asked->first->robot;
	message.manage = true;
	message.proof = web_proof_message(&asked->proof);
	envelope.body_case = MESSAGE__ENVELOPE__BODY_SUBSCRIBE;
	envelope.subscribe = &message;
	web_engine_ask(web->engine, &envelope,
	    MESSAGE__ENVELOPE__BODY_SUBSCRIBED, exchange, on_asked);
	web_evidence_clear(&evidence);
	if (message.proof != NULL)
		message__proof__free_unpacked(message.proof, NULL);
	free(lang);
}

static void
refuse(struct web *web, struct http_exchange *exchange, enum web_error error)
{
	log_asked(exchange, "", web_error_code(error));
	if (web_wants_json(http_exchange_request(exchange)) ||
	    error == WEB_ORIGIN_NOT_ALLOWED)
		web_page_fail(web, exchange, error,
		    error == WEB_ORIGIN_NOT_ALLOWED ? NULL : "email");
	else
		web_manage_ask_show(web, exchange, error, false);
}

void
web_manage_ask_post(struct web *web, struct http_exchange *exchange,
    struct slice none)
{
	struct http_form *form = web_read_form(web, exchange);
	struct entered entered;
	struct address address;

	(void)none;
	if (form == NULL)
		return;
	entered = read_entered(form);
	if (web_origin_of_any(web, http_exchange_request(exchange)) ==
	    WEB_ORIGIN_FOREIGN)
		refuse(web, exchange, WEB_ORIGIN_NOT_ALLOWED);
	else if (entered.address == NULL || entered.address[0] == '\0')
		refuse(web, exchange, WEB_MISSING_EMAIL);
	else if (address_parse(slice_str(entered.address), &address) !=
	    ADDRESS_OK)
		refuse(web, exchange, WEB_INVALID_EMAIL);
	else
		ask(web, exchange, form, &address, entered.robot);
	http_form_free(form);
}
