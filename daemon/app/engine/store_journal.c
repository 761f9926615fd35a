/* SPDX-License-Identifier: ISC */
/*
 * One change behind the other: table, kind, the lengths of key and value, key,
 * value.
 */
#include "app/engine/store_journal.h"

#include "base/bytes.h"

enum { KIND_PUT = 1, KIND_DELETE };
enum { TABLE_AT, KIND_AT, KEY_LEN_AT, VALUE_LEN_AT, HEAD_SIZE = 7 };

static void
pack(const struct store_row *row, struct buf *out)
{
	bool put = row->state == STORE_ROW_PUT;
	uint8_t head[HEAD_SIZE] = {
		[TABLE_AT] = (uint8_t)row->table,
		[KIND_AT] = put ? KIND_PUT : KIND_DELETE,
		[KEY_LEN_AT] = (uint8_t)row->key.len,
	};

	bytes_put_be(head + VALUE_LEN_AT, 4, put ? row->value.len : 0);
	buf_add(out, head, sizeof(head));
	buf_add_slice(out, row->key);
	if (put)
		buf_add_slice(out, row->value);
}

void
store_journal_pack(const struct store_rows *rows, struct buf *out)
{
	for (const struct store_row *row = rows->first; row != NULL;
	    row = row->next) {
		if (row->state == STORE_ROW_PUT ||
		    row->state == STORE_ROW_DELETED)
			pack(row, out);
	}
}

/* Takes that many bytes from the front. */
static bool
take(struct slice *rest, size_t len, struct slice *ret_taken)
{
	if (rest->len < len)
		return false;
	*ret_taken = slice_sub(*rest, 0, len);
	*rest = slice_sub(*rest, len, rest->len);
	return true;
}

static bool
unpack(struct slice *rest, struct store_rows *rows)
{
	struct slice head, key, value;
	const uint8_t *h;
	struct store_row *row;

	if (!take(rest, HEAD_SIZE, &head))
		return false;
	h = (const uint8_t *)head.p;
	if (h[TABLE_AT] >= STORE_TABLES || h[KEY_LEN_AT] > STORE_KEY_MAX ||
	    (h[KIND_AT] != KIND_PUT && h[KIND_AT] != KIND_DELETE) ||
	    !take(rest, h[KEY_LEN_AT], &key) ||
	    !take(rest, bytes_get_be(h + VALUE_LEN_AT, 4), &value))
		return false;
	row = store_rows_need(rows, (enum store_table)h[TABLE_AT], key);
	row->state = h[KIND_AT] == KIND_PUT ? STORE_ROW_PUT :
	    STORE_ROW_DELETED;
	row->value = arena_copy(rows->arena, value);
	return true;
}

bool
store_journal_unpack(struct slice record, struct store_rows *rows)
{
	while (record.len > 0) {
		if (!unpack(&record, rows))
			return false;
	}
	return true;
}
