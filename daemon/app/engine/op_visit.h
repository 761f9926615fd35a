/* SPDX-License-Identifier: ISC */
/*
 * Somebody came with a token, to look or to act: question Visit.
 */
#ifndef APP_OP_VISIT_H
#define APP_OP_VISIT_H

#include "app/engine/turn.h"

extern const struct op_class op_visit;

#endif
