/* SPDX-License-Identifier: ISC */
/*
 * The store's promises, on the embedded engine: what a turn sees, what a
 * commit leaves, what damage looks like.
 */
#include "app/engine/store_sync.h"

#include <sys/stat.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "io/kv.h"

struct fixture {
	char folder[64];
	struct store *store;
};

static int
setup(void **state)
{
	struct fixture *f = MEM_NEW(struct fixture);

	snprintf(f->folder, sizeof(f->folder), "/tmp/assent-store-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	assert_int_equal(store_open(f->folder, 1 << 24, &f->store), 0);
	*state = f;
	return 0;
}

static void
close_and_remove(struct fixture *f)
{
	static const char *const files[] = { "data.mdb", "lock.mdb",
		"journal" };

	store_close(f->store);
	for (size_t i = 0; i < 3; i++) {
		char *path = mem_printf("%s/%s", f->folder, files[i]);

		unlink(path);
		free(path);
	}
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	close_and_remove(f);
	assert_int_equal(rmdir(f->folder), 0);
	free(f);
	return 0;
}

static void
keep_error(int error, void *arg)
{
	*(int *)arg = error;
}

static void
load(struct store_turn *turn)
{
	int error = 1;

	store_turn_load(turn, keep_error, &error);
	assert_int_equal(error, 0);
}

static int
commit(struct store_turn *turn)
{
	int error = 1;

	store_turn_commit(turn, keep_error, &error);
	return error;
}

static void
settle(struct store *s)
{
	int error = 1;

	store_turn_settle(store_turn_begin(s), keep_error, &error);
	assert_int_equal(error, 0);
	assert_true(store_is_settled(s));
}

static struct slice
str(const char *s)
{
	return slice_str(s);
}

static void
put(struct store *s, const char *key, const char *value)
{
	struct store_turn *turn = store_turn_begin(s);

	store_turn_put(turn, STORE_META, str(key), str(value));
	assert_int_equal(commit(turn), 0);
}

static void
expect(struct store *s, const char *key, enum store_found want,
    const char *value)
{
	struct store_turn *turn = store_turn_begin(s);
	struct slice got;
	enum store_found found;

	store_turn_want(turn, STORE_META, str(key));
	load(turn);
	found = store_turn_get(turn, STORE_META, str(key), &got);
	assert_int_equal(found, want);
	if (want == STORE_FOUND)
		assert_true(slice_eq_str(got, value));
	store_turn_abort(turn);
}

static void
test_a_commit_is_there(void **state)
{
	struct fixture *f = *state;

	put(f->store, "a", "1");
	expect(f->store, "a", STORE_FOUND, "1");
	store_close(f->store);
	assert_int_equal(store_open(f->folder, 1 << 24, &f->store), 0);
	expect(f->store, "a", STORE_FOUND, "1");
	expect(f->store, "b", STORE_MISSING, NULL);
}

static void
test_a_turn_sees_its_own_changes(void **state)
{
	struct fixture *f = *state;
	struct store_turn *turn;
	struct slice got;

	put(f->store, "a", "1");
	turn = store_turn_begin(f->store);
	assert_int_equal(store_turn_get(turn, STORE_META, str("a"), &got),
	    STORE_NOT_LOADED);
	store_turn_want(turn, STORE_META, str("a"));
	assert_true(store_turn_wants(turn));
	assert_int_equal(store_turn_get(turn, STORE_META, str("a"), &got),
	    STORE_NOT_LOADED);
	load(turn);
	assert_false(store_turn_wants(turn));
	store_turn_put(turn, STORE_META, str("a"), str("2"));
	store_turn_put(turn, STORE_META, str("new"), str("3"));
	assert_int_equal(store_turn_get(turn, STORE_META, str("a"), &got),
	    STORE_FOUND);
	assert_true(slice_eq_str(got, "2"));
	store_turn_delete(turn, STORE_META, str("a"));
	assert_int_equal(store_turn_get(turn, STORE_META, str("a"), &got),
	    STORE_MISSING);
	/* Nothing of it is there before the commit. */
	store_turn_abort(turn);
	expect(f->store, "a", STORE_FOUND, "1");
	expect(f->store, "new", STORE_MISSING, NULL);
}

static void
test_many_rows_in_one_turn(void **state)
{
	struct fixture *f = *state;
	struct store_turn *turn = store_turn_begin(f->store);
	char key[16];

	for (int i = 0; i < 3000; i++) {
		snprintf(key, sizeof(key), "key%06d", i);
		store_turn_put(turn, STORE_LEDGER, str(key), str(key));
	}
	assert_int_equal(commit(turn), 0);
	assert_int_equal(store_count(f->store, STORE_LEDGER), 3000);
}

struct seen {
	size_t count, stop_at, damaged;
	char first[16];
};

static bool
on_row(enum store_found found, struct slice key, struct slice value,
    void *arg)
{
	struct seen *seen = arg;

	if (seen->count++ == 0)
		snprintf(seen->first, sizeof(seen->first), "%.*s",
		    SLICE_FMT(key));
	if (found == STORE_DAMAGED) {
		seen->damaged++;
		assert_int_equal(value.len, 0);
	}
	return seen->count != seen->stop_at;
}

static void
test_scan_from_limit_and_stop(void **state)
{
	struct fixture *f = *state;
	struct seen seen = { 0 };
	int error = 1;

	put(f->store, "a", "1");
	put(f->store, "b", "2");
	put(f->store, "c", "3");
	store_scan(f->store, &(struct store_scan){ .table = STORE_META,
	    .from = str("aa"), .limit = 10, .on_row = on_row,
	    .arg = &seen });
	assert_int_equal(seen.count, 2);
	assert_string_equal(seen.first, "b");
	seen = (struct seen){ 0 };
	store_scan(f->store, &(struct store_scan){ .table = STORE_META,
	    .limit = 2, .on_row = on_row, .arg = &seen });
	assert_int_equal(seen.count, 2);
	seen = (struct seen){ .stop_at = 1 };
	store_scan(f->store, &(struct store_scan){ .table = STORE_META,
	    .limit = 10, .on_row = on_row, .arg = &seen });
	assert_int_equal(seen.count, 1);
	store_scan(f->store, &(struct store_scan){ .table = STORE_OUTBOX,
	    .limit = 10, .on_row = on_row, .on_done = keep_error,
	    .arg = &error });
	assert_int_equal(error, 0);
}

/* Changes a stored value behind the store's back, each bit of it once. */
static void
test_every_flipped_bit_is_found(void **state)
{
	static const char *const tables[] = { "meta" };
	struct fixture *f = *state;
	struct kv *kv;

	put(f->store, "a", "some record");
	settle(f->store);
	for (size_t bit = 0; bit < 8 * (5 + 11); bit++) {
		struct kv_txn *txn;
		struct slice value;
		char copy[16];
		struct seen seen = { 0 };

		store_close(f->store);
		assert_int_equal(kv_open(f->folder, 1 << 24, tables, 1, &kv),
		    0);
		txn = kv_begin(kv, true);
		assert_true(kv_get(txn, 0, str("a"), &value));
		assert_int_equal(value.len, sizeof(copy));
		memcpy(copy, value.p, sizeof(copy));
		copy[bit / 8] = (char)(copy[bit / 8] ^ (1 << bit % 8));
		kv_put(txn, 0, str("a"), slice_of(copy, sizeof(copy)));
		assert_int_equal(kv_commit(txn), 0);
		kv_close(kv);
		assert_int_equal(store_open(f->folder, 1 << 24, &f->store),
		    0);
		expect(f->store, "a", STORE_DAMAGED, NULL);
		store_scan(f->store, &(struct store_scan){
		    .table = STORE_META, .limit = 10, .on_row = on_row,
		    .arg = &seen });
		assert_int_equal(seen.damaged, 1);
		put(f->store, "a", "some record");
		settle(f->store);
	}
}

static void
test_a_full_map_is_an_error_and_nothing_else(void **state)
{
	struct fixture *f = *state;
	struct store_turn *turn = store_turn_begin(f->store);
	char *big = mem_new(1, 1 << 20);
	char key[16];
	int error;

	put(f->store, "a", "1");
	for (int i = 0; i < 32; i++) {
		snprintf(key, sizeof(key), "big%d", i);
		store_turn_put(turn, STORE_TEXT, str(key),
		    slice_of(big, 1 << 20));
	}
	error = commit(turn);
	free(big);
	assert_true(error < 0);
	assert_non_null(store_strerror(error));
	assert_int_equal(store_count(f->store, STORE_TEXT), 0);
	put(f->store, "a", "2");
	expect(f->store, "a", STORE_FOUND, "2");
}

/* Twice as much as there is room for, in all; it is gone each time. */
static void
test_what_was_freed_is_not_in_use(void **state)
{
	enum { ROUNDS = 8, ROWS = 1000, SIZE = 3000 };
	struct fixture *f = *state;
	char *big = mem_new(1, SIZE);
	char key[16];

	for (int round = 0; round < ROUNDS; round++) {
		for (int put = 1; put >= 0; put--) {
			struct store_turn *turn = store_turn_begin(f->store);

			for (int i = 0; i < ROWS; i++) {
				snprintf(key, sizeof(key), "big%d", i);
				if (put)
					store_turn_put(turn, STORE_TEXT,
					    str(key), slice_of(big, SIZE));
				else
					store_turn_delete(turn, STORE_TEXT,
					    str(key));
			}
			assert_int_equal(commit(turn), 0);
			settle(f->store);
			assert_int_equal(store_is_above(f->store, 10), put);
		}
	}
	free(big);
}

/* The disk keeps a tenth of the bound, ahead of what is stored. */
static void
test_the_disk_keeps_a_reserve(void **state)
{
	enum { WHOLE = (1 << 24) / 10 };
	struct fixture *f = *state;
	char *path = mem_printf("%s/data.mdb", f->folder);
	char *big = mem_new(1, WHOLE);
	struct store_turn *turn = store_turn_begin(f->store);
	struct stat before, after;

	assert_int_equal(stat(path, &before), 0);
	assert_true(before.st_size < WHOLE);
	assert_true(before.st_blocks * 512 >= before.st_size + WHOLE);
	store_turn_put(turn, STORE_TEXT, str("big"), slice_of(big, WHOLE));
	assert_int_equal(commit(turn), 0);
	settle(f->store);
	assert_true(store_reserve(f->store) >= WHOLE);
	assert_int_equal(stat(path, &after), 0);
	assert_true(after.st_blocks * 512 >= after.st_size + WHOLE);
	assert_true(after.st_size >= before.st_size + WHOLE);
	assert_false(store_is_above(f->store, 90));
	free(big);
	free(path);
}

/* What a start left that ended before there was a whole one. */
static void
leave_half(const struct fixture *f)
{
	char *aside = mem_printf("%s/new", f->folder);
	char *path = mem_printf("%s/data.mdb", aside);
	FILE *file;

	assert_int_equal(mkdir(aside, 0700), 0);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fputs("half of a head", file) < 0, 0);
	assert_int_equal(fclose(file), 0);
	free(path);
	free(aside);
}

static void
test_half_a_new_one_is_none(void **state)
{
	struct fixture *f = *state;

	close_and_remove(f);
	leave_half(f);
	assert_int_equal(store_open(f->folder, 1 << 24, &f->store), 0);
	assert_int_equal(store_count(f->store, STORE_META), 0);
}

static void
test_what_cannot_be_opened(void **state)
{
	struct store *store;

	(void)state;
	assert_int_equal(store_open("/proc/none/folder", 1 << 24, &store),
	    -2);
	assert_string_equal(store_strerror(-2), "No such file or directory");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_a_commit_is_there,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_a_turn_sees_its_own_changes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_many_rows_in_one_turn,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_scan_from_limit_and_stop, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_every_flipped_bit_is_found, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_a_full_map_is_an_error_and_nothing_else, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    test_what_was_freed_is_not_in_use, setup, teardown),
		cmocka_unit_test_setup_teardown(test_the_disk_keeps_a_reserve,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(test_half_a_new_one_is_none,
		    setup, teardown),
		cmocka_unit_test(test_what_cannot_be_opened),
	};

	return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
