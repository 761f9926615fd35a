/* SPDX-License-Identifier: ISC */
/*
 * What is kept of somebody who was erased: the events, as proof that they
 * had agreed, sealed so that only who knows the address (and has the secret)
 * can read them, for as long as the config's retain.proof says.
 */
#ifndef APP_PROOF_H
#define APP_PROOF_H

#include "app/engine/person.h"

/*
 * What is sealed of that address key, NULL: nothing (or not yet, while
 * gathering).  ret_until may be NULL.
 */
Record__Proof *proof_open(struct turn *, const struct person *,
    const char *address_key, int64_t *ret_until);
/*
 * Seals the contact's events, behind what is sealed already; returns until
 * when, 0: none is kept.
 */
int64_t proof_seal(struct turn *, const struct person *);
/* Whatever is sealed goes; false when nothing was. */
bool proof_delete(struct turn *, const struct person *);

#endif
