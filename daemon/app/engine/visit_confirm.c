/* SPDX-License-Identifier: ISC */
/*
 * Confirming: the proof that a person did it, and what becomes of the request
 * then.
 */
#include "app/engine/visit.h"

#include "app/engine/budgets.h"
#include "app/engine/engine.h"
#include "app/engine/request.h"
#include "app/engine/suppress.h"
#include "app/engine/watch.h"
#include "base/crypto.h"
#include "core/code.h"

enum { COOKIE_TRIES_MAX = 5, CODE_TRIES_MAX = 20 };

enum proof { PROOF_NONE, PROOF_COOKIE, PROOF_CLICK, PROOF_CODE,
	PROOF_WRONG_CODE };

static const char *const ways[] = {
	[PROOF_NONE] = NULL,
	[PROOF_COOKIE] = "cookie",
	[PROOF_CLICK] = "click",
	[PROOF_CODE] = "code",
	[PROOF_WRONG_CODE] = NULL,
};

static enum proof
check_code(struct visit *v)
{
	Record__Request *r = v->request;
	char typed[CODE_SIZE], right[CODE_SIZE];
	bool by_cookie = visit_cookie_holds(v);

	if (r->code_tries >= CODE_TRIES_MAX ||
	    (by_cookie && r->cookie_tries >= COOKIE_TRIES_MAX))
		return PROOF_WRONG_CODE;
	request_code(v->turn, v->id, r, right);
	if (code_read(slice_str(v->ask->code), typed) == 0 &&
	    crypto_equal(typed, right, sizeof(right)))
		return PROOF_CODE;
	r->code_tries++;
	if (by_cookie)
		r->cookie_tries++;
	rows_put_request(v->turn, v->id, r);
	return PROOF_WRONG_CODE;
}

static enum proof
find_proof(struct visit *v)
{
	bool with_token = v->ask->action == MESSAGE__VISIT__ACTION__CONFIRM;

	if (with_token && visit_cookie_holds(v))
		return PROOF_COOKIE;
	if (with_token && v->ask->pressed)
		return PROOF_CLICK;
	if (v->ask->code[0] != '\0')
		return check_code(v);
	return with_token ? PROOF_NONE : PROOF_WRONG_CODE;
}

/* Fields that other lists asked for stay as they are. */
static void
take_fields(struct turn *turn, Record__Contact *c, const Record__Request *r)
{
	for (size_t i = 0; i < r->n_fields; i++) {
		size_t at = 0;

		while (at < c->n_fields && strcmp(c->fields[at]->name,
		    r->fields[i]->name) != 0)
			at++;
		if (at == c->n_fields)
			c->fields = turn_grow(turn, c->fields, c->n_fields++,
			    sizeof(*c->fields));
		c->fields[at] = r->fields[i];
	}
}

/* What waited in the request becomes the contact's. */
static void
take_data(struct visit *v)
{
	const Record__Request *r = v->request;
	Record__Contact *c;

	person_need_contact(v->turn, &v->person, r);
	c = v->person.contact;
	if (r->name[0] != '\0')
		c->name = r->name;
	take_fields(v->turn, c, r);
	c->lang = r->lang;
}

/* One list, if the machine agrees; NULL if not. */
static Record__Subscription *
confirm_list(struct visit *v, uint32_t list, const char *source)
{
	struct sub_step step = sub_step(person_state(v->turn, &v->person,
	    list, true), SUB_CONFIRM);
	const struct engine_list *l = engine_list_by_id(v->turn->engine,
	    list);
	Record__Subscription *s;

	if (!(step.effects & SUB_WRITE))
		return NULL;
	s = person_set_state(v->turn, &v->person, list, step.next);
	s->source = turn_text(v->turn, source);
	if ((step.effects & SUB_WELCOME) && l != NULL && l->config != NULL &&
	    l->config->welcome)
		visit_mail(v, s, RECORD__OUTBOX__KIND__WELCOME);
	return s;
}

static void
take_over(struct visit *v)
{
	const Record__Request *r = v->request;
	Record__Contact *c;

	take_data(v);
	c = v->person.contact;
	c->requests = turn_grow(v->turn, c->requests, c->n_requests,
	    sizeof(*c->requests));
	c->requests[c->n_requests++] = v->id;
	for (size_t i = 0; i < r->n_wishes; i++) {
		Record__Subscription *s = confirm_list(v, r->wishes[i]->list,
		    request_source(r));

		if (s == NULL)
			continue;
		s->tags = r->tags;
		s->n_tags = r->n_tags;
	}
}

