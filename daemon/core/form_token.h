/* SPDX-License-Identifier: ISC */
/*
 * Form tokens: a hidden field of the pages that we show, which says when and
 * for which list the page was made.  It keeps out who posts without ever
 * having looked at a page, at once, or with a page of yesterday; it is no
 * proof of a person, and not bound to an IP, which may change meanwhile.
 *
 * Kind, time and 8 random bytes, then 16 bytes of HMAC-SHA256 over these and
 * the list, in base64url.
 */
#ifndef CORE_FORM_TOKEN_H
#define CORE_FORM_TOKEN_H

#include <stdint.h>

#include "base/slice.h"

enum { FORM_TOKEN_NONCE_SIZE = 8, FORM_TOKEN_SIZE = 29,
	FORM_TOKEN_TEXT_SIZE = 40 };

enum form_token_kind {
	FORM_TOKEN_FORM = 1,	/* in a form */
	FORM_TOKEN_WAIT,	/* in a challenge page: good after a wait */
};

/* Seconds: a form's are good from 2 s to 1 h of age, and so on. */
enum { FORM_TOKEN_MIN = 2, FORM_TOKEN_MAX = 3600, FORM_TOKEN_WAIT_MIN = 10,
	FORM_TOKEN_WAIT_MAX = 1200 };

enum form_token_state { FORM_TOKEN_OK, FORM_TOKEN_NONE /* or forged, or
	of another list or kind */, FORM_TOKEN_EARLY, FORM_TOKEN_LATE };

/* Plain values. */
struct form_token {
	enum form_token_kind kind;
	int64_t made_at;	/* seconds since 1970, 32 bits */
	uint8_t nonce[FORM_TOKEN_NONCE_SIZE];	/* random */
};

/* The token as NUL-terminated text. */
void form_token_make(struct slice key, const char *list,
    const struct form_token *, char ret_text[FORM_TOKEN_TEXT_SIZE]);
/*
 * What a posted one is worth now (seconds since 1970) for that list;
 * *ret_token is set unless it says FORM_TOKEN_NONE.
 */
enum form_token_state form_token_read(struct slice key, const char *list,
    enum form_token_kind kind, struct slice text, int64_t now,
    struct form_token *ret_token);

#endif
