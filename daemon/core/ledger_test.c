/* SPDX-License-Identifier: ISC */
/*
 * Leaves: fixed for one event, different for any other, untouched by erasure.
 */
#include "core/ledger.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static uint8_t salt[LEDGER_SALT_SIZE] = { 1, 2, 3 };
static char ip[] = "192.0.2.1";

static Fact__Evidence
evidence(void)
{
	Fact__Evidence e;

	fact__evidence__init(&e);
	e.ip = ip;
	return e;
}

static Record__Event
event(Fact__Evidence *e)
{
	Record__Event ev;

	record__event__init(&ev);
	ev.kind = RECORD__EVENT__KIND__CONFIRM;
	ev.time = 1700000000000000;
	ev.evidence = e;
	ev.contact = 7;
	ev.previous = 3;
	ev.salt = (ProtobufCBinaryData){ sizeof(salt), salt };
	return ev;
}

static void
test_leaf_depends_on_everything(void **state)
{
	Fact__Evidence e = evidence();
	Record__Event ev = event(&e);
	uint8_t first[CRYPTO_HASH_SIZE], again[CRYPTO_HASH_SIZE];
	char other_ip[] = "192.0.2.2";

	(void)state;
	ledger_leaf_hash(5, &ev, first);
	ledger_leaf_hash(5, &ev, again);
	assert_memory_equal(first, again, sizeof(first));
	ledger_leaf_hash(6, &ev, again);
	assert_memory_not_equal(first, again, sizeof(first));
	ev.time++;
	ledger_leaf_hash(5, &ev, again);
	assert_memory_not_equal(first, again, sizeof(first));
	ev = event(&e);
	e.ip = other_ip;
	ledger_leaf_hash(5, &ev, again);
	assert_memory_not_equal(first, again, sizeof(first));
	e = evidence();
	salt[0]++;
	ledger_leaf_hash(5, &ev, again);
	salt[0]--;
	assert_memory_not_equal(first, again, sizeof(first));
}

static void
test_erasing_keeps_the_leaf_only(void **state)
{
	Fact__Evidence e = evidence();
	Record__Event ev = event(&e), kept;
	uint8_t leaf[CRYPTO_HASH_SIZE], of_kept[CRYPTO_HASH_SIZE];
	uint8_t packed[256];
	size_t len;

	(void)state;
	ledger_leaf_hash(5, &ev, leaf);
	kept = ledger_erased(5, &ev, of_kept);
	assert_true(kept.erased);
	assert_int_equal(kept.leaf_hash.len, sizeof(leaf));
	assert_memory_equal(kept.leaf_hash.data, leaf, sizeof(leaf));
	assert_int_equal(kept.previous, 3);
	assert_null(kept.evidence);
	assert_int_equal(kept.salt.len, 0);
	len = record__event__get_packed_size(&kept);
	assert_true(len <= sizeof(packed));
	record__event__pack(&kept, packed);
	assert_null(memmem(packed, len, ip, strlen(ip)));
}

static void
test_a_glance_tells_what_counts(void **state)
{
	Fact__Evidence e = evidence();
	Record__Event ev = event(&e), seen;
	uint8_t packed[256];
	struct slice row;

	(void)state;
	ev.budget_key = UINT64_C(0x8070605040302010);
	row = slice_of(packed, record__event__get_packed_size(&ev));
	assert_true(row.len <= sizeof(packed));
	record__event__pack(&ev, packed);
	assert_true(ledger_glance(row, &seen));
	assert_int_equal(seen.kind, ev.kind);
	assert_int_equal(seen.time, ev.time);
	assert_true(seen.budget_key == ev.budget_key);
	assert_null(seen.evidence);
	/* Of what stands behind that, the first field is read, and no more. */
	assert_true(ledger_glance(slice_sub(row, 0, row.len - 1), &seen));
	for (size_t cut = 1; cut < 4; cut++)
		assert_false(ledger_glance(slice_sub(row, 0, cut), &seen) &&
		    seen.time == ev.time);
	assert_true(ledger_glance(slice_of(NULL, 0), &seen));
	assert_int_equal(seen.time, 0);
}

static void
test_every_kind_has_a_name(void **state)
{
	const ProtobufCEnumDescriptor *kinds =
	    &record__event__kind__descriptor;

	(void)state;
	for (unsigned i = 0; i < kinds->n_values; i++)
		assert_string_not_equal("unknown", ledger_event_name(
		    (Record__Event__Kind)kinds->values[i].value));
	assert_string_equal("unknown",
	    ledger_event_name((Record__Event__Kind)99));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_leaf_depends_on_everything),
		cmocka_unit_test(test_erasing_keeps_the_leaf_only),
		cmocka_unit_test(test_a_glance_tells_what_counts),
		cmocka_unit_test(test_every_kind_has_a_name),
	};

	return cmocka_run_group_tests_name("ledger", tests, NULL, NULL);
}
