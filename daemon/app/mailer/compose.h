/* SPDX-License-Identifier: ISC */
/*
 * From a row of the outbox to the bytes of a mail: the view that the mail's
 * templates show, its headers, its envelope.  No I/O.
 */
#ifndef APP_COMPOSE_H
#define APP_COMPOSE_H

#include "base/buf.h"
#include "core/message.pb-c.h"

struct config;
struct templates;

/* Zero-initialise it; then compose_fini. */
struct composed {
	char *from;		/* reverse-path, without <> */
	char *to;
	struct buf message;	/* clean: base/crlf.h */
};

/* Its words, before they are put together.  Zero-initialise; then fini. */
struct compose_parts {
	struct buf subject, text, html;
};

/*
 * 0; -1 with the reason, a static text, when the row isn't in order or
 * doesn't fit the config.  The same row gives the same bytes.
 */
int compose_mail(const Message__Mail *, const struct config *,
    const struct templates *, struct composed *ret_mail,
    const char **ret_why);
void compose_fini(struct composed *);
/* The same, of its words alone. */
int compose_parts(const Message__Mail *, const struct config *,
    const struct templates *, struct compose_parts *ret_parts,
    const char **ret_why);
void compose_parts_fini(struct compose_parts *);

#endif
