/* SPDX-License-Identifier: ISC */
/*
 * The ledger's rows: none is missing, the leaf of each can be told, and those
 * of a chain follow one another.
 */
#include "app/engine/fsck_private.h"

#include <inttypes.h>

#include "base/bytes.h"
#include "core/ledger.h"

struct fsck_entry
fsck_event_of(uint64_t sequence, uint64_t contact, uint64_t request)
{
	return (struct fsck_entry){ FSCK_BOOK_EVENT, sequence,
		{ contact, contact == 0 ? request : 0 } };
}

static void
look_at_sequence(struct fsck *f, uint64_t sequence)
{
	if (sequence != f->next_event)
		fsck_tell(f, "follows a gap: %" PRIu64 " should be next",
		    f->next_event);
	f->next_event = sequence + 1;
}

static void
look_at_leaf(struct fsck *f, const Record__Event *e)
{
	if (!e->erased) {
		if (e->salt.len != LEDGER_SALT_SIZE)
			fsck_tell(f, "has no salt");
		return;
	}
	if (e->leaf_hash.len != CRYPTO_HASH_SIZE)
		fsck_tell(f, "has no leaf hash");
	if (e->salt.len > 0 || e->evidence != NULL)
		fsck_tell(f, "is erased, but not all of it");
}

/* Of a person or a request that is no more; or of nobody that is known. */
static bool
is_of_no_chain(const Record__Event *e)
{
	return e->kind == RECORD__EVENT__KIND__ERASE ||
	    e->kind == RECORD__EVENT__KIND__EXPIRE ||
	    (e->contact == 0 && e->request == 0);
}

/* One that is erased may be named by nothing any more, and names none. */
static void
book_chain(struct fsck *f, uint64_t sequence, const Record__Event *e)
{
	if (e->erased)
		return;
	if (!is_of_no_chain(e))
		fsck_book(f, FSCK_IS, fsck_event_of(sequence, e->contact,
		    e->request));
	if (e->previous != 0)
		fsck_book(f, FSCK_NAMES, fsck_event_of(e->previous,
		    e->contact, e->request));
	if (e->request_event != 0)
		fsck_book(f, FSCK_NAMES, fsck_event_of(e->request_event, 0,
		    e->request));
}

void
fsck_ledger_look(struct fsck *f, const void *record)
{
	const Record__Event *e = record;
	uint64_t sequence = bytes_get_be((const uint8_t *)f->key.p,
	    f->key.len);

	book_chain(f, sequence, e);
	if (f->is_second)
		return;
	look_at_sequence(f, sequence);
	look_at_leaf(f, e);
	if (e->previous >= sequence || e->request_event >= sequence)
		fsck_tell(f, "names an event that came after it");
	for (size_t i = 0; i < e->n_wishes; i++) {
		fsck_look_at_wish(f, e->wishes[i]);
		if (e->kind == RECORD__EVENT__KIND__SUBSCRIBE &&
		    e->wishes[i]->consent.len == 0)
			fsck_tell(f, "tells no consent text");
	}
	fsck_look_at_text(f, e->mail_text);
}
