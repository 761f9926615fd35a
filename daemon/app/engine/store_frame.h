/* SPDX-License-Identifier: ISC */
/*
 * How the embedded engine stores a record: a format byte, a CRC over table,
 * key and record, and the record; and what it calls its tables.
 */
#ifndef APP_STORE_FRAME_H
#define APP_STORE_FRAME_H

#include "app/engine/store.h"
#include "base/buf.h"

/* Behind the records' tables one of the engine's own: the journal's age. */
enum { STORE_AGE = STORE_TABLES, STORE_ALL_TABLES };

extern const char *const store_table_names[STORE_ALL_TABLES];

/* STORE_FOUND with the record, borrowed from the frame; or STORE_DAMAGED. */
enum store_found store_unframe(enum store_table, struct slice key,
    struct slice framed, struct slice *ret_record);
/* What is to be stored, in `out`, which it replaces. */
void store_frame(enum store_table, struct slice key, struct slice record,
    struct buf *out);

#endif
