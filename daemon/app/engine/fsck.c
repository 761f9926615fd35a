/* SPDX-License-Identifier: ISC */
/*
 * The walk: each table once, row after row; and once more if what rows say of
 * each other doesn't agree.
 */
#include "app/engine/fsck_private.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/mem.h"
#include "io/kv_pages.h"

void
fsck_tell(struct fsck *f, const char *fmt, ...)
{
	struct buf what = { 0 };
	va_list ap;

	if (f->is_second)
		return;
	va_start(ap, fmt);
	buf_vprintf(&what, fmt, ap);
	va_end(ap);
	f->totals.findings++;
	f->on_finding(store_table_names[f->table], f->key, buf_str(&what),
	    f->arg);
	buf_fini(&what);
}

void *
fsck_get(struct fsck *f, enum store_table table, struct rows_key key,
    const ProtobufCMessageDescriptor *type)
{
	struct slice record;

	if (store_read_get(f->store, table, rows_key_slice(&key), &record) !=
	    STORE_FOUND)
		return NULL;
	return protobuf_c_message_unpack(type, &f->allocator, record.len,
	    (const uint8_t *)record.p);
}

struct fsck_list *
fsck_list(struct fsck *f, uint32_t id)
{
	for (size_t i = 0; i < f->list_count; i++) {
		if (f->lists[i].id == id)
			return &f->lists[i];
	}
	return NULL;
}

void
fsck_hash_address(const struct fsck *f, const char *address_key,
    uint8_t ret_key[ROWS_ADDRESS_KEY])
{
	uint8_t hash[32] = { 0 };

	if (f->target->has_secret)
		secret_hash_address(&f->target->secret, address_key, hash);
	memcpy(ret_key, hash, ROWS_ADDRESS_KEY);
}

void
fsck_book(struct fsck *f, enum fsck_side side, struct fsck_entry entry)
{
	if (f->is_second)
		fsck_books_trace(f->books, side, entry, f->table, f->key);
	else
		fsck_books_add(f->books, side, entry);
}

static void
look(struct fsck *f, struct slice record)
{
	const struct fsck_table *table = &fsck_tables[f->table];
	void *unpacked;

	if (table->type == NULL) {
		fsck_meta_look(f, record);
		return;
	}
	unpacked = protobuf_c_message_unpack(table->type, &f->allocator,
	    record.len, (const uint8_t *)record.p);
	if (unpacked == NULL)
		fsck_tell(f, "is no record of its table");
	else
		table->look(f, unpacked);
}

static bool
on_row(enum store_found found, struct slice key, struct slice record,
    void *arg)
{
	struct fsck *f = arg;
	size_t size = fsck_tables[f->table].key_size;

	f->key = key;
	f->totals.rows += !f->is_second;
	if (size != 0 && key.len != size)
		fsck_tell(f, "has a key of %zu bytes instead of %zu",
		    key.len, size);
	else if (found != STORE_FOUND)
		fsck_tell(f, "is damaged: its checksum is wrong");
	else
		look(f, record);
	arena_reset(f->memory);
	return f->error->len == 0;
}

static void
walk(struct fsck *f)
{
	/* Written when something has counted up. */
	f->progress = (Record__Progress){ .next_request = 1,
		.next_contact = 1, .next_outbox = 1, .next_event = 1,
		.worked = 1 };
	f->next_event = 1;
	for (int i = 0; i < STORE_TABLES && f->error->len == 0; i++) {
		f->table = (enum store_table)i;
		store_read_scan(f->store, f->table, slice_of(NULL, 0), on_row,
		    f);
	}
	f->key = slice_of(NULL, 0);
}

static void
on_odd(unsigned table, struct slice key, const char *what, void *arg)
{
	struct fsck *f = arg;

	f->totals.findings++;
	f->on_finding(store_table_names[table], key, what, f->arg);
}

static void
walk_again(struct fsck *f)
{
	f->is_second = true;
	walk(f);
	fsck_books_each_odd(f->books, on_odd, f);
}

static void
on_page(uint64_t page, const char *what, void *arg)
{
	struct fsck *f = arg;
	struct rows_key key = rows_key_u64(page);

	f->totals.findings++;
	f->on_finding("page", rows_key_slice(&key), what, f->arg);
}

/* Rows are only looked for where that can't harm whoever looks. */
static int
look_at_pages(struct fsck *f)
{
	int64_t found = kv_pages_check(f->target->folder, on_page, f);

	if (found > 0)
		return 0;
	return found < 0 ? (int)found : store_read_open(f->target->folder,
	    &f->store);
}

static void
look_at_rows(struct fsck *f)
{
	if (f->store == NULL)
		return;
	f->memory = arena_new();
	f->allocator = rows_allocator(f->memory);
	f->books = fsck_books_new();
	walk(f);
	if (f->error->len > 0)
		return;
	fsck_meta_end(f);
	if (!fsck_books_agree(f->books))
		walk_again(f);
}

int
fsck_run(const struct fsck_target *target, fsck_callback on_finding,
    void *arg, struct fsck_totals *ret_totals, struct buf *error)
{
	struct fsck f = { .target = target, .on_finding = on_finding,
		.arg = arg, .error = error };
	int failed = look_at_pages(&f);

	look_at_rows(&f);
	if (failed == 0 && f.store != NULL)
		failed = store_read_error(f.store);
	if (failed < 0)
		buf_printf(error, "%s: cannot read the database: %s",
		    target->folder, store_strerror(failed));
	*ret_totals = f.totals;
	free(f.lists);
	fsck_books_free(f.books);
	arena_free(f.memory);
	store_read_close(f.store);
	return error->len > 0 ? -1 : 0;
}
