/* SPDX-License-Identifier: ISC */
/*
 * What the person changes: name and fields, and which lists they are on.
 */
#ifndef APP_MANAGE_CHANGE_H
#define APP_MANAGE_CHANGE_H

#include "app/engine/person.h"
#include "core/message.pb-c.h"

/* Wants what the others need, while gathering; the person is read. */
void manage_change_gather(struct turn *);
/*
 * Does what was asked; each thing that changes is an event.  A list is joined
 * only if they were on it before and saw the consent text of now.  False when
 * there were too many changes lately: then lists are left, and no more.
 */
bool manage_change(struct turn *, struct person *, const Message__Manage *,
    Fact__Evidence *);
/* Leaves one list, if they are on it. */
void manage_leave(struct turn *, struct person *, uint32_t list,
    Fact__Evidence *);
/* The lists that may be joined. */
void manage_add_joinable(struct turn *, const struct person *,
    Message__Managed *);

#endif
