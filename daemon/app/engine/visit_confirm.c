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

static void
welcome(struct visit *v, Record__Subscription *s)
{
	const struct engine_list *l = engine_list_by_id(v->turn->engine,
	    s->list);
	Record__Outbox mail;
	struct outbox_key key;

	if (l == NULL || l->config == NULL || !l->config->welcome)
		return;
	record__outbox__init(&mail);
	mail.kind = RECORD__OUTBOX__KIND__WELCOME;
	mail.contact = v->person.entry->contact;
	mail.address = v->person.contact->address;
	mail.lang = v->request->lang;
	mail.n_lists = 1;
	mail.lists = &s->list;
	key = outbox_add(v->turn, &mail);
	s->outbox_due = key.due;
	s->outbox_sequence = key.sequence;
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
take_over(struct visit *v)
{
	const Record__Request *r = v->request;
	Record__Contact *c;

	person_need_contact(v->turn, &v->person, r);
	c = v->person.contact;
	if (r->name[0] != '\0')
		c->name = r->name;
	take_fields(v->turn, c, r);
	c->lang = r->lang;
	c->requests = turn_grow(v->turn, c->requests, c->n_requests,
	    sizeof(*c->requests));
	c->requests[c->n_requests++] = v->id;
	for (size_t i = 0; i < r->n_wishes; i++) {
		uint32_t list = r->wishes[i]->list;
		struct sub_step step = sub_step(person_state(v->turn,
		    &v->person, list, true), SUB_CONFIRM);
		Record__Subscription *s;

		if (!(step.effects & SUB_WRITE))
			continue;
		s = person_set_state(v->turn, &v->person, list, step.next);
		s->source = turn_text(v->turn, request_source(r));
		s->tags = r->tags;
		s->n_tags = r->n_tags;
		if (step.effects & SUB_WELCOME)
			welcome(v, s);
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
	stub.wishes = r->wishes;
	stub.lang = r->lang;
	stub.asked_at = r->asked_at;
	stub.mailed_at = r->mailed_at;
	stub.contact = v->person.entry->contact;
	stub.cookie_hash = r->cookie_hash;
	stub.expires_at = r->expires_at;
	rows_put_request(v->turn, v->id, &stub);
}

static void
confirm_now(struct visit *v, enum proof proof)
{
	Record__Request *r = v->request;
	Record__Event event;

	take_over(v);
	record__event__init(&event);
	event.kind = RECORD__EVENT__KIND__CONFIRM;
	event.evidence = visit_evidence(v, ways[proof]);
	event.request = v->id;
	event.request_event = r->last_event;
	event.n_wishes = r->n_wishes;
	event.wishes = r->wishes;
	event.budget_key = budgets_address_key(v->turn->engine, r->address);
	budgets_forget_mail(v->turn->engine, event.budget_key, r->wishes,
	    r->n_wishes);
	visit_log_contact(v, &event);
	suppress_end_bounce(v->turn, &v->person);
	request_stop_waiting(v->turn, r);
	person_remove_request(&v->person, v->id);
	person_put_entry(v->turn, &v->person);
	leave_stub(v);
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
