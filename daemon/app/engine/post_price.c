/* SPDX-License-Identifier: ISC */
/*
 * Proofs, and what they buy.
 */
#include "app/engine/post_price.h"

#include "app/engine/engine.h"
#include "app/engine/mood.h"
#include "app/engine/turn.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "core/form_token.h"
#include "core/replay.h"

/* Those that are good once. */
static const struct {
	size_t nonce_size;	/* 0: good more often */
	int64_t seconds;	/* how long one is good */
} once[PRICE_PROOFS] = {
	[PRICE_WAIT] = { FORM_TOKEN_NONCE_SIZE, FORM_TOKEN_WAIT_MAX },
	[PRICE_SOLVED] = { CHALLENGE_NONCE_SIZE, CHALLENGE_SECONDS },
};
enum { KEY_SIZE = 8 };
_Static_assert((int)FORM_TOKEN_NONCE_SIZE >= (int)KEY_SIZE &&
    (int)CHALLENGE_NONCE_SIZE >= (int)KEY_SIZE, "a nonce has a key in it");

bool
post_price_is_sound(const Message__Proof *proof)
{
	return proof == NULL || ((size_t)proof->kind < PRICE_PROOFS &&
	    proof->level < CHALLENGE_LEVELS &&
	    proof->nonce.len == once[proof->kind].nonce_size);
}

/* What it is worth now: one that was used, or has expired, is worth nothing. */
static enum price_proof
take_proof(struct turn *turn, const Message__Proof *proof)
{
	int64_t now = turn->now / CLOCK_SECOND;
	struct replay_proof used;

	if (proof == NULL)
		return PRICE_NOTHING;
	if (once[proof->kind].nonce_size == 0)
		return (enum price_proof)proof->kind;
	if (proof->expires_at < now ||
	    proof->expires_at > now + once[proof->kind].seconds)
		return PRICE_NOTHING;
	used = (struct replay_proof){
		.nonce = bytes_get_be(proof->nonce.data, KEY_SIZE),
		.made_at = proof->expires_at - once[proof->kind].seconds,
		.expires_at = proof->expires_at };
	if (replay_take(turn->engine->proofs, &used, now))
		return (enum price_proof)proof->kind;
	turn->engine->stats.replayed++;
	return PRICE_NOTHING;
}

static enum page_kind
page_of_post(struct turn *turn, const Message__Subscribe *s)
{
	const struct config_list **lists = arena_alloc(turn->arena,
	    s->n_lists * sizeof(*lists));

	for (size_t i = 0; i < s->n_lists; i++)
		lists[i] = engine_list_by_name(turn->engine,
		    s->lists[i])->config;
	return page_of(&(struct page_facts){ .evidence = s->evidence,
	    .own = turn->engine->config->base_url, .lists = lists,
	    .list_count = s->n_lists });
}

static bool
is_paid(const struct price_facts *facts, enum price_proof proof,
    unsigned *ret_level)
{
	struct price_facts f = *facts;

	f.proof = proof;
	return price_is_paid(&f, ret_level);
}

static void
count(struct engine_stats *stats, bool is_taken, enum price_proof proof)
{
	stats->challenged += !is_taken;
	stats->solved += is_taken && proof == PRICE_SOLVED;
	stats->waited += is_taken && proof == PRICE_WAIT;
}

bool
post_price_take(struct turn *turn, const Message__Subscribe *s,
    struct post_price *ret_price)
{
	struct engine *e = turn->engine;
	struct price_facts facts = {
		.mode = e->config->limits.challenge,
		.mood = mood_of_post(e, s, turn->now),
		.page = page_of_post(turn, s),
		.level = s->proof != NULL ? s->proof->level : 0,
		.robot = s->robot,
	};
	enum price_proof proof = take_proof(turn, s->proof);
	bool is_taken;

	*ret_price = (struct post_price){ 0 };
	is_taken = is_paid(&facts, proof, &ret_price->level);
	/* Waiting costs a robot nothing: there is not much to be had for it.
	 * Who would have been let in without has not paid by it. */
	if (is_taken && proof == PRICE_WAIT &&
	    !is_paid(&facts, PRICE_FORM, &ret_price->level))
		is_taken = budgets_take_wait(e, s->evidence->ip,
		    facts.mood == PRICE_ATTACK, turn->now, &ret_price->wait);
	ret_price->proof = proof;
	ret_price->is_robot = s->robot && proof < PRICE_WAIT;
	count(&e->stats, is_taken, proof);
	return is_taken;
}
