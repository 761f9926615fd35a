/* SPDX-License-Identifier: ISC */
/*
 * Hands one outbox row's mail to the mailer.
 */
#ifndef APP_OP_HAND_H
#define APP_OP_HAND_H

#include "app/engine/turn.h"

extern const struct op_class op_hand;	/* id: sequence; due */

#endif
