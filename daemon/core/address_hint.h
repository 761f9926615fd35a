/* SPDX-License-Identifier: ISC */
/*
 * Mistyped domains of large providers: "gmial.com" was meant to be gmail.com.
 * Pure guessing from what was typed, and so the same whoever's address it is.
 */
#ifndef CORE_ADDRESS_HINT_H
#define CORE_ADDRESS_HINT_H

#include "base/slice.h"

/*
 * What a lowercase domain was probably meant to be, out of a short table;
 * NULL: it looks right.
 */
const char *address_hint(struct slice domain);
/* The table's own domain that is written so; NULL: there is none. */
const char *address_hint_find(struct slice domain);

#endif
