/* SPDX-License-Identifier: ISC */
/*
 * One row, framed as all others are; and what it is held against.
 */
#include "app/engine/store_age.h"

#include "app/engine/store_frame.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/crypto.h"
#include "base/mem.h"
#include "io/journal.h"
#include "io/kv.h"

/* Ages begin anywhere: another database's is further away, most likely. */
enum { NEAR = 1 << 30 };

/* Not one of those that turns know. */
static const enum store_table table = (enum store_table)STORE_AGE;

static struct slice
key(void)
{
	return slice_str("age");
}

enum store_found
store_age_get(struct kv_txn *txn, uint64_t *ret_age)
{
	enum store_found found;
	struct slice framed, age;

	if (!kv_get(txn, table, key(), &framed))
		return STORE_MISSING;
	found = store_unframe(table, key(), framed, &age);
	if (found != STORE_FOUND || age.len != sizeof(*ret_age))
		return STORE_DAMAGED;
	*ret_age = bytes_get_be((const uint8_t *)age.p, age.len);
	return STORE_FOUND;
}

void
store_age_put(struct kv_txn *txn, uint64_t age)
{
	struct buf framed = { 0 };
	uint8_t bytes[sizeof(age)];

	bytes_put_be(bytes, sizeof(bytes), age);
	store_frame(table, key(), slice_of(bytes, sizeof(bytes)), &framed);
	kv_put(txn, table, key(), buf_slice(&framed));
	buf_fini(&framed);
}

uint64_t
store_age_new(void)
{
	uint64_t age;

	crypto_random(&age, sizeof(age));
	return age;
}

char *
store_age_journal(const char *folder)
{
	return mem_printf("%s/journal", folder);
}

bool
store_age_is_behind(const char *journal, uint64_t age)
{
	uint64_t newest;

	return journal_newest(journal, &newest) && newest != age &&
	    newest - age < NEAR;
}
