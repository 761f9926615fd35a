/* SPDX-License-Identifier: ISC */
/*
 * Tokens.  The 8 sealed bytes are the id (5) and 3 bytes that are either the
 * expiry or list id (2) and generation (1): the kind says which.
 */
#include "core/token.h"

#include <assert.h>
#include <string.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/clock.h"

enum { ID_SIZE = 5, TEXT_SIZE = 8, HEAD_SIZE = 1,
	KEY_ID_MASK = 15, KIND_SHIFT = 4 };
_Static_assert(TOKEN_SIZE == HEAD_SIZE + CRYPTO_SIV_TAG_SIZE + TEXT_SIZE,
    "a token is its head, the tag and the text");
_Static_assert(TOKEN_TEXT_LEN == (TOKEN_SIZE * 8 + 5) / 6, "as base64url");
_Static_assert(TOKEN_KIND_END <= 1 << KIND_SHIFT, "a kind has four bits");

enum { HOUR = 3600, FIVE_MINUTES = 300 };

/* The steps of a kind's expiry, in seconds; 0: it has none. */
static const uint32_t kind_step[TOKEN_KIND_END] = {
	[TOKEN_CONFIRM] = HOUR,
	[TOKEN_NOTME] = HOUR,
	[TOKEN_WITHDRAW] = HOUR,
	[TOKEN_MANAGE] = FIVE_MINUTES,
};

void
token_keys_add(struct token_keys *keys, uint8_t id,
    const uint8_t key[CRYPTO_SIV_KEY_SIZE])
{
	assert(keys->count < TOKEN_KEYS_MAX && id <= KEY_ID_MASK);
	keys->key[keys->count++] = (struct token_key){ id,
	    crypto_siv_new(key) };
}

void
token_keys_fini(struct token_keys *keys)
{
	for (size_t i = 0; i < keys->count; i++)
		crypto_siv_free(keys->key[i].siv);
	*keys = (struct token_keys){ 0 };
}

static bool
kind_is_known(unsigned kind)
{
	return kind >= TOKEN_CONFIRM && kind < TOKEN_KIND_END;
}

bool
token_kind_expires(enum token_kind kind)
{
	return kind_is_known(kind) && kind_step[kind] > 0;
}

static void
write_text(const struct token *token, uint8_t text[TEXT_SIZE])
{
	bytes_put_be(text, ID_SIZE, token->id);
	if (token_kind_expires(token->kind)) {
		bytes_put_be(text + ID_SIZE, 3, token->expiry);
	} else {
		bytes_put_be(text + ID_SIZE, 2, token->list);
		text[ID_SIZE + 2] = token->generation;
	}
}

static struct token
read_text(enum token_kind kind, const uint8_t text[TEXT_SIZE])
{
	struct token token = { .kind = kind };

	token.id = bytes_get_be(text, ID_SIZE);
	if (token_kind_expires(kind)) {
		token.expiry = (uint32_t)bytes_get_be(text + ID_SIZE, 3);
	} else {
		token.list = (uint16_t)bytes_get_be(text + ID_SIZE, 2);
		token.generation = text[ID_SIZE + 2];
	}
	return token;
}

void
token_make(const struct token_keys *keys, const struct token *token,
    char ret_text[TOKEN_TEXT_SIZE])
{
	uint8_t bytes[TOKEN_SIZE];
	uint8_t text[TEXT_SIZE];
	struct buf out = { 0 };

	assert(keys->count > 0);
	assert(kind_is_known(token->kind) && token->id <= TOKEN_ID_MAX);
	assert(token->expiry <= TOKEN_EXPIRY_MAX);
	bytes[0] = (uint8_t)((unsigned)token->kind << KIND_SHIFT |
	    keys->key[0].id);
	write_text(token, text);
	crypto_siv_seal(keys->key[0].siv, slice_of(bytes, HEAD_SIZE),
	    slice_of(text, sizeof(text)), bytes + HEAD_SIZE);
	bytes_add_base64url(&out, bytes, sizeof(bytes));
	memcpy(ret_text, buf_str(&out), TOKEN_TEXT_SIZE);
	buf_fini(&out);
}

/* The bytes of a well-formed token; -1 when it isn't. */
static int
read_bytes(struct slice text, uint8_t ret_bytes[TOKEN_SIZE])
{
	if (text.len != TOKEN_TEXT_LEN ||
	    bytes_from_base64url(text, ret_bytes, TOKEN_SIZE) < 0)
		return -1;
	return kind_is_known(ret_bytes[0] >> KIND_SHIFT) ? 0 : -1;
}

bool
token_is_wellformed(struct slice text)
{
	uint8_t bytes[TOKEN_SIZE];

	return read_bytes(text, bytes) == 0;
}

int
token_open(const struct token_keys *keys, struct slice text,
    struct token *ret_token)
{
	uint8_t bytes[TOKEN_SIZE];
	uint8_t opened[TEXT_SIZE];

	if (read_bytes(text, bytes) < 0)
		return -1;
	for (size_t i = 0; i < keys->count; i++) {
		if (keys->key[i].id != (bytes[0] & KEY_ID_MASK))
			continue;
		if (crypto_siv_open(keys->key[i].siv,
		    slice_of(bytes, HEAD_SIZE),
		    slice_of(bytes + HEAD_SIZE, sizeof(bytes) - HEAD_SIZE),
		    opened) < 0)
			continue;
		*ret_token = read_text(
		    (enum token_kind)(bytes[0] >> KIND_SHIFT), opened);
		return 0;
	}
	return -1;
}

uint32_t
token_expiry(enum token_kind kind, int64_t wall_us, uint64_t seconds)
{
	uint64_t now_s = wall_us > 0 ? (uint64_t)(wall_us / CLOCK_SECOND) : 0;
	uint64_t step, steps;

	assert(token_kind_expires(kind));
	step = kind_step[kind];
	if (seconds > TOKEN_EXPIRY_MAX * step)
		return TOKEN_EXPIRY_MAX;
	/* Rounded up: a link lives at least as long as the mail says. */
	steps = (now_s + seconds + step - 1) / step;
	return steps < TOKEN_EXPIRY_MAX ? (uint32_t)steps : TOKEN_EXPIRY_MAX;
}

bool
token_is_expired(const struct token *token, int64_t wall_us)
{
	return wall_us >= (int64_t)token->expiry * kind_step[token->kind] *
	    CLOCK_SECOND;
}
