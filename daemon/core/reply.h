/* SPDX-License-Identifier: ISC */
/*
 * What an SMTP server's reply means for a mail: sent, try again, never try
 * this recipient again, or something is wrong on our side.
 */
#ifndef CORE_REPLY_H
#define CORE_REPLY_H

#include <stdbool.h>

#include "base/slice.h"
#include "core/message.pb-c.h"
#include "core/session.pb-c.h"

/*
 * The reply as "CODE[ ENHANCED] text"; anything else is what broke.  UNTRIED:
 * the server hadn't got to the mail yet.
 */
Message__MailResult__Outcome reply_judge(Session__Result__Stage stage,
    struct slice reply);

/*
 * The reply as a log may have it: of each address in it one letter and the
 * domain, and no token or code of a mail that the server quotes.  Owned.
 */
char *reply_mask(struct slice reply);
/*
 * Whether a refusal says that the mailbox isn't there, by its enhanced code
 * (RFC 3463: 5.1.1 and its like); "550" alone may mean anything.
 */
bool reply_is_no_mailbox(struct slice reply);

#endif
