/* SPDX-License-Identifier: ISC */
/*
 * The rows of meta, and what they count against what was seen.
 */
#include "app/engine/engine.h"
#include "app/engine/fsck_private.h"

#include <inttypes.h>
#include <stdlib.h>

#include "app/engine/store_age.h"
#include "base/buf.h"
#include "base/mem.h"

static bool
is_missing(struct fsck *f, const char *key)
{
	struct rows_key k = rows_key_meta(key);

	return !store_read_has(f->store, STORE_META, rows_key_slice(&k));
}

/* Written when something has counted up for the first time. */
void
fsck_meta_start(struct fsck *f)
{
	f->knows_progress = is_missing(f, "progress");
	f->progress = (Record__Progress){ .next_request = 1,
		.next_contact = 1, .next_outbox = 1, .next_event = 1,
		.worked = 1 };
}

static void
look_at_schema(struct fsck *f, const void *record)
{
	const Record__Schema *schema = record;
	uint8_t check[CRYPTO_HASH_SIZE];

	if (schema->version != ENGINE_SCHEMA) {
		buf_printf(f->error, "%s: the database has schema %u and this "
		    "version knows %d: use the assentctl of the assentd that "
		    "wrote it", f->target->folder, schema->version,
		    ENGINE_SCHEMA);
		return;
	}
	if (!f->target->has_secret)
		return;
	secret_check(&f->target->secret, check);
	if (schema->secret_check.len != sizeof(check) ||
	    !crypto_equal(schema->secret_check.data, check, sizeof(check)))
		buf_printf(f->error, "%s: the database belongs to another "
		    "secret", f->target->folder);
}

static void
look_at_lists(struct fsck *f, const void *record)
{
	const Record__Lists *lists = record;

	if (f->is_second)
		return;
	f->knows_lists = true;
	f->lists = mem_new(lists->n_lists, sizeof(*f->lists));
	for (size_t i = 0; i < lists->n_lists; i++) {
		const Record__Lists__Entry *entry = lists->lists[i];

		if (entry->id == 0 || fsck_list(f, entry->id) != NULL)
			fsck_tell(f, "gives two lists one number, or none");
		f->lists[f->list_count++] = (struct fsck_list){
			.id = entry->id, .confirmed = entry->confirmed,
			.unsubscribed = entry->unsubscribed };
	}
}

static void
look_at_progress(struct fsck *f, const void *record)
{
	f->knows_progress = true;
	f->progress = *(const Record__Progress *)record;
}

/* What is lost of it is found out anew. */
static void
look_at_nothing(struct fsck *f, const void *record)
{
	(void)f;
	(void)record;
}

static const struct {
	const char *key;
	const ProtobufCMessageDescriptor *type;
	void (*look)(struct fsck *, const void *record);
	bool is_from_the_start;
} rows[] = {
	{ "schema", &record__schema__descriptor, look_at_schema, true },
	{ "lists", &record__lists__descriptor, look_at_lists, true },
	{ "progress", &record__progress__descriptor, look_at_progress,
	    false },
	{ "watch", &record__watch__descriptor, look_at_nothing, false },
	{ "compaction", &fact__compaction__descriptor, look_at_nothing,
	    false },
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

void
fsck_meta_look(struct fsck *f, struct slice record)
{
	void *unpacked;
	size_t i = 0;

	while (i < ROWS && !slice_eq_str(f->key, rows[i].key))
		i++;
	if (i == ROWS) {
		fsck_tell(f, "is no row of meta");
		return;
	}
	unpacked = protobuf_c_message_unpack(rows[i].type, &f->allocator,
	    record.len, (const uint8_t *)record.p);
	if (unpacked == NULL)
		fsck_tell(f, "is no record of its table");
	else
		rows[i].look(f, unpacked);
}

/* ---- at the end ---- */

static void
compare(struct fsck *f, const char *what, uint64_t stored, uint64_t seen)
{
	if (stored != seen)
		fsck_tell(f, "%s: %" PRIu64 " by its count, and %" PRIu64
		    " are there", what, stored, seen);
}

static void
compare_lists(struct fsck *f)
{
	f->key = slice_str("lists");
	for (size_t i = 0; i < f->list_count; i++) {
		const struct fsck_list *l = &f->lists[i];

		compare(f, "confirmed", l->confirmed, l->seen_confirmed);
		compare(f, "unsubscribed", l->unsubscribed,
		    l->seen_unsubscribed);
	}
}

/* The number of the next one must be above all that were given out.  A
 * request's is found anew by a start, which is so a post's row is all that a
 * post has to write. */
static void
compare_progress(struct fsck *f)
{
	f->key = slice_str("progress");
	if (!f->knows_progress)
		return;
	compare(f, "requests that wait", f->progress.waiting, f->waiting);
	compare(f, "events", f->progress.next_event, f->next_event);
}

/* Older than its journal, it is a whole one of yesterday. */
static void
look_at_age(struct fsck *f)
{
	char *journal = store_age_journal(f->target->folder);
	uint64_t age = 0;
	enum store_found found = store_read_age(f->store, &age);

	f->table = (enum store_table)STORE_AGE;
	f->key = slice_str("age");
	if (found == STORE_MISSING)
		fsck_tell(f, "is missing");
	else if (found == STORE_DAMAGED)
		fsck_tell(f, "is damaged: its checksum is wrong");
	else if (store_age_is_behind(journal, age))
		fsck_tell(f, "is behind that of the journal: the last "
		    "commit is missing");
	free(journal);
}

void
fsck_meta_end(struct fsck *f)
{
	/* A start that ended before its first turn leaves just that. */
	if (f->totals.rows == 0)
		return;
	look_at_age(f);
	f->table = STORE_META;
	for (size_t i = 0; i < ROWS; i++) {
		f->key = slice_str(rows[i].key);
		if (rows[i].is_from_the_start && is_missing(f, rows[i].key))
			fsck_tell(f, "is missing");
	}
	compare_lists(f);
	compare_progress(f);
}
