/* SPDX-License-Identifier: ISC */
/*
 * What became of a mail whose connection ended before the library told: by
 * what passed on the wire.  Pure.
 */
#ifndef SMTP_VERDICT_H
#define SMTP_VERDICT_H

#include <stdbool.h>

#include "core/session.pb-c.h"
#include "smtp/wire.h"

/* A plain value. */
struct verdict {
	Session__Result__Stage stage;
	char text[WIRE_TEXT_MAX];	/* the reply, or what broke */
};

/*
 * `no_login`: we ended it, for want of a login; `too_late`: its time was over.
 */
void verdict_at_end(const struct wire *, bool no_login, bool too_late,
    struct verdict *ret_verdict);

#endif
