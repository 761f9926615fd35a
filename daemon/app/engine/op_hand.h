/* SPDX-License-Identifier: ISC */
/*
 * A mail's way out: `op_hand` looks once more whether anybody still waits for
 * it and hands it to the mailer; `op_result` records what became of it.
 */
#ifndef APP_OP_HAND_H
#define APP_OP_HAND_H

#include "app/engine/turn.h"

extern const struct op_class op_hand;	/* id: sequence; due */
extern const struct op_class op_result;	/* question: MailResult */

#endif
