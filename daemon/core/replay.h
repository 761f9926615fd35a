/* SPDX-License-Identifier: ISC */
/*
 * Proofs that are good once.  Each used one is remembered for as long as it
 * would be good, in bounded memory.  When that is full, the first used makes
 * room, and with it every proof of that age or older is refused: nothing is
 * ever taken twice, and whoever has a proof that old is asked for another.
 */
#ifndef CORE_REPLAY_H
#define CORE_REPLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct replay;

/*
 * For at most `capacity` proofs at a time.  Those made up to `since` (seconds
 * since 1970) may have been used before this began: they are refused.  Owned.
 */
struct replay *replay_new(size_t capacity, int64_t since);
void replay_free(struct replay *);

struct replay_proof {
	uint64_t nonce;		/* random, and not its user's to choose */
	int64_t made_at, expires_at;	/* seconds since 1970 */
};

/* False if it was used, or may have been; else it is used from now on. */
bool replay_take(struct replay *, const struct replay_proof *, int64_t now);

#endif
