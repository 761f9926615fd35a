/* SPDX-License-Identifier: ISC */
/*
 * What an ALTCHA widget posts once it has solved a challenge: base64 of
 * {"challenge":{"parameters":{…},"signature":…},"solution":{…}}.  Here it is
 * read; core/challenge says what it is worth.
 */
#ifndef APP_WEB_ALTCHA_H
#define APP_WEB_ALTCHA_H

#include "core/challenge.h"

enum { WEB_ALTCHA_MAX = 4096,	/* bytes of a payload */
	WEB_ALTCHA_LIST_MAX = 32 };

/* Not to be copied: the challenge's list is a part of it. */
struct web_altcha {
	struct challenge challenge;
	uint8_t key_found[CHALLENGE_KEY_SIZE];
	char list[WEB_ALTCHA_LIST_MAX + 1];
};

/*
 * 0, or -1 when it can't be an answer to a challenge of ours: no such JSON, a
 * member missing, or one more among those that were signed; another
 * algorithm, cost or length of key.
 */
int web_altcha_read(struct slice payload, struct web_altcha *ret_altcha);

#endif
