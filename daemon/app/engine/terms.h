/* SPDX-License-Identifier: ISC */
/*
 * What the web processes are told unasked: the key that signs form tokens and
 * challenges, derived from the secret so that it outlives them all, and how
 * hard a challenge to ask for.
 */
#ifndef APP_TERMS_H
#define APP_TERMS_H

#include "core/price.h"

struct engine;
struct peer;

/* To one that is new. */
void terms_tell(struct engine *, struct peer *);
/* To all of them, if the mood is another one than they were told. */
void terms_set_mood(struct engine *, enum price_mood);

#endif
