/* SPDX-License-Identifier: ISC */
/*
 * What an operation keeps from round to round, as no row changes it and it
 * costs more than most of what is done with it: the token that its question
 * came with, opened; and the key of the address that it is about.
 */
#ifndef APP_OP_MEMO_H
#define APP_OP_MEMO_H

#include "app/engine/rows.h"
#include "core/token.h"

/* Opens it, the first time; borrowed from the operation.  NULL: it isn't
 * authentic. */
const struct token *op_memo_token(struct turn *, struct op *,
    const char *text);
/* The keyed hash of an address key, for the operation that the turn is at. */
void op_memo_hash(struct turn *, const char *address_key,
    uint8_t ret_key[ROWS_ADDRESS_KEY]);

#endif
