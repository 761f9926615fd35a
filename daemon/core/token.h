/* SPDX-License-Identifier: ISC */
/*
 * Tokens: what stands in the links of a mail.  One byte of kind and key id,
 * then AES-SIV (RFC 5297) over 8 bytes with that byte as associated data, in
 * base64url: opaque, authentic, all of one length.  A token opened is only
 * authentic; whether it has expired or was revoked is the caller's question.
 */
#ifndef CORE_TOKEN_H
#define CORE_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/crypto.h"
#include "base/slice.h"

enum { TOKEN_SIZE = 25, TOKEN_TEXT_LEN = 34, TOKEN_TEXT_SIZE = 35,
	TOKEN_KEYS_MAX = 16 };

#define TOKEN_ID_MAX ((UINT64_C(1) << 40) - 1)
#define TOKEN_EXPIRY_MAX ((UINT32_C(1) << 24) - 1)

enum token_kind {
	TOKEN_CONFIRM = 1,	/* of a request, with expiry */
	TOKEN_UNSUBSCRIBE,	/* of a contact's subscription */
	TOKEN_NOTME,		/* of a request, with expiry */
	TOKEN_WITHDRAW,		/* of a request: List-Unsubscribe before it is
				 * confirmed */
	TOKEN_MANAGE,		/* of a contact, with expiry */
	TOKEN_GOODBYE,		/* of a contact's subscription: come back */
	TOKEN_KIND_END
};

/* Plain values: what a token says. */
struct token {
	enum token_kind kind;
	uint64_t id;		/* of the request or contact, 40 bits */
	uint32_t expiry;	/* since 1970, in steps of the kind, 24 bits;
				 * kinds with expiry */
	uint16_t list;		/* list id; the other kinds */
	uint8_t generation;	/* of the subscription; the other kinds */
};

/*
 * The first key (the newest) makes tokens, all of them read.  Zero is none; to
 * add more than TOKEN_KEYS_MAX is our bug.
 */
struct token_keys {
	size_t count;
	struct token_key {
		uint8_t id;		/* 0..15 */
		struct crypto_siv *siv;
	} key[TOKEN_KEYS_MAX];
};

void token_keys_add(struct token_keys *keys, uint8_t id,
    const uint8_t key[CRYPTO_SIV_KEY_SIZE]);
void token_keys_fini(struct token_keys *keys);

/* Whether tokens of that kind end by themselves (else: list, generation). */
bool token_kind_expires(enum token_kind kind);

/* The token as NUL-terminated text.  Values out of range are our bug. */
void token_make(const struct token_keys *keys, const struct token *token,
    char ret_text[TOKEN_TEXT_SIZE]);

/* 0; or -1 when the text isn't, to the last bit, what token_make wrote. */
int token_open(const struct token_keys *keys, struct slice text,
    struct token *ret_token);

/* Length, alphabet, unused bits and kind are right; needs no key. */
bool token_is_wellformed(struct slice text);

/*
 * The expiry of a token of that kind, made now, that lives for `seconds`, and
 * up to a step longer: an hour, or 5 minutes to manage.
 */
uint32_t token_expiry(enum token_kind kind, int64_t wall_us,
    uint64_t seconds);
/* Of a kind that expires. */
bool token_is_expired(const struct token *token, int64_t wall_us);

#endif
