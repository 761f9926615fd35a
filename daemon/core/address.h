/* SPDX-License-Identifier: ISC */
/*
 * Mailboxes: RFC 5321 §4.1.2 without what nobody types into a form (quoted
 * local parts, literals, source routes), and IDN domains as A-labels.  Each
 * has two forms: as typed, to send to, and the key, to compare.
 */
#ifndef CORE_ADDRESS_H
#define CORE_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

/* Octets (RFC 5321 §4.5.3.1; a path's 256 are 254 and its brackets). */
enum { ADDRESS_MAX = 254, ADDRESS_LOCAL_MAX = 64, ADDRESS_LABEL_MAX = 63 };

/* A plain value. */
struct address {
	char canonical[ADDRESS_MAX + 1];  /* local part as typed @ A-labels */
	char key[ADDRESS_MAX + 1];	  /* the same, ASCII-lowercased */
	size_t local_len;		  /* bytes before the @ in both */
};

enum address_error {
	ADDRESS_OK,
	ADDRESS_EMPTY,
	ADDRESS_TOO_LONG,		/* over 254 octets as A-labels */
	ADDRESS_INVALID_UTF8,
	ADDRESS_CONTROL,		/* control, bidi, zero-width */
	ADDRESS_BLANK,			/* inside */
	ADDRESS_NO_AT,
	ADDRESS_SEVERAL,		/* more than one, or more than one @ */
	ADDRESS_BRACKETS,		/* <>: display name or source route */
	ADDRESS_COMMENT,
	ADDRESS_LOCAL_EMPTY,
	ADDRESS_LOCAL_TOO_LONG,		/* over 64 octets */
	ADDRESS_LOCAL_QUOTED,
	ADDRESS_LOCAL_DOT,		/* first, last or double */
	ADDRESS_LOCAL_CHARACTER,
	ADDRESS_LOCAL_NON_ASCII,	/* would need SMTPUTF8 */
	ADDRESS_DOMAIN_EMPTY,
	ADDRESS_DOMAIN_LITERAL,		/* [192.0.2.1] */
	ADDRESS_DOMAIN_DOT,		/* first, last or double */
	ADDRESS_DOMAIN_LABEL,		/* over 63 octets, or - at an end */
	ADDRESS_DOMAIN_CHARACTER,
	ADDRESS_DOMAIN_SINGLE_LABEL,
	ADDRESS_DOMAIN_NUMERIC,		/* top label is a number */
	ADDRESS_DOMAIN_IDN,		/* not IDNA2008, or a false A-label */
	ADDRESS_ERROR_END
};

/* Reads one mailbox as typed; blanks around it are forgiven. */
enum address_error address_parse(struct slice text,
    struct address *ret_address);

/* "local_too_long": for logs and tests. */
const char *address_error_name(enum address_error error);

/*
 * Whether mail to it would come back to us or to nobody: role names such as
 * mailer-daemon or weekly-request, and our own mailboxes, with any +tag.
 * `own` are addresses as configured ("@host" for a whole domain, "name@" for
 * that of any); "" is none.
 */
bool address_is_refused(const struct address *address,
    const char *const *own, size_t own_count);

/*
 * The mailbox behind the spelling, for rate limits alone: the key without
 * +tag, for Gmail without dots too.
 */
void address_budget_key(const struct address *address,
    char ret_key[ADDRESS_MAX + 1]);

#endif
