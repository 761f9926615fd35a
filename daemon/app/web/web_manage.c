/* SPDX-License-Identifier: ISC */
/*
 * Who comes with the link to their own data: what the forms of its pages ask
 * for, put to the engine.  Their field `do` says which button it was; the code
 * of the opened page, or a press, says that it was a person's.
 */
#include "app/web/web_manage.h"

#include <assert.h>
#include <stdlib.h>

#include "app/web/web_engine.h"
#include "app/web/web_manage_form.h"
#include "app/web/web_request.h"
#include "base/log.h"
#include "base/mem.h"
#include "core/token.h"

#define ACTION(name) MESSAGE__MANAGE__ACTION__##name
#define OUTCOME(name) MESSAGE__MANAGED__OUTCOME__##name

static const struct deed {
	const char *word;
	Message__Manage__Action action;
	web_manage_show show;
} deeds[] = {
	{ "open", ACTION(OPEN), web_manage_opened },	/* the first: default */
	{ "save", ACTION(CHANGE), web_manage_saved },
	{ "leave", ACTION(LEAVE), web_manage_saved },
	{ "see", ACTION(OPEN), web_manage_data },
	{ "export", ACTION(OPEN), web_manage_file },
	{ "erase", ACTION(OPEN), web_manage_erase },
	{ "erase_now", ACTION(ERASE), web_manage_erased },
};

static const struct deed looking = { "look", ACTION(LOOK),
	web_manage_masked };

static const struct deed *
find_deed(const char *word)
{
	if (word == NULL)
		return &deeds[0];
	for (size_t i = 0; i < sizeof(deeds) / sizeof(deeds[0]); i++) {
		if (strcmp(deeds[i].word, word) == 0)
			return &deeds[i];
	}
	return NULL;
}

static void
visit_free(void *data)
{
	struct web_manage *visit = data;

	free(visit->token);
	free(visit->field);
	free(visit);
}

static const char *const outcomes[] = {
	[OUTCOME(DONE)] = "done",
	[OUTCOME(NOT_FOUND)] = "not_found",
	[OUTCOME(EXPIRED)] = "expired",
	[OUTCOME(NEEDS_PROOF)] = "needs_proof",
	[OUTCOME(UNAVAILABLE)] = "unavailable",
	[OUTCOME(TOO_MANY)] = "too_many",
};

static void
show_expired(struct web *web, struct http_exchange *exchange,
    const struct web_manage *visit)
{
	if (visit->json)
		web_page_fail(web, exchange, WEB_EXPIRED, NULL);
	else
		web_manage_ask_show(web, exchange, WEB_OK, true);
}

static void
on_managed(struct web *web, struct http_exchange *exchange,
    const Message__Envelope *envelope)
{
	enum { RETRY_SECONDS = 5, CALM_SECONDS = 600 };
	const struct web_manage *visit = http_exchange_data(exchange);
	const Message__Managed *managed = envelope != NULL ?
	    envelope->managed : NULL;
	Message__Managed__Outcome outcome = managed != NULL ?
	    managed->outcome : OUTCOME(UNAVAILABLE);

	if ((size_t)outcome >= sizeof(outcomes) / sizeof(outcomes[0]))
		outcome = OUTCOME(UNAVAILABLE);
	log_info("manage", log_num("request",
	    (int64_t)http_exchange_request(exchange)->serial),
	    log_str("what", visit->word),
	    log_str("outcome", outcomes[outcome]));
	switch (outcome) {
	case OUTCOME(DONE):
		visit->show(web, exchange, visit, managed);
		break;
	case OUTCOME(NOT_FOUND):
		web_page_fail(web, exchange, WEB_NOT_FOUND, NULL);
		break;
	case OUTCOME(EXPIRED):
		show_expired(web, exchange, visit);
		break;
	case OUTCOME(NEEDS_PROOF):
		web_manage_proof(web, exchange, visit, managed);
		break;
	case OUTCOME(TOO_MANY):
		web_page_fail_later(web, exchange, WEB_RATE_LIMITED,
		    CALM_SECONDS);
		break;
	case OUTCOME(UNAVAILABLE):
	case _MESSAGE__MANAGED__OUTCOME_IS_INT_SIZE:
		web_page_fail_later(web, exchange, WEB_UNAVAILABLE,
		    RETRY_SECONDS);
		break;
	}
}

