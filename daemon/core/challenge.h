/* SPDX-License-Identifier: ISC */
/*
 * Proof of work: ALTCHA challenges, version 2 (altcha.org, "Proof-of-Work
 * v2"), SHA-256 at cost 1.  Whoever wants something is given a nonce, a salt
 * and the first half of a hash; it has to find the counter whose
 * SHA-256(salt ‖ nonce ‖ counter, u32 big-endian) begins like that.  Where the
 * counter is was drawn evenly from a range, so that nobody is unlucky; and
 * because the hash itself is known here, signed, checking costs MACs only.
 *
 * Nothing is kept of a challenge: all that must be known stands in it, under a
 * signature.  That each is used once is for the caller to see to, by the
 * nonce.
 */
#ifndef CORE_CHALLENGE_H
#define CORE_CHALLENGE_H

#include <stdint.h>

#include "base/slice.h"

struct buf;

enum { CHALLENGE_NONCE_SIZE = 16, CHALLENGE_PREFIX_SIZE = 16,
	CHALLENGE_KEY_SIZE = 32, CHALLENGE_MAC_SIZE = 32 };

/* How long one is good, seconds; and how hard they get. */
enum { CHALLENGE_SECONDS = 900, CHALLENGE_LEVELS = 3 };
extern const char challenge_algorithm[];
enum { CHALLENGE_COST = 1 };

/* Plain values, but for the list's name, which is borrowed. */
struct challenge {
	struct slice list;
	unsigned level;		/* below CHALLENGE_LEVELS */
	int64_t expires_at;	/* seconds since 1970 */
	uint8_t nonce[CHALLENGE_NONCE_SIZE];
	uint8_t salt[CHALLENGE_NONCE_SIZE];
	uint8_t prefix[CHALLENGE_PREFIX_SIZE];
	uint8_t key_signature[CHALLENGE_MAC_SIZE];
	uint8_t signature[CHALLENGE_MAC_SIZE];
};

enum challenge_state { CHALLENGE_OK, CHALLENGE_FORGED, CHALLENGE_EXPIRED,
	CHALLENGE_OTHER_LIST, CHALLENGE_TOO_EASY, CHALLENGE_UNSOLVED };

/* What a challenge is made of; fill `random` with random bytes. */
struct challenge_seed {
	const char *list;	/* [a-z0-9-]* */
	unsigned level;
	int64_t now;		/* seconds since 1970 */
	uint8_t random[2 * CHALLENGE_NONCE_SIZE + 8];
};

/* Costs one hash; the list's name is borrowed from the seed. */
void challenge_make(struct slice key, const struct challenge_seed *,
    struct challenge *ret_challenge);
/* {"parameters":…,"signature":…}: what the client gets. */
void challenge_write(const struct challenge *, struct buf *out);
/*
 * Is it one of ours, for that list, at least so hard, and solved in time?
 * `key_found` is the whole hash that the client found.
 */
enum challenge_state challenge_check(struct slice key,
    const struct challenge *, const uint8_t key_found[CHALLENGE_KEY_SIZE],
    const char *list, unsigned level, int64_t now);
/* The counters of that level are below this. */
uint32_t challenge_range(unsigned level);

#endif
