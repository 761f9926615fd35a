/* SPDX-License-Identifier: ISC */
/*
 * Puts a form post on disk and answers: question Subscribe.
 */
#ifndef APP_OP_ACCEPT_H
#define APP_OP_ACCEPT_H

#include "app/engine/turn.h"

extern const struct op_class op_accept;

#endif