/* Takes the message, whose token and evidence are filled in here. */
static void
ask(struct web *web, struct http_exchange *exchange, struct slice token,
    const struct deed *deed, struct web_manage *visit,
    Message__Manage *message)
{
	const struct http_request *request = http_exchange_request(exchange);
	Message__Envelope envelope = MESSAGE__ENVELOPE__INIT;

	assert(deed != NULL);
	visit->show = deed->show;
	visit->word = deed->word;
	visit->token = slice_dup(token);
	visit->json = web_wants_json(request);
	http_exchange_set_data(exchange, visit, visit_free);
	message->action = deed->action;
	message->token = slice_dup(token);
	message->evidence = MEM_NEW(Fact__Evidence);
	fact__evidence__init(message->evidence);
	web_evidence_read(request, message->evidence);
	envelope.body_case = MESSAGE__ENVELOPE__BODY_MANAGE;
	envelope.manage = message;
	/* The visit may be gone after this. */
	web_engine_ask(web->engine, &envelope,
	    MESSAGE__ENVELOPE__BODY_MANAGED, exchange, on_managed);
	message__manage__free_unpacked(message, NULL);
}

static Message__Manage *
new_message(void)
{
	Message__Manage *message = MEM_NEW(Message__Manage);

	message__manage__init(message);
	return message;
}

void
web_manage_show_page(struct web *web, struct http_exchange *exchange,
    struct slice token)
{
	if (token_is_wellformed(token))
		ask(web, exchange, token, &looking,
		    MEM_NEW(struct web_manage), new_message());
	else
		web_page_fail(web, exchange, WEB_NOT_FOUND, NULL);
}

/* What was entered, if it is in order; else the page is shown again. */
static const struct deed *
read_change(struct web *web, const struct http_form *form,
    struct web_manage *visit, Message__Manage *message)
{
	const char *field = NULL;

	visit->error = web_manage_form_read(web->config, form, message,
	    &field);
	if (visit->error == WEB_OK)
		return find_deed("save");
	visit->field = mem_strdup(field != NULL ? field : "");
	return find_deed("open");
}

static void
post(struct web *web, struct http_exchange *exchange, struct slice token,
    const struct deed *deed, const struct http_form *form)
{
	struct web_manage *visit = MEM_NEW(struct web_manage);
	Message__Manage *message = new_message();
	const char *code = http_form_get(form, "code");

	message->pressed = web_is_pressed(http_exchange_request(exchange),
	    form);
	message->code = mem_strdup(code != NULL ? code : "");
	message->never_again = visit->never_again =
	    web_form_is(form, "never", "1");
	visit->code_typed = code != NULL && code[0] != '\0';
	if (deed->action == ACTION(CHANGE))
		deed = read_change(web, form, visit, message);
	ask(web, exchange, token, deed, visit, message);
}

void
web_manage_post(struct web *web, struct http_exchange *exchange,
    struct slice token)
{
	const struct deed *deed;
	struct http_form *form;

	if (!token_is_wellformed(token)) {
		web_page_fail(web, exchange, WEB_NOT_FOUND, NULL);
		return;
	}
	form = web_read_form(web, exchange);
	if (form == NULL)
		return;
	deed = find_deed(http_form_get(form, "do"));
	if (deed != NULL)
		post(web, exchange, token, deed, form);
	else
		web_page_fail(web, exchange, WEB_BAD_REQUEST, "do");
	http_form_free(form);
}
