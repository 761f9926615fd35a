/* SPDX-License-Identifier: ISC */
/*
 * Form tokens: any text is none, any token is read as it was made, and with
 * one bit of it turned it is none.
 */
#include "core/form_token.h"

#include <string.h>

#include "base/bytes.h"
#include "fuzz.h"

static const struct slice key = SLICE("0123456789abcdef0123456789abcdef");

static enum form_token_state
read_as(enum form_token_kind kind, const char *text, int64_t now,
    struct form_token *ret_token)
{
	return form_token_read(key, "weekly", kind, slice_str(text), now,
	    ret_token);
}

static void
check_made(const struct form_token *token, size_t flip)
{
	char text[FORM_TOKEN_TEXT_SIZE];
	struct form_token read;
	size_t at;

	form_token_make(key, "weekly", token, text);
	MUST(read_as(token->kind, text, token->made_at + FORM_TOKEN_WAIT_MIN,
	    &read) == FORM_TOKEN_OK);
	MUST(read.made_at == token->made_at && memcmp(read.nonce,
	    token->nonce, sizeof(read.nonce)) == 0);
	MUST(form_token_read(key, "daily", token->kind, slice_str(text),
	    token->made_at + FORM_TOKEN_WAIT_MIN, &read) == FORM_TOKEN_NONE);
	at = flip % strlen(text);
	text[at] = text[at] == 'A' ? 'B' : 'A';
	MUST(read_as(token->kind, text, token->made_at + FORM_TOKEN_WAIT_MIN,
	    &read) == FORM_TOKEN_NONE);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct form_token token = { .kind = FORM_TOKEN_FORM };
	struct form_token none;

	MUST(form_token_read(key, "weekly", FORM_TOKEN_FORM,
	    slice_of(data, size), 1, &none) == FORM_TOKEN_NONE);
	if (size < 6 + sizeof(token.nonce))
		return 0;
	if (data[0] & 1)
		token.kind = FORM_TOKEN_WAIT;
	token.made_at = (int64_t)bytes_get_be(data + 1, 4);
	memcpy(token.nonce, data + 6, sizeof(token.nonce));
	check_made(&token, data[5]);
	return 0;
}
