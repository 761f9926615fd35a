/* SPDX-License-Identifier: ISC */
/*
 * A hash table that keeps the order of arrival, in one arena.
 */
#include "app/engine/store_rows.h"

#include <stdlib.h>

#include "base/mem.h"

enum { BUCKETS_FIRST = 64 };

void
store_rows_init(struct store_rows *rows)
{
	*rows = (struct store_rows){ .arena = arena_new(),
		.bucket_count = BUCKETS_FIRST };
	rows->tail = &rows->first;
	rows->bucket = mem_new(BUCKETS_FIRST, sizeof(*rows->bucket));
}

void
store_rows_fini(struct store_rows *rows)
{
	arena_free(rows->arena);
	free(rows->bucket);
}

/* FNV-1a: the keys are ours, nobody can choose them to collide. */
static size_t
hash_of(enum store_table table, struct slice key)
{
	uint64_t h = UINT64_C(14695981039346656037) ^ (uint64_t)table;

	for (size_t i = 0; i < key.len; i++)
		h = (h ^ (unsigned char)key.p[i]) * UINT64_C(1099511628211);
	return (size_t)(h ^ h >> 32);
}

static struct store_row **
bucket_of(const struct store_rows *rows, enum store_table table,
    struct slice key)
{
	return &rows->bucket[hash_of(table, key) & (rows->bucket_count - 1)];
}

struct store_row *
store_rows_find(const struct store_rows *rows, enum store_table table,
    struct slice key)
{
	struct store_row *row = *bucket_of(rows, table, key);

	while (row != NULL &&
	    !(row->table == table && slice_eq(row->key, key)))
		row = row->chain;
	return row;
}

static void
grow(struct store_rows *rows)
{
	free(rows->bucket);
	rows->bucket_count *= 4;
	rows->bucket = mem_new(rows->bucket_count, sizeof(*rows->bucket));
	for (struct store_row *r = rows->first; r != NULL; r = r->next) {
		struct store_row **b = bucket_of(rows, r->table, r->key);

		r->chain = *b;
		*b = r;
	}
}

struct store_row *
store_rows_need(struct store_rows *rows, enum store_table table,
    struct slice key)
{
	struct store_row *row = store_rows_find(rows, table, key);
	struct store_row **b;

	if (row != NULL)
		return row;
	if (rows->count >= rows->bucket_count)
		grow(rows);
	row = arena_alloc(rows->arena, sizeof(*row));
	row->table = table;
	row->state = STORE_ROW_WANTED;
	row->key = arena_copy(rows->arena, key);
	b = bucket_of(rows, table, key);
	row->chain = *b;
	*b = row;
	*rows->tail = row;
	rows->tail = &row->next;
	rows->count++;
	return row;
}