/*
 * The request shrinks to a stub that tells old links what became of it; until
 * it would have ended, its cookie and code as well.
 */
static void
leave_stub(struct visit *v)
{
	const Record__Request *r = v->request;
	Record__Request stub;

	record__request__init(&stub);
	stub.state = RECORD__REQUEST__STATE__CONFIRMED;
	stub.n_wishes = r->n_wishes;
	stub.wishes = request_lists(v->turn, r);
	stub.lang = r->lang;
	stub.asked_at = r->asked_at;
	stub.mailed_at = r->mailed_at;
	stub.contact = v->person.entry->contact;
	stub.cookie_hash = r->cookie_hash;
	stub.expires_at = r->expires_at;
	rows_put_request(v->turn, v->id, &stub);
}

/* Its owner has acted: the event says so, and it bounces no more. */
static void
log_confirmed(struct visit *v, Record__Event *event)
{
	struct engine *e = v->turn->engine;

	event->kind = RECORD__EVENT__KIND__CONFIRM;
	event->budget_key = budgets_address_key(e,
	    v->person.contact->address);
	budgets_forget_mail(e, event->budget_key, event->wishes,
	    event->n_wishes);
	visit_log_contact(v, event);
	suppress_end_bounce(v->turn, &v->person);
}

/* Sooner than the server's word that it has the mail, perhaps. */
static void
note_confirmed(struct visit *v)
{
	const Record__Request *r = v->request;
	int64_t now = v->turn->now;
	int64_t when = r->mailed_at != 0 ? r->mailed_at : now;

	if (r->mailed_at == 0)
		watch_request(v->turn->engine, r, ATTACK_ASKED, now, now);
	watch_request(v->turn->engine, r, ATTACK_CONFIRMED, when, now);
}

void
visit_confirm_request(struct visit *v, Record__Event *event)
{
	Record__Request *r = v->request;

	note_confirmed(v);
	take_over(v);
	request_tell(v->turn, v->id, r, event);
	event->request_event = r->last_event;
	log_confirmed(v, event);
	request_stop_waiting(v->turn, r);
	person_remove_request(&v->person, v->id);
	person_put_entry(v->turn, &v->person);
	leave_stub(v);
}

void
visit_confirm_list(struct visit *v, const struct engine_list *l,
    const char *source, Record__Event *event)
{
	Record__Wish wish, *wishes[] = { &wish };
	uint8_t consent[sizeof(l->consent)];

	if (v->request != NULL)
		take_data(v);
	if (confirm_list(v, l->id, source) == NULL)
		return;
	record__wish__init(&wish);
	memcpy(consent, l->consent, sizeof(consent));
	wish.list = l->id;
	wish.consent = (ProtobufCBinaryData){ sizeof(consent), consent };
	event->request = v->id;
	event->n_wishes = 1;
	event->wishes = wishes;
	log_confirmed(v, event);
	person_put_entry(v->turn, &v->person);
}

static void
confirm_now(struct visit *v, enum proof proof)
{
	Record__Event event;

	record__event__init(&event);
	event.evidence = visit_evidence(v, ways[proof]);
	visit_confirm_request(v, &event);
}

/* Could any of its wishes be confirmed, or does somebody forbid them all? */
static bool
can_confirm(struct visit *v)
{
	for (size_t i = 0; i < v->request->n_wishes; i++) {
		enum sub_state state = person_state(v->turn, &v->person,
		    v->request->wishes[i]->list, true);

		if (state == SUB_PENDING || state == SUB_CONFIRMED)
			return true;
	}
	return false;
}

void
visit_confirm(struct visit *v)
{
	enum proof proof;

	visit_show_request(v);
	if (v->request->state == RECORD__REQUEST__STATE__CONFIRMED) {
		v->answer->state = visit_request_state(v);
		return;
	}
	if (v->request->state == RECORD__REQUEST__STATE__WITHDRAWN ||
	    !can_confirm(v)) {
		v->answer->outcome = MESSAGE__VISITED__OUTCOME__EXPIRED;
		return;
	}
	proof = find_proof(v);
	switch (proof) {
	case PROOF_NONE:
		v->answer->outcome = MESSAGE__VISITED__OUTCOME__NEEDS_PROOF;
		return;
	case PROOF_WRONG_CODE:
		v->answer->outcome = MESSAGE__VISITED__OUTCOME__WRONG_CODE;
		return;
	case PROOF_COOKIE:
	case PROOF_CLICK:
	case PROOF_CODE:
		break;
	}
	confirm_now(v, proof);
	v->answer->state = MESSAGE__VISITED__STATE__CONFIRMED;
}
