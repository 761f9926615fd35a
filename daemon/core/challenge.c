/* SPDX-License-Identifier: ISC */
/*
 * Challenges.  The signature is over the canonical text: the members sorted,
 * without blanks, as JSON.stringify writes them.  It is written from values
 * and never kept as it came, so there is one way only to spell it.
 */
#include "core/challenge.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/crypto.h"

const char challenge_algorithm[] = "SHA-256";

/*
 * A slow phone looks at some 60,000 counters a second by our own script, and
 * at some 8,000 by ALTCHA's widget, which asks the browser for each hash.
 */
static const uint32_t ranges[CHALLENGE_LEVELS] = { 16000, 32000, 128000 };

enum { COUNTER_SIZE = 4, RANDOM_COUNTER = 8 };
_Static_assert(CHALLENGE_COST == 1, "the hash is taken once");

uint32_t
challenge_range(unsigned level)
{
	return ranges[level];
}

/*
 * Keys are text in the libraries for it: so that these can be used with ours,
 * hex.
 */
static void
mac(struct slice key, const char *use, struct slice data,
    uint8_t ret_mac[CHALLENGE_MAC_SIZE])
{
	uint8_t derived[CRYPTO_HASH_SIZE];
	struct buf text = { 0 };

	crypto_hmac(key, slice_str(use), derived);
	bytes_add_hex(&text, derived, sizeof(derived));
	crypto_hmac(buf_slice(&text), data, ret_mac);
	explicit_bzero(derived, sizeof(derived));
	explicit_bzero(text.p, text.len);
	buf_fini(&text);
}

static void
sign_key(struct slice key, const uint8_t found[CHALLENGE_KEY_SIZE],
    uint8_t ret_mac[CHALLENGE_MAC_SIZE])
{
	mac(key, "altcha key", slice_of(found, CHALLENGE_KEY_SIZE), ret_mac);
}

static void
add_hex(struct buf *out, const char *name, const void *p, size_t len)
{
	buf_printf(out, ",\"%s\":\"", name);
	bytes_add_hex(out, p, len);
	buf_add_char(out, '"');
}

static void
write_parameters(const struct challenge *c, struct buf *out)
{
	buf_printf(out, "{\"algorithm\":\"%s\",\"cost\":%d,"
	    "\"data\":{\"level\":%u,\"list\":\"%.*s\"},"
	    "\"expiresAt\":%" PRId64 ",\"keyLength\":%d",
	    challenge_algorithm, CHALLENGE_COST, c->level, SLICE_FMT(c->list),
	    c->expires_at, CHALLENGE_KEY_SIZE);
	add_hex(out, "keyPrefix", c->prefix, sizeof(c->prefix));
	add_hex(out, "keySignature", c->key_signature,
	    sizeof(c->key_signature));
	add_hex(out, "nonce", c->nonce, sizeof(c->nonce));
	add_hex(out, "salt", c->salt, sizeof(c->salt));
	buf_add_char(out, '}');
}

static void
sign(struct slice key, const struct challenge *c,
    uint8_t ret_mac[CHALLENGE_MAC_SIZE])
{
	struct buf text = { 0 };

	write_parameters(c, &text);
	mac(key, "altcha", buf_slice(&text), ret_mac);
	buf_fini(&text);
}

static void
derive(const struct challenge *c, uint32_t counter,
    uint8_t ret_key[CHALLENGE_KEY_SIZE])
{
	uint8_t data[2 * CHALLENGE_NONCE_SIZE + COUNTER_SIZE];

	memcpy(data, c->salt, CHALLENGE_NONCE_SIZE);
	memcpy(data + CHALLENGE_NONCE_SIZE, c->nonce, CHALLENGE_NONCE_SIZE);
	bytes_put_be(data + 2 * CHALLENGE_NONCE_SIZE, COUNTER_SIZE, counter);
	crypto_hash(slice_of(data, sizeof(data)), ret_key);
}

void
challenge_make(struct slice key, const struct challenge_seed *seed,
    struct challenge *ret_challenge)
{
	const uint8_t *random = seed->random;
	uint8_t found[CHALLENGE_KEY_SIZE];
	struct challenge *c = ret_challenge;

	assert(seed->level < CHALLENGE_LEVELS);
	*c = (struct challenge){ .list = slice_str(seed->list),
		.level = seed->level,
		.expires_at = seed->now + CHALLENGE_SECONDS };
	memcpy(c->nonce, random, sizeof(c->nonce));
	memcpy(c->salt, random + sizeof(c->nonce), sizeof(c->salt));
	/* 64 bits over a small range: even enough. */
	derive(c, (uint32_t)(bytes_get_be(random + sizeof(c->nonce) +
	    sizeof(c->salt), RANDOM_COUNTER) % ranges[seed->level]), found);
	memcpy(c->prefix, found, sizeof(c->prefix));
	sign_key(key, found, c->key_signature);
	sign(key, c, c->signature);
	explicit_bzero(found, sizeof(found));
}

void
challenge_write(const struct challenge *c, struct buf *out)
{
	buf_add_str(out, "{\"parameters\":");
	write_parameters(c, out);
	add_hex(out, "signature", c->signature, sizeof(c->signature));
	buf_add_char(out, '}');
}

enum challenge_state
challenge_check(struct slice key, const struct challenge *c,
    const uint8_t key_found[CHALLENGE_KEY_SIZE], const char *list,
    unsigned level, int64_t now)
{
	uint8_t wanted[CHALLENGE_MAC_SIZE];

	sign(key, c, wanted);
	if (!crypto_equal(c->signature, wanted, sizeof(wanted)))
		return CHALLENGE_FORGED;
	if (now > c->expires_at)
		return CHALLENGE_EXPIRED;
	if (!slice_eq_str(c->list, list))
		return CHALLENGE_OTHER_LIST;
	if (c->level < level)
		return CHALLENGE_TOO_EASY;
	sign_key(key, key_found, wanted);
	return crypto_equal(c->key_signature, wanted, sizeof(wanted)) ?
	    CHALLENGE_OK : CHALLENGE_UNSOLVED;
}
