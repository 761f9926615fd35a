/* SPDX-License-Identifier: ISC */
/*
 * What a form post costs whoever sends it: nothing, or a challenge, and how
 * hard a one.  A page that a list names vouches for its visitors while all is
 * calm; the more is mailed, the more each post has to show.  The price is
 * never a wall: there is always a way to pay it.
 */
#ifndef CORE_PRICE_H
#define CORE_PRICE_H

#include <stdbool.h>

#include "core/challenge.h"
#include "core/config.h"
#include "core/page.h"

/* What a post brought. */
enum price_proof {
	PRICE_NOTHING,
	PRICE_FORM,		/* a form token of a good age */
	PRICE_WAIT,		/* the same of a challenge page: it waited */
	PRICE_SOLVED,		/* a challenge */
	PRICE_PROOFS
};

/* How things stand: more than half a budget used up, or an attack. */
enum price_mood { PRICE_CALM, PRICE_STRAINED, PRICE_ATTACK, PRICE_MOODS };
_Static_assert((int)PRICE_MOODS == (int)CHALLENGE_LEVELS,
    "the worse, the harder");

struct price_facts {
	enum config_challenge mode;
	enum price_mood mood;
	enum page_kind page;
	enum price_proof proof;
	unsigned level;		/* of the challenge that was solved */
	bool robot;		/* a honeypot was filled in */
};

/* False: a challenge of *ret_level is to be solved first. */
bool price_is_paid(const struct price_facts *, unsigned *ret_level);

#endif
