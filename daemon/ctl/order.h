/* SPDX-License-Identifier: ISC */
/*
 * Commands that tell the daemon to do one thing about one address.
 */
#ifndef CTL_ORDER_H
#define CTL_ORDER_H

#include "base/buf.h"
#include "ctl/ctl.h"

struct order_words {
	const char *done;	/* "will not be mailed any more" */
	const char *nothing;	/* when it was like that before */
};

/*
 * Posts address=ARGUMENT and what else is in the form (appended to it), and
 * says what became of it; returns the exit status.
 */
int order_send(const struct ctl *ctl, const char *path, struct buf *form,
    const struct order_words *);

#endif
