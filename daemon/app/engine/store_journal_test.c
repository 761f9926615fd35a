/* SPDX-License-Identifier: ISC */
/*
 * What a crash leaves of the store: each life here ends in the middle of it.
 */
#include "app/engine/store_sync.h"

#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/engine/store_read.h"
#include "base/mem.h"
#include "io/journal.h"
#include "io/kv.h"

enum { MAP_SIZE = 1 << 26, MANY = 2100 };

struct fixture {
	char folder[64];
	struct store *store;
};

static int
set_up(void **state)
{
	struct fixture *f = MEM_NEW(struct fixture);

	snprintf(f->folder, sizeof(f->folder), "/tmp/assent-crash-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	*state = f;
	return 0;
}

static char *
path_of(const struct fixture *f, const char *name)
{
	return mem_printf("%s/%s", f->folder, name);
}

static int
tear_down(void **state)
{
	static const char *const files[] = { "data.mdb", "lock.mdb",
		"journal" };
	struct fixture *f = *state;

	store_close(f->store);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		char *path = path_of(f, files[i]);

		unlink(path);
		free(path);
	}
	rmdir(f->folder);
	free(f);
	return 0;
}

static void
must_work(int error, void *arg)
{
	(void)arg;
	if (error < 0)
		abort();
}

typedef void ender(struct store_turn *, store_callback, void *arg);

/* value NULL: deletes it. */
static void
change(struct store *s, const char *key, const char *value, ender *end)
{
	struct store_turn *turn = store_turn_begin(s);

	if (value != NULL)
		store_turn_put(turn, STORE_TEXT, slice_str(key),
		    slice_str(value));
	else
		store_turn_delete(turn, STORE_TEXT, slice_str(key));
	end(turn, must_work, NULL);
}

