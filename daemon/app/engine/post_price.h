/* SPDX-License-Identifier: ISC */
/*
 * Has a post shown enough?  Decided in memory, before anything is known of its
 * address: neither the answer nor its time may tell.
 */
#ifndef APP_POST_PRICE_H
#define APP_POST_PRICE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/message.pb-c.h"
#include "core/price.h"

struct turn;

struct post_price {
	enum price_proof proof;	/* what its proof is worth */
	bool is_robot;		/* and it has shown nothing against that */
	unsigned level;		/* of the challenge that is wanted */
	uint32_t wait;		/* seconds until waiting is enough; 0: it is */
};

/* Is what web says of a proof possible?  NULL is. */
bool post_price_is_sound(const Message__Proof *);
/* False: it has to show more; its proof is used up all the same. */
bool post_price_take(struct turn *, const Message__Subscribe *,
    struct post_price *ret_price);

#endif
