/* SPDX-License-Identifier: ISC */
/*
 * Form tokens.  The list is in the MAC and not in the text: all tokens are of
 * one length, and of another list's nothing is told.
 */
#include "core/form_token.h"

#include <assert.h>
#include <string.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/crypto.h"

enum { TIME_SIZE = 4, HEAD_SIZE = 1 + TIME_SIZE + FORM_TOKEN_NONCE_SIZE,
	MAC_SIZE = FORM_TOKEN_SIZE - HEAD_SIZE };
_Static_assert(MAC_SIZE == 16, "128 bits can't be guessed");

static const struct {
	int64_t min, max;	/* seconds of age */
} ages[] = {
	[FORM_TOKEN_FORM] = { FORM_TOKEN_MIN, FORM_TOKEN_MAX },
	[FORM_TOKEN_WAIT] = { FORM_TOKEN_WAIT_MIN, FORM_TOKEN_WAIT_MAX },
};

static void
sign(struct slice key, const char *list, uint8_t token[FORM_TOKEN_SIZE])
{
	static const char what[] = "form token";
	uint8_t mac[CRYPTO_HASH_SIZE];
	struct buf data = { 0 };

	buf_add(&data, what, sizeof(what));
	buf_add(&data, token, HEAD_SIZE);
	buf_add_str(&data, list);
	crypto_hmac(key, buf_slice(&data), mac);
	memcpy(token + HEAD_SIZE, mac, MAC_SIZE);
	buf_fini(&data);
}

void
form_token_make(struct slice key, const char *list,
    const struct form_token *token, char ret_text[FORM_TOKEN_TEXT_SIZE])
{
	uint8_t bytes[FORM_TOKEN_SIZE] = { (uint8_t)token->kind };
	struct buf text = { 0 };

	bytes_put_be(bytes + 1, TIME_SIZE, (uint64_t)token->made_at);
	memcpy(bytes + 1 + TIME_SIZE, token->nonce, FORM_TOKEN_NONCE_SIZE);
	sign(key, list, bytes);
	bytes_add_base64url(&text, bytes, sizeof(bytes));
	assert(text.len == FORM_TOKEN_TEXT_SIZE - 1);
	memcpy(ret_text, buf_str(&text), FORM_TOKEN_TEXT_SIZE);
	buf_fini(&text);
}

enum form_token_state
form_token_read(struct slice key, const char *list, enum form_token_kind kind,
    struct slice text, int64_t now, struct form_token *ret_token)
{
	uint8_t came[FORM_TOKEN_SIZE], wanted[FORM_TOKEN_SIZE];
	int64_t age;

	if (bytes_from_base64url(text, came, sizeof(came)) < 0 ||
	    came[0] != kind)
		return FORM_TOKEN_NONE;
	memcpy(wanted, came, HEAD_SIZE);
	sign(key, list, wanted);
	if (!crypto_equal(came, wanted, sizeof(came)))
		return FORM_TOKEN_NONE;
	ret_token->kind = kind;
	ret_token->made_at = (int64_t)bytes_get_be(came + 1, TIME_SIZE);
	memcpy(ret_token->nonce, came + 1 + TIME_SIZE, FORM_TOKEN_NONCE_SIZE);
	age = now - ret_token->made_at;
	if (age < ages[kind].min)
		return FORM_TOKEN_EARLY;
	return age > ages[kind].max ? FORM_TOKEN_LATE : FORM_TOKEN_OK;
}
