/* SPDX-License-Identifier: ISC */
/*
 * The names of a subscribe form's fields: ours, and those by which the forms
 * of other newsletter tools know them.
 */
#ifndef CORE_FORM_NAMES_H
#define CORE_FORM_NAMES_H

#include <stdbool.h>

#include "base/slice.h"
#include "core/config.h"

enum form_field {
	FORM_FIELD_NONE,		/* nobody's */
	FORM_FIELD_EMAIL,
	FORM_FIELD_LIST,		/* may come often */
	FORM_FIELD_TAG,			/* may come often */
	FORM_FIELD_NAME,
	FORM_FIELD_LAST_NAME,
	FORM_FIELD_REDIRECT,
	FORM_FIELD_LANG,
	FORM_FIELD_CONSENT,
	FORM_FIELD_SOURCE,		/* the first of where it came from */
	FORM_FIELD_UTM_SOURCE,
	FORM_FIELD_UTM_MEDIUM,
	FORM_FIELD_UTM_CAMPAIGN,
	FORM_FIELD_UTM_TERM,
	FORM_FIELD_UTM_CONTENT,
	FORM_FIELD_REFERRER_URL,
	FORM_FIELD_LANDING_PAGE,	/* the last of them */
	FORM_FIELD_FORM_TOKEN,
	FORM_FIELD_ALTCHA,
	FORM_FIELD_FIRST_POST,		/* of a challenge page */
	FORM_FIELD_HONEYPOT,		/* several names; nobody fills it in */
	FORM_FIELD_OWN,			/* declared by a list */
	FORM_FIELD_END
};

/*
 * Whose name it is.  Of "list[2]" and "consent[weekly]" the key is what stands
 * in the brackets, of "list[]" and others it is empty; borrowed.
 */
enum form_field form_names_find(struct slice name, struct slice *ret_key);
/* Our name of it; "" where there isn't one. */
const char *form_names_own(enum form_field field);
bool form_names_may_repeat(enum form_field field);
/* Its name, metadata__NAME, metadata[NAME], its name in capitals, an alias. */
bool form_names_match(const struct config_field *field, struct slice name);

#endif
