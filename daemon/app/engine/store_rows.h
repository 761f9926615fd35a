/* SPDX-License-Identifier: ISC */
/*
 * The rows of one turn, in memory, by table and key: what any store engine
 * needs between load and commit.
 */
#ifndef APP_STORE_ROWS_H
#define APP_STORE_ROWS_H

#include "app/engine/store.h"
#include "base/arena.h"

enum store_row_state { STORE_ROW_WANTED, STORE_ROW_LOADED, STORE_ROW_ABSENT,
	STORE_ROW_DAMAGED, STORE_ROW_PUT, STORE_ROW_DELETED };

struct store_row {
	struct store_row *next;		/* in the order they came */
	struct store_row *chain;	/* same bucket */
	enum store_table table;
	enum store_row_state state;
	struct slice key, value;	/* in the arena */
};

struct store_rows {
	struct arena *arena;
	struct store_row *first, **tail;
	struct store_row **bucket;
	size_t bucket_count, count;
};

void store_rows_init(struct store_rows *);
void store_rows_fini(struct store_rows *);
/* NULL when it isn't there. */
struct store_row *store_rows_find(const struct store_rows *,
    enum store_table, struct slice key);
/* Makes it, STORE_ROW_WANTED, when it isn't there. */
struct store_row *store_rows_need(struct store_rows *, enum store_table,
    struct slice key);

#endif
