/* SPDX-License-Identifier: ISC */
/*
 * One of each: an operation has one token, and is hardly ever about more than
 * one address.
 */
#include "app/engine/op_memo.h"

#include "app/engine/engine.h"
#include "base/crypto.h"
#include "base/mem.h"
#include "core/address.h"

struct op_memo {
	bool is_opened, is_authentic, is_hashed;
	struct token token;
	char address_key[ADDRESS_MAX + 1];
	uint8_t hash[CRYPTO_HASH_SIZE];
};

static struct op_memo *
need_memo(struct op *op)
{
	if (op->memo == NULL)
		op->memo = MEM_NEW(struct op_memo);
	return op->memo;
}

const struct token *
op_memo_token(struct turn *turn, struct op *op, const char *text)
{
	struct op_memo *m = need_memo(op);

	if (!m->is_opened)
		m->is_authentic = token_open(
		    &turn->engine->secret->tokens, slice_str(text),
		    &m->token) == 0;
	m->is_opened = true;
	return m->is_authentic ? &m->token : NULL;
}

void
op_memo_hash(struct turn *turn, const char *address_key,
    uint8_t ret_key[ROWS_ADDRESS_KEY])
{
	struct op_memo *m = need_memo(turn->op);
	size_t size = strlen(address_key) + 1;

	if (!m->is_hashed || strcmp(m->address_key, address_key) != 0) {
		secret_hash_address(turn->engine->secret, address_key,
		    m->hash);
		m->is_hashed = size <= sizeof(m->address_key);
		if (m->is_hashed)
			memcpy(m->address_key, address_key, size);
	}
	memcpy(ret_key, m->hash, ROWS_ADDRESS_KEY);
}
