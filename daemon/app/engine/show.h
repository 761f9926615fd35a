/* SPDX-License-Identifier: ISC */
/*
 * All that is known of one address, as a message.
 */
#ifndef APP_SHOW_H
#define APP_SHOW_H

#include "app/engine/person.h"
#include "core/message.pb-c.h"

enum { SHOW_PROOF = 1 << 0,	/* the events that were sealed, too */
	SHOW_TO_OWNER = 1 << 1 };	/* no events that strangers caused */

/*
 * Reads (and so wants, while gathering) all of it: the contact, and what waits
 * to be confirmed of the address.
 */
Message__Contact *show_person(struct turn *, const struct person *,
    const char *address_key, unsigned flags);

#endif
