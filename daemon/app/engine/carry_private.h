/* SPDX-License-Identifier: ISC */
/*
 * For carry.c and carry_tables.c alone.
 */
#ifndef APP_CARRY_PRIVATE_H
#define APP_CARRY_PRIVATE_H

#include "app/engine/carry.h"
#include "app/engine/store_read.h"

struct carry {
	struct store_read *former;	/* NULL: there is none */
	int step;			/* what is gone through now, */
	uint64_t next;			/* from that id on */
	/* What ended by it; and of whom it couldn't be told. */
	int64_t left, erased, requests, mails, unread;
};

#endif
