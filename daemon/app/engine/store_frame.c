/* SPDX-License-Identifier: ISC */
/*
 * Frames: the only place that knows how a row's CRC is made.
 */
#include "app/engine/store_frame.h"

#include "base/bytes.h"
#include "base/crc.h"

enum { FRAME_FORMAT = 1, FRAME_SIZE = 5 };

const char *const store_table_names[] = {
	[STORE_META] = "meta",
	[STORE_REQUEST] = "request",
	[STORE_CONTACT] = "contact",
	[STORE_ADDRESS] = "address",
	[STORE_COOKIE] = "cookie",
	[STORE_DUE] = "due",
	[STORE_OUTBOX] = "outbox",
	[STORE_LEDGER] = "ledger",
	[STORE_TEXT] = "text",
	[STORE_SUPPRESSION] = "suppression",
	[STORE_PROOF] = "proof",
	[STORE_AGE] = "journal",
};
_Static_assert(sizeof(store_table_names) / sizeof(store_table_names[0]) ==
    STORE_ALL_TABLES, "each table has a name");

static uint32_t
frame_crc(enum store_table table, struct slice key, struct slice record)
{
	const uint8_t number = (uint8_t)table;

	return crc_add(crc_add(crc_of(slice_of(&number, 1)), key), record);
}

enum store_found
store_unframe(enum store_table table, struct slice key, struct slice framed,
    struct slice *ret_record)
{
	struct slice record = slice_sub(framed, FRAME_SIZE, framed.len);

	if (framed.len < FRAME_SIZE || framed.p[0] != FRAME_FORMAT ||
	    bytes_get_be((const uint8_t *)framed.p + 1, 4) !=
	    frame_crc(table, key, record))
		return STORE_DAMAGED;
	*ret_record = record;
	return STORE_FOUND;
}

void
store_frame(enum store_table table, struct slice key, struct slice record,
    struct buf *out)
{
	uint8_t head[FRAME_SIZE] = { FRAME_FORMAT };

	bytes_put_be(head + 1, 4, frame_crc(table, key, record));
	buf_reset(out);
	buf_add(out, head, sizeof(head));
	buf_add_slice(out, record);
}
