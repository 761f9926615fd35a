/* SPDX-License-Identifier: ISC */
/*
 * Records what the mailer says of a mail: question MailResult.
 */
#ifndef APP_OP_RESULT_H
#define APP_OP_RESULT_H

#include "app/engine/turn.h"

extern const struct op_class op_result;

#endif
