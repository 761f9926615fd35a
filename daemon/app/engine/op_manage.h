/* SPDX-License-Identifier: ISC */
/*
 * Somebody came with the link to their own data: question Manage.
 */
#ifndef APP_OP_MANAGE_H
#define APP_OP_MANAGE_H

#include "app/engine/turn.h"

extern const struct op_class op_manage;

#endif
