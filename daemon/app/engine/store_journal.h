/* SPDX-License-Identifier: ISC */
/*
 * What a turn changes, as a record of the journal.
 */
#ifndef APP_STORE_JOURNAL_H
#define APP_STORE_JOURNAL_H

#include "app/engine/store_rows.h"
#include "base/buf.h"

/* Adds the rows that were put or deleted. */
void store_journal_pack(const struct store_rows *, struct buf *out);
/* Takes them in again; false: that isn't such a record. */
bool store_journal_unpack(struct slice record, struct store_rows *);

#endif
