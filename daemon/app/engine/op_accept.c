/* SPDX-License-Identifier: ISC */
/*
 * A form post is taken, if it has shown enough: one append of one row, the
 * same whatever the address's standing, and then the answer.  Everything that
 * depends on it comes in a later turn, from that row.
 */
#include "app/engine/op_accept.h"

#include "app/engine/budgets.h"
#include "app/engine/engine.h"
#include "app/engine/ledger_log.h"
#include "app/engine/op_work.h"
#include "app/engine/post_price.h"
#include "app/engine/rows.h"
#include "app/engine/watch.h"
#include "base/crypto.h"
#include "core/address.h"

enum { RETRY_SECONDS = 30 };

static Message__Subscribed *
answer(struct turn *turn, struct op *op,
    Message__Subscribed__Outcome outcome, uint32_t retry_after)
{
	Message__Subscribed *s = arena_alloc(turn->arena, sizeof(*s));
	Message__Envelope *reply = turn_reply(turn, op,
	    MESSAGE__ENVELOPE__BODY_SUBSCRIBED);

	message__subscribed__init(s);
	s->outcome = outcome;
	s->retry_after = retry_after;
	reply->subscribed = s;
	return s;
}

static void
ask_for_more(struct turn *turn, struct op *op, const struct post_price *price)
{
	answer(turn, op, MESSAGE__SUBSCRIBED__OUTCOME__CHALLENGED,
	    price->wait)->level = price->level;
}

/* Each is configured, and stands there once. */
static bool
lists_are_sound(const struct engine *e, const Message__Subscribe *s)
{
	if (s->manage)
		return s->n_lists == 0;
	if (s->n_lists == 0 || s->n_lists > e->list_count)
		return false;
	for (size_t i = 0; i < s->n_lists; i++) {
		const struct engine_list *l = engine_list_by_name(e,
		    s->lists[i]);

		if (l == NULL || l->config == NULL)
			return false;
		for (size_t k = 0; k < i; k++) {
			if (strcmp(s->lists[k], s->lists[i]) == 0)
				return false;
		}
	}
	return true;
}

/* Web has checked it all; it is checked again, by other code. */
static bool
is_sound(const struct engine *e, const Message__Subscribe *s)
{
	struct address parsed;

	return s->evidence != NULL && lists_are_sound(e, s) &&
	    post_price_is_sound(s->proof) &&
	    address_parse(slice_str(s->address), &parsed) == ADDRESS_OK &&
	    strcmp(parsed.canonical, s->address) == 0 &&
	    strcmp(parsed.key, s->address_key) == 0 &&
	    (s->cookie_hash.len == 0 ||
	    s->cookie_hash.len == CRYPTO_HASH_SIZE);
}

static void
fill_wishes(struct turn *turn, Record__Request *r,
    const Message__Subscribe *s)
{
	r->n_wishes = s->n_lists;
	r->wishes = arena_alloc(turn->arena,
	    s->n_lists * sizeof(*r->wishes));
	for (size_t i = 0; i < s->n_lists; i++) {
		const struct engine_list *l = engine_list_by_name(
		    turn->engine, s->lists[i]);
		Record__Wish *wish = arena_alloc(turn->arena, sizeof(*wish));
		uint8_t *consent = arena_alloc(turn->arena,
		    sizeof(l->consent));

		record__wish__init(wish);
		memcpy(consent, l->consent, sizeof(l->consent));
		wish->list = l->id;
		wish->consent = (ProtobufCBinaryData){ sizeof(l->consent),
			consent };
		r->wishes[i] = wish;
	}
}

/* The row of one that has shown enough. */
static void
put_request(struct turn *turn, struct op *op, const Message__Subscribe *s,
    const struct post_price *price)
{
	struct engine *e = turn->engine;
	Record__Request r;

	record__request__init(&r);
	r.state = RECORD__REQUEST__STATE__NEW;
	r.address = s->address;
	r.address_key = s->address_key;
	fill_wishes(turn, &r, s);
	r.name = s->name;
	r.n_fields = s->n_fields;
	r.fields = s->fields;
	r.n_tags = s->n_tags;
	r.tags = s->tags;
	r.lang = s->lang;
	r.evidence = ledger_evidence(turn, s->evidence);
	r.site = budgets_site_key(e, s->evidence->ip);
	r.proof = price->proof;
	r.cookie_hash = s->cookie_hash;
	r.asked_at = turn->now;
	r.robot = price->is_robot;
	if (s->manage)
		r.purpose = RECORD__REQUEST__PURPOSE__MANAGE;
	op->id = e->progress.next_request++;
	rows_put_request(turn, op->id, &r);
	e->stats.subscribes++;
}

static void
accept_apply(struct turn *turn, struct op *op)
{
	const Message__Subscribe *s = op->question->subscribe;
	struct engine *e = turn->engine;
	struct post_price price;
	uint32_t retry_after;

	if (!is_sound(e, s) ||
	    store_is_above(e->store, ENGINE_POSTS_PERCENT)) {
		answer(turn, op, MESSAGE__SUBSCRIBED__OUTCOME__UNAVAILABLE,
		    RETRY_SECONDS);
		return;
	}
	if (!budgets_take_network(e, s->evidence->ip, turn->now,
	    &retry_after)) {
		answer(turn, op, MESSAGE__SUBSCRIBED__OUTCOME__RATE_LIMITED,
		    retry_after);
		return;
	}
	if (!post_price_take(turn, s, &price)) {
		watch_post(e, s, false, turn->now);
		ask_for_more(turn, op, &price);
		return;
	}
	watch_post(e, s, true, turn->now);
	put_request(turn, op, s, &price);
	answer(turn, op, MESSAGE__SUBSCRIBED__OUTCOME__ACCEPTED, 0);
}

static void
accept_done(struct turn *turn, struct op *op, int error)
{
	if (error < 0)
		answer(turn, op, MESSAGE__SUBSCRIBED__OUTCOME__UNAVAILABLE,
		    RETRY_SECONDS);
	else if (op->id != 0)
		turn_queue(turn->engine, &op_work, op->id);
	turn_send_reply(op);
}

const struct op_class op_accept = {
	.name = "subscribe",
	.apply = accept_apply,
	.done = accept_done,
};
