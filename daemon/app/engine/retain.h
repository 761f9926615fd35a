/* SPDX-License-Identifier: ISC */
/*
 * Whoever has left their last list is known for as long as the config's
 * retain.proof says, in case that it has to be proved that they had agreed;
 * and then no more.
 */
#ifndef APP_RETAIN_H
#define APP_RETAIN_H

#include "app/engine/person.h"

/* When the contact ends, or that it doesn't, by the lists that it is on. */
void retain_settle(struct turn *, struct person *);
/* The same by somebody else's word; 0: it doesn't.  Neither writes it. */
void retain_set_end(struct turn *, struct person *, int64_t when);

/* Due; id: the contact. */
extern const struct op_class op_retain;

#endif
