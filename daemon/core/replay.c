/* SPDX-License-Identifier: ISC */
/*
 * Used proofs: a ring in the order of their use, and a hash table of chains
 * through it.
 */
#include "core/replay.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define NONE UINT32_MAX		/* ends a chain */

struct used {
	struct replay_proof proof;
	uint32_t next;		/* in its chain */
};

struct replay {
	int64_t since;		/* made later than that it may be good */
	uint32_t capacity, used, at;	/* at: the slot that is next */
	uint32_t chain_mask;
	uint32_t *chain;	/* first slot of each */
	struct used *slot;
};

struct replay *
replay_new(size_t capacity, int64_t since)
{
	struct replay *r = MEM_NEW(struct replay);
	size_t chains = 1;

	assert(capacity > 0 && capacity < NONE / 2);
	while (chains < capacity)
		chains *= 2;
	r->since = since;
	r->capacity = (uint32_t)capacity;
	r->chain_mask = (uint32_t)chains - 1;
	r->chain = mem_new(chains, sizeof(r->chain[0]));
	memset(r->chain, 0xff, chains * sizeof(r->chain[0]));
	r->slot = mem_new(capacity, sizeof(r->slot[0]));
	return r;
}

void
replay_free(struct replay *r)
{
	if (r == NULL)
		return;
	free(r->chain);
	free(r->slot);
	free(r);
}

static uint32_t *
chain_of(const struct replay *r, uint64_t nonce)
{
	return &r->chain[(uint32_t)(nonce >> 32) & r->chain_mask];
}

static bool
is_known(const struct replay *r, const struct replay_proof *proof)
{
	for (uint32_t i = *chain_of(r, proof->nonce); i != NONE;
	    i = r->slot[i].next) {
		if (r->slot[i].proof.nonce == proof->nonce)
			return true;
	}
	return false;
}

/* The next slot, emptied; what it held and would still be good is told by the
 * age of all that are refused from now on. */
static uint32_t
make_room(struct replay *r, int64_t now)
{
	uint32_t i = r->at;
	const struct replay_proof *old = &r->slot[i].proof;
	uint32_t *link;

	r->at = (i + 1) % r->capacity;
	if (r->used < r->capacity) {
		r->used++;
		return i;
	}
	if (old->expires_at >= now && old->made_at > r->since)
		r->since = old->made_at;
	link = chain_of(r, old->nonce);
	while (*link != i)
		link = &r->slot[*link].next;
	*link = r->slot[i].next;
	return i;
}

bool
replay_take(struct replay *r, const struct replay_proof *proof, int64_t now)
{
	uint32_t *chain = chain_of(r, proof->nonce);
	uint32_t i;

	/* The clock was put back: nobody shall have to wait until it is as
	 * late again. */
	if (r->since > now)
		r->since = now;
	if (proof->made_at <= r->since || is_known(r, proof))
		return false;
	i = make_room(r, now);
	r->slot[i] = (struct used){ .proof = *proof, .next = *chain };
	*chain = i;
	return true;
}
