/* SPDX-License-Identifier: ISC */
/*
 * Does what a request on disk asks for, in a turn after it was answered: has
 * the right mail sent, or none.
 */
#ifndef APP_OP_WORK_H
#define APP_OP_WORK_H

#include "app/engine/turn.h"

extern const struct op_class op_work;	/* id: the request's */

#endif
