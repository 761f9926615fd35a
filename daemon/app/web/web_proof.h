/* SPDX-License-Identifier: ISC */
/*
 * What a form post brought to show that it is meant: the form token of the
 * page it was made on, or of a challenge page, and a challenge's solution.  A
 * bad one is none: whether it takes any is for the engine to say.
 */
#ifndef APP_WEB_PROOF_H
#define APP_WEB_PROOF_H

#include "app/web/web.h"
#include "core/challenge.h"
#include "core/form_token.h"
#include "core/message.pb-c.h"
#include "core/price.h"
#include "io/http_form.h"

/* Plain values. */
struct web_proof {
	enum price_proof kind;		/* the best that came, and holds */
	unsigned level;			/* of SOLVED */
	uint8_t nonce[CHALLENGE_NONCE_SIZE];
	size_t nonce_size;
	int64_t expires_at;
	/* A solution was there, good or not; and a challenge page's token,
	 * which is set unless its state is FORM_TOKEN_NONE. */
	bool has_solution;
	enum form_token_state wait;
	struct form_token token;
};

/* For these lists; none: for the link to one's own data. */
void web_proof_read(const struct web *, const struct http_form *,
    const struct config_list *const *lists, size_t count, int64_t now,
    struct web_proof *ret_proof);
/* "form", "solved" …, for the log; "" of nothing. */
const char *web_proof_name(const struct web_proof *);
/* The engine's message of it, owned; NULL when there is nothing to tell. */
Message__Proof *web_proof_message(const struct web_proof *);

/* A form token for a page that is made now, for that list ("": none). */
void web_proof_token(const struct web *, const char *list,
    enum form_token_kind, int64_t now, char ret_text[FORM_TOKEN_TEXT_SIZE]);

#endif
