/* SPDX-License-Identifier: ISC */
/*
 * Tokens of mails: any text is none, any token says what it was made of, in
 * one spelling, and with one bit of it turned it is none.
 */
#include "core/token.h"

#include <string.h>

#include "base/bytes.h"
#include "fuzz.h"

enum { FIELDS = 11 };

static void
check_made(const struct token_keys *keys, const struct token *token,
    size_t flip)
{
	char text[TOKEN_TEXT_SIZE], again[TOKEN_TEXT_SIZE];
	struct token opened;
	size_t at = flip % TOKEN_TEXT_LEN;

	token_make(keys, token, text);
	MUST(token_is_wellformed(slice_str(text)));
	MUST(token_open(keys, slice_str(text), &opened) == 0);
	token_make(keys, &opened, again);
	MUST(strcmp(text, again) == 0 && opened.id == token->id);
	text[at] = text[at] == 'A' ? 'B' : 'A';
	MUST(token_open(keys, slice_str(text), &opened) < 0);
}

static void
check(const struct token_keys *keys, const uint8_t *data, size_t size)
{
	struct token token = { 0 };

	MUST(token_open(keys, slice_of(data, size), &token) < 0);
	if (size < FIELDS)
		return;
	token.kind = (enum token_kind)(data[0] % (TOKEN_KIND_END - 1) + 1);
	token.id = bytes_get_be(data + 1, 5);
	if (token_kind_expires(token.kind)) {
		token.expiry = (uint32_t)bytes_get_be(data + 6, 3);
		(void)token_is_expired(&token, (int64_t)size);
	} else {
		token.list = (uint16_t)bytes_get_be(data + 6, 2);
		token.generation = data[8];
	}
	check_made(keys, &token, data[FIELDS - 1]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t key[2][CRYPTO_SIV_KEY_SIZE] = {
		"another key of sixty-four bytes", "some key or other" };
	struct token_keys keys = { 0 };

	token_keys_add(&keys, 3, key[0]);
	token_keys_add(&keys, 0, key[1]);
	check(&keys, data, size);
	token_keys_fini(&keys);
	return 0;
}
