/* SPDX-License-Identifier: ISC */
/*
 * A look at a database, from the inside: what its files share.
 */
#ifndef APP_FSCK_PRIVATE_H
#define APP_FSCK_PRIVATE_H

#include <stdarg.h>

#include "app/engine/fsck.h"
#include "app/engine/fsck_books.h"
#include "app/engine/rows.h"
#include "app/engine/secret_file.h"
#include "app/engine/store_frame.h"
#include "app/engine/store_read.h"
#include "base/arena.h"

struct fsck_target {
	char *folder;		/* or a backup */
	int lock;		/* -1: there is none to take */
	bool has_secret;
	struct secret secret;
};

/* A list, as meta has it and as it was counted. */
struct fsck_list {
	uint32_t id;
	uint64_t confirmed, unsubscribed;
	uint64_t seen_confirmed, seen_unsubscribed;
};

struct fsck {
	const struct fsck_target *target;
	struct store_read *store;
	struct arena *memory;		/* of one row */
	ProtobufCAllocator allocator;
	/* The row that is looked at. */
	enum store_table table;
	struct slice key;

	bool knows_lists, knows_progress;	/* or is there nothing to hold
						 * others against? */
	struct fsck_list *lists;
	size_t list_count;
	Record__Progress progress;
	uint64_t waiting;		/* counted */
	uint64_t next_event;		/* that the ledger has to go on with */
	struct fsck_books *books;
	bool is_second;			/* only what the books are about */

	fsck_callback on_finding;
	void *arg;
	struct fsck_totals totals;
	struct buf *error;		/* not empty: it can't be looked at */
};

/* Tells something of the row that is looked at. */
void fsck_tell(struct fsck *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* A record of another row; NULL: it isn't there, or isn't whole. */
void *fsck_get(struct fsck *, enum store_table, struct rows_key,
    const ProtobufCMessageDescriptor *);
/* The list, or NULL. */
struct fsck_list *fsck_list(struct fsck *, uint32_t id);
/* Writes into the books, for the row that is looked at. */
void fsck_book(struct fsck *, enum fsck_side, struct fsck_entry);
/* The address's key; zero without the secret. */
void fsck_hash_address(const struct fsck *, const char *address_key,
    uint8_t ret_key[ROWS_ADDRESS_KEY]);

/* What there is to look at in a table's rows. */
struct fsck_table {
	size_t key_size;		/* 0: any */
	const ProtobufCMessageDescriptor *type;	/* NULL: by its key */
	void (*look)(struct fsck *, const void *record);
};
extern const struct fsck_table fsck_tables[STORE_TABLES];

/* Before the rows of meta; these; and when all has been seen, whether their
 * numbers agree. */
void fsck_meta_start(struct fsck *);
void fsck_meta_look(struct fsck *, struct slice record);
void fsck_meta_end(struct fsck *);
void fsck_ledger_look(struct fsck *, const void *record);
/* What an entry says of an event: whose it is.  Contact 0: the request's. */
struct fsck_entry fsck_event_of(uint64_t sequence, uint64_t contact,
    uint64_t request);
void fsck_look_at_wish(struct fsck *, const Record__Wish *);
void fsck_look_at_text(struct fsck *, ProtobufCBinaryData hash);

#endif