/* A process has the store, and is killed. */
static void
live(const struct fixture *f, void (*script)(struct store *))
{
	pid_t pid = fork();
	struct store *s;
	int status;

	if (pid == 0) {
		if (store_open(f->folder, MAP_SIZE, &s) < 0)
			_exit(2);
		script(s);
		raise(SIGKILL);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void
reopen(struct fixture *f, size_t recovered)
{
	store_close(f->store);
	f->store = NULL;
	assert_int_equal(store_open(f->folder, MAP_SIZE, &f->store), 0);
	assert_int_equal(store_journal_error(f->store), 0);
	assert_int_equal(store_recovered(f->store), recovered);
	assert_true(store_is_settled(f->store));
}

/* value NULL: nothing is there. */
static void
expect(struct store *s, const char *key, const char *value)
{
	struct store_turn *turn = store_turn_begin(s);
	struct slice got;

	store_turn_want(turn, STORE_TEXT, slice_str(key));
	store_turn_load(turn, must_work, NULL);
	assert_int_equal(store_turn_get(turn, STORE_TEXT, slice_str(key),
	    &got), value != NULL ? STORE_FOUND : STORE_MISSING);
	if (value != NULL)
		assert_true(slice_eq_str(got, value));
	store_turn_abort(turn);
}

static void
put_some(struct store *s)
{
	change(s, "a", "1", store_turn_commit);
	change(s, "b", "2", store_turn_commit);
	change(s, "a", "3", store_turn_keep);
	change(s, "c", "", store_turn_commit);
	change(s, "b", NULL, store_turn_commit);
	if (store_keeps(s) || store_is_settled(s))
		abort();
	change(s, "c", "not yet", store_turn_keep);
	if (!store_keeps(s))
		abort();
}

static void
test_what_was_committed_is_there(void **state)
{
	struct fixture *f = *state;

	live(f, put_some);
	reopen(f, 5);
	expect(f->store, "a", "3");
	expect(f->store, "b", NULL);
	expect(f->store, "c", "");
	reopen(f, 0);
	expect(f->store, "a", "3");
}

static void
put_many(struct store *s)
{
	char key[16];

	for (int i = 0; i < MANY; i++) {
		snprintf(key, sizeof(key), "%d", i);
		change(s, key, key, store_wants_settling(s) ?
		    store_turn_settle : i % 3 != 0 ? store_turn_commit :
		    store_turn_keep);
	}
	change(s, "last", "1", store_turn_commit);
}

/* So many that LMDB has a part of them. */
static void
test_many(void **state)
{
	struct fixture *f = *state;
	char key[16];

	live(f, put_many);
	store_close(f->store);
	assert_int_equal(store_open(f->folder, MAP_SIZE, &f->store), 0);
	assert_in_range(store_recovered(f->store), 1, MANY);
	for (int i = 0; i < MANY; i++) {
		snprintf(key, sizeof(key), "%d", i);
		expect(f->store, key, key);
	}
	assert_int_equal(store_count(f->store, STORE_TEXT), MANY + 1);
}

static void
put_and_settle(struct store *s)
{
	change(s, "a", "1", store_turn_commit);
	change(s, "b", "2", store_turn_settle);
	if (!store_is_settled(s) || store_keeps(s))
		abort();
}

static void
test_what_is_settled_is_not_taken_in(void **state)
{
	struct fixture *f = *state;

	live(f, put_and_settle);
	reopen(f, 0);
	expect(f->store, "a", "1");
	expect(f->store, "b", "2");
}

/* Puts MANY rows of that many bytes. */
static void
change_many(struct store *s, size_t size, ender *end)
{
	struct store_turn *turn = store_turn_begin(s);
	char *value = mem_new(1, size);
	char key[16];

	memset(value, 'x', size);
	for (int i = 0; i < MANY; i++) {
		snprintf(key, sizeof(key), "%d", i);
		store_turn_put(turn, STORE_TEXT, slice_str(key),
		    slice_of(value, size));
	}
	end(turn, must_work, NULL);
	free(value);
}

/* It is time to settle, but it need not be now. */
static void
put_a_large_turn(struct store *s)
{
	change(s, "a", "1", store_turn_commit);
	if (store_wants_settling(s))
		abort();
	change_many(s, 1, store_turn_commit);
	if (!store_wants_settling(s) || store_is_settled(s) || store_keeps(s))
		abort();
	change(s, "a", "2", store_turn_commit);
}

static void
test_a_large_turn_is_in_it(void **state)
{
	struct fixture *f = *state;

	live(f, put_a_large_turn);
	reopen(f, 3);
	expect(f->store, "a", "2");
	expect(f->store, "999", "x");
	assert_false(store_wants_settling(f->store));
}

/* One for which it has no room comes between two small ones. */
static void
put_too_large_a_turn(struct store *s)
{
	change(s, "a", "1", store_turn_commit);
	change_many(s, 4096, store_turn_commit);
	if (!store_is_settled(s) || store_wants_settling(s))
		abort();
	change(s, "a", "2", store_turn_commit);
}

static void
test_too_large_a_turn_goes_past_it(void **state)
{
	struct fixture *f = *state;

	live(f, put_too_large_a_turn);
	reopen(f, 1);
	expect(f->store, "a", "2");
}

static void
test_the_journal_of_another_database(void **state)
{
	struct fixture *f = *state;
	char *data = path_of(f, "data.mdb"), *lock = path_of(f, "lock.mdb");

	live(f, put_some);
	assert_int_equal(unlink(data), 0);
	assert_int_equal(unlink(lock), 0);
	reopen(f, 0);
	expect(f->store, "a", NULL);
	free(data);
	free(lock);
}

/* Turns see what was kept before them, and so do scans. */
static void
test_what_is_kept_is_seen(void **state)
{
	struct fixture *f = *state;

	reopen(f, 0);
	change(f->store, "a", "1", store_turn_keep);
	expect(f->store, "a", "1");
	assert_int_equal(store_count(f->store, STORE_TEXT), 1);
	change(f->store, "a", NULL, store_turn_keep);
	expect(f->store, "a", NULL);
	change(f->store, "a", "2", store_turn_settle);
	reopen(f, 0);
	expect(f->store, "a", "2");
}

static uint64_t
age_of(const struct fixture *f)
{
	struct store_read *store;
	uint64_t age;

	assert_int_equal(store_read_open(f->folder, &store), 0);
	assert_int_equal(store_read_age(store, &age), STORE_FOUND);
	store_read_close(store);
	return age;
}

static void
test_what_cannot_be_read_is_an_error(void **state)
{
	struct fixture *f = *state;
	char *path = path_of(f, "journal");
	struct journal *journal;

	live(f, put_and_settle);
	assert_int_equal(journal_open(path, &journal), 0);
	assert_int_equal(journal_begin(journal, age_of(f)), 0);
	assert_true(journal_append(journal, slice_str("no change")));
	assert_int_equal(journal_sync(journal), 0);
	journal_close(journal);
	free(path);
	assert_int_equal(store_open(f->folder, MAP_SIZE, &f->store),
	    -EBADMSG);
	f->store = NULL;
}

/* ---- a file that was damaged ---- */

/* Changes a bit of the number that a head of the file gives its commit. */
static void
flip_number(const struct fixture *f, int head, unsigned bit)
{
	enum { AT = 144 };
	char *path = path_of(f, "data.mdb");
	int fd = open(path, O_RDWR | O_CLOEXEC);
	off_t at = head * sysconf(_SC_PAGESIZE) + AT + bit / 8;
	uint8_t byte;

	assert_true(fd >= 0);
	assert_int_equal(pread(fd, &byte, 1, at), 1);
	byte ^= (uint8_t)(1U << bit % 8);
	assert_int_equal(pwrite(fd, &byte, 1, at), 1);
	close(fd);
	free(path);
}

/* Is the last commit lost, and said to be?  If not, it is there. */
static bool
is_behind(struct fixture *f, const char *last)
{
	int error = store_open(f->folder, MAP_SIZE, &f->store);

	if (error == 0) {
		expect(f->store, "a", last);
		store_close(f->store);
	}
	f->store = NULL;
	assert_true(error == 0 || error == STORE_BEHIND);
	return error < 0;
}

/* Whichever head is the last one's, and whatever its number. */
static void
test_a_commit_before_the_last_is_an_error(void **state)
{
	struct fixture *f = *state;

	for (int round = 0; round < 4; round++) {
		char last[] = { (char)('0' + round), '\0' };
		int behind = 0;

		reopen(f, 0);
		change(f->store, "a", last, store_turn_settle);
		store_close(f->store);
		for (unsigned n = 0; n < 2 * 8; n++) {
			flip_number(f, n % 2, n / 2);
			behind += is_behind(f, last);
			flip_number(f, n % 2, n / 2);
		}
		f->store = NULL;
		assert_in_range(behind, 4, 12);
		assert_false(is_behind(f, last));
	}
}

/* By whoever moves the journal away: what else is there is of use. */
static void
test_who_wants_it_gets_it(void **state)
{
	struct fixture *f = *state;
	char *path = path_of(f, "journal");

	live(f, put_and_settle);
	for (unsigned n = 0; !is_behind(f, "1"); n++) {
		if (n > 0)
			flip_number(f, (n - 1) % 2, (n - 1) / 2);
		flip_number(f, n % 2, n / 2);
	}
	assert_int_equal(unlink(path), 0);
	reopen(f, 0);
	expect(f->store, "b", NULL);
	free(path);
}

static void
test_a_damaged_age_is_an_error(void **state)
{
	struct fixture *f = *state;
	const char *const tables[] = { "journal" };
	struct kv_txn *txn;
	struct kv *kv;

	live(f, put_some);
	assert_int_equal(kv_open(f->folder, MAP_SIZE, tables, 1, &kv), 0);
	txn = kv_begin(kv, true);
	kv_put(txn, 0, slice_str("age"), slice_str("no frame"));
	assert_int_equal(kv_commit(txn), 0);
	kv_close(kv);
	assert_int_equal(store_open(f->folder, MAP_SIZE, &f->store),
	    -EBADMSG);
	f->store = NULL;
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_what_was_committed_is_there),
		CASE(test_many),
		CASE(test_what_is_settled_is_not_taken_in),
		CASE(test_a_large_turn_is_in_it),
		CASE(test_too_large_a_turn_goes_past_it),
		CASE(test_the_journal_of_another_database),
		CASE(test_what_is_kept_is_seen),
		CASE(test_what_cannot_be_read_is_an_error),
		CASE(test_a_commit_before_the_last_is_an_error),
		CASE(test_who_wants_it_gets_it),
		CASE(test_a_damaged_age_is_an_error),
	};

	return cmocka_run_group_tests_name("store_journal", tests, NULL, NULL);
}
