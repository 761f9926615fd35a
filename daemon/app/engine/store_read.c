/* SPDX-License-Identifier: ISC */
/*
 * One reading transaction, from the opening to the end.
 */
#include "app/engine/store_read.h"

#include <stdlib.h>

#include "app/engine/store_age.h"
#include "app/engine/store_frame.h"
#include "base/mem.h"
#include "io/kv.h"

struct store_read {
	struct kv *kv;
	struct kv_txn *txn;
};

int
store_read_open(const char *path, struct store_read **ret_store)
{
	struct store_read *s = MEM_NEW(struct store_read);
	int error = kv_open_to_read(path, store_table_names,
	    STORE_ALL_TABLES, &s->kv);

	if (error < 0) {
		free(s);
		return error;
	}
	s->txn = kv_begin(s->kv, false);
	*ret_store = s;
	return 0;
}

void
store_read_close(struct store_read *s)
{
	if (s == NULL)
		return;
	kv_abort(s->txn);
	kv_close(s->kv);
	free(s);
}

enum store_found
store_read_get(struct store_read *s, enum store_table table, struct slice key,
    struct slice *ret_value)
{
	struct slice framed;

	if (!kv_get(s->txn, table, key, &framed))
		return STORE_MISSING;
	return store_unframe(table, key, framed, ret_value);
}

bool
store_read_has(struct store_read *s, enum store_table table,
    struct slice key)
{
	struct slice framed;

	return kv_get(s->txn, table, key, &framed);
}

struct scan {
	enum store_table table;
	bool (*on_row)(enum store_found, struct slice key,
	    struct slice value, void *arg);
	void *arg;
};

static bool
on_scanned(struct slice key, struct slice framed, void *arg)
{
	struct scan *scan = arg;
	struct slice record = { NULL, 0 };
	enum store_found found = store_unframe(scan->table, key, framed,
	    &record);

	return scan->on_row(found, key, record, scan->arg);
}

void
store_read_scan(struct store_read *s, enum store_table table,
    struct slice from, bool (*on_row)(enum store_found, struct slice key,
    struct slice value, void *arg), void *arg)
{
	struct scan scan = { table, on_row, arg };

	kv_scan(s->txn, table, from, on_scanned, &scan);
}

enum store_found
store_read_age(struct store_read *s, uint64_t *ret_age)
{
	return store_age_get(s->txn, ret_age);
}

int
store_read_error(const struct store_read *s)
{
	return kv_txn_error(s->txn);
}
