/* SPDX-License-Identifier: ISC */
/*
 * The forms in which subscriptions are listed: JSON lines and CSV (RFC 4180).
 */
#ifndef APP_ADMIN_LISTING_H
#define APP_ADMIN_LISTING_H

#include "base/buf.h"
#include "core/message.pb-c.h"

struct config;
struct config_list;

struct listing_format {
	const char *name;	/* "jsonl" */
	const char *type;	/* its Content-Type */
	void (*add_header)(struct buf *out, const struct config *,
	    const struct config_list *);
	void (*add_row)(struct buf *out, const struct config *,
	    const struct config_list *, const Message__Subscription *);
};

/* By name; the first one for ""; NULL when there is none. */
const struct listing_format *listing_format_find(const char *name);

/*
 * One CSV cell, quoted at need; a cell that a spreadsheet would take for a
 * formula gets a ' in front.
 */
void listing_add_cell(struct buf *out, struct slice text);

#endif
