/* SPDX-License-Identifier: ISC */
/*
 * The seal is AES-SIV under a key made of the secret's index key and the
 * address key, so that neither the database nor the secret opens it alone.
 */
#include "app/engine/proof.h"

#include "app/engine/engine.h"
#include "app/engine/ledger_log.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/crypto.h"

/* More than that of one address proves nothing more. */
enum { EVENTS_MAX = 1000 };

static struct crypto_siv *
make_siv(const struct engine *e, const char *address_key)
{
	_Static_assert(CRYPTO_SIV_KEY_SIZE == 2 * CRYPTO_HASH_SIZE,
	    "a key is two MACs");
	uint8_t key[CRYPTO_SIV_KEY_SIZE];
	struct crypto_siv *siv;
	struct buf text = { 0 };

	for (int half = 0; half < 2; half++) {
		buf_reset(&text);
		buf_printf(&text, "assent proof %d ", half);
		buf_add_str(&text, address_key);
		crypto_hmac(slice_of(e->secret->index,
		    sizeof(e->secret->index)), buf_slice(&text),
		    key + half * CRYPTO_HASH_SIZE);
	}
	buf_fini(&text);
	siv = crypto_siv_new(key);
	explicit_bzero(key, sizeof(key));
	return siv;
}

static struct rows_key
row_key(const struct person *p)
{
	return rows_key_bytes(p->key, sizeof(p->key));
}

static Record__Sealed *
find(struct turn *turn, const struct person *p)
{
	return rows_get(turn, STORE_PROOF, row_key(p),
	    &record__sealed__descriptor);
}

Record__Proof *
proof_open(struct turn *turn, const struct person *p,
    const char *address_key, int64_t *ret_until)
{
	Record__Sealed *sealed = find(turn, p);
	struct crypto_siv *siv;
	uint8_t *text;
	size_t len;
	int error;

	if (sealed == NULL || sealed->content.len < CRYPTO_SIV_TAG_SIZE)
		return NULL;
	if (ret_until != NULL)
		*ret_until = sealed->until;
	len = sealed->content.len - CRYPTO_SIV_TAG_SIZE;
	text = arena_alloc(turn->arena, len + 1);
	siv = make_siv(turn->engine, address_key);
	error = crypto_siv_open(siv, slice_str("proof"),
	    slice_of(sealed->content.data, sealed->content.len), text);
	crypto_siv_free(siv);
	if (error < 0) {
		rows_log_damaged(STORE_PROOF, slice_of(p->key,
		    sizeof(p->key)));
		return NULL;
	}
	return record__proof__unpack(&turn->allocator, len, text);
}

static void
add_event(struct turn *turn, uint64_t sequence, Record__Event *event,
    void *arg)
{
	Record__Proof *proof = arg;

	if (proof->n_events >= EVENTS_MAX || event->erased)
		return;
	proof->events = turn_grow(turn, proof->events, proof->n_events,
	    sizeof(*proof->events));
	proof->sequences = turn_grow(turn, proof->sequences,
	    proof->n_sequences, sizeof(*proof->sequences));
	proof->events[proof->n_events++] = event;
	proof->sequences[proof->n_sequences++] = sequence;
}

static Record__Proof *
gather_proof(struct turn *turn, const struct person *p)
{
	Record__Proof *proof = proof_open(turn, p, p->contact->address_key,
	    NULL);

	if (proof == NULL) {
		proof = arena_alloc(turn->arena, sizeof(*proof));
		record__proof__init(proof);
	}
	proof->address = p->contact->address;
	ledger_walk(turn, p->contact->last_event, LEDGER_CHAIN_MAX, add_event,
	    proof);
	return proof;
}

static void
put_due(struct turn *turn, const struct person *p, int64_t until)
{
	struct rows_key key = row_key(p);
	Record__Due due;

	record__due__init(&due);
	due.key = (ProtobufCBinaryData){ key.len, key.bytes };
	rows_put(turn, STORE_DUE, rows_key_due(until, ROWS_DUE_PROOF,
	    bytes_get_be(p->key, 8)), &due.base);
}

int64_t
proof_seal(struct turn *turn, const struct person *p)
{
	uint64_t keep = turn->engine->config->retain.proof;
	Record__Proof *proof;
	Record__Sealed sealed;
	struct crypto_siv *siv;
	uint8_t *text;
	size_t len;

	if (keep == 0)
		return 0;
	proof = gather_proof(turn, p);
	len = record__proof__get_packed_size(proof);
	text = arena_alloc(turn->arena, len);
	record__proof__pack(proof, text);
	record__sealed__init(&sealed);
	sealed.since = turn->now;
	sealed.until = turn->now + (int64_t)keep * CLOCK_SECOND;
	sealed.content.len = CRYPTO_SIV_TAG_SIZE + len;
	sealed.content.data = arena_alloc(turn->arena, sealed.content.len);
	siv = make_siv(turn->engine, p->contact->address_key);
	crypto_siv_seal(siv, slice_str("proof"), slice_of(text, len),
	    sealed.content.data);
	crypto_siv_free(siv);
	rows_put(turn, STORE_PROOF, row_key(p), &sealed.base);
	put_due(turn, p, sealed.until);
	return sealed.until;
}

bool
proof_delete(struct turn *turn, const struct person *p)
{
	if (find(turn, p) == NULL)
		return false;
	rows_delete(turn, STORE_PROOF, row_key(p));
	return true;
}
