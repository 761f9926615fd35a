/* SPDX-License-Identifier: ISC */
/*
 * Erasing a person: everything by which the address could be found, and what
 * the ledger tells of it.  The ledger's leaves stay.
 */
#ifndef APP_ERASE_H
#define APP_ERASE_H

#include "app/engine/person.h"

struct erase_how {
	bool all;		/* leave no sealed proof, not even an old one */
	bool proof_is_done;	/* what is sealed is all there is to be */
	bool suppress;		/* and never mail it again */
	const char *by;		/* "" by the person */
	int64_t proof_until;	/* result: what is sealed; 0: nothing */
};

/* Wants what erase_person needs, while gathering. */
void erase_gather(struct turn *, const struct person *);
void erase_gather_contact(struct turn *, const struct person *);
/* How many things changed by it; 0: nothing was known, or to be done. */
uint32_t erase_person(struct turn *, struct person *, struct erase_how *);
/* The contact alone: what the address has asked for since goes on, and what
 * is sealed of it stays. */
void erase_contact(struct turn *, struct person *, const char *by);

/* Due: what is left of a chain; id: the event to go on from. */
extern const struct op_class op_erase_rest;

#endif
