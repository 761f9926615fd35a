/* SPDX-License-Identifier: ISC */
/*
 * A subscribe form's pairs, whoever made the form, to one Subscribe message:
 * aliases resolved, every value checked against the config.  Pure: what the
 * connection knows (network, headers, cookie) is the caller's to add.
 */
#ifndef CORE_FORM_H
#define CORE_FORM_H

#include <stdbool.h>
#include <stddef.h>

#include "core/config.h"
#include "core/form_typed.h"
#include "core/message.pb-c.h"

enum { FORM_NAME_MAX = 200,	/* bytes of the name */
	FORM_PAIRS_MAX = 64 };	/* of a form; more is bad_request */

struct form_pair {
	const char *name;
	const char *value;
};

struct form_input {
	const struct config *config;
	const struct form_pair *pairs;
	size_t pair_count;
	const char *path_list;		/* of /subscribe/LIST; NULL: none */
	const char *accept_language;	/* the header; NULL: none */
	bool keep_typed;		/* though nothing has to be mended */
};

enum form_error { FORM_OK, FORM_MISSING_EMAIL, FORM_INVALID_EMAIL,
	FORM_UNKNOWN_LIST, FORM_INVALID_FIELD, FORM_CONSENT_REQUIRED,
	FORM_BAD_REQUEST, FORM_ERROR_END };

/* What was read; owned by whoever called form_read. */
struct form {
	enum form_error error;
	const char *field;	/* the field at fault, by its own name, "" when
				 * none; borrowed from the config or static */
	const struct config_list *list;	/* the first one, also after an error;
				 * NULL: none is known.  Borrowed: config */
	const struct config_list **lists;	/* all that are known, also
				 * after an error */
	size_t list_count;
	const char *lang;	/* one of that list's languages, also after an
				 * error; NULL without a list.  Borrowed */
	Message__Subscribe *subscribe;	/* NULL after an error; has an evidence
				 * holding only the source */
	char *redirect;		/* NULL: none, or not an allowed one */
	struct form_typed *typed;	/* after an error, or if it is to be
					 * kept: for another page */
	size_t typed_count;
	size_t ignored;		/* pairs that mean nothing here */
};

/* Never NULL; form_free it. */
struct form *form_read(const struct form_input *input);
void form_free(struct form *form);
/* Hands the message over: owned, message__subscribe__free_unpacked. */
Message__Subscribe *form_take_subscribe(struct form *form);

#endif
