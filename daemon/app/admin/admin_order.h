/* SPDX-License-Identifier: ISC */
/*
 * What the commands that change something about one address share: reading
 * its parameters, and telling what became of it.
 */
#ifndef APP_ADMIN_ORDER_H
#define APP_ADMIN_ORDER_H

#include "app/admin/admin.h"

/* Why not, in words; NULL: that can't be. */
struct admin_order_words {
	const char *not_found, *forbidden, *over_budget;
};

/* The parameter `address`; NULL after having refused it. */
char *admin_order_address(struct admin_call *);
/*
 * The parameter `list` as the list's name, "" when it wasn't given; NULL
 * after having refused it.
 */
char *admin_order_list(struct admin_call *);
/* Is a parameter there, and no "0"? */
bool admin_order_flag(struct admin_call *, const char *name);
/* Answers by what the engine said: Acted, or NULL. */
void admin_order_answer(struct admin_call *, const Message__Envelope *answer,
    const struct admin_order_words *);

/* The commands. */
void admin_resend(struct admin_call *);
void admin_confirm(struct admin_call *);
void admin_erase(struct admin_call *);
void admin_suppress(struct admin_call *);
void admin_unsuppress(struct admin_call *);

#endif
