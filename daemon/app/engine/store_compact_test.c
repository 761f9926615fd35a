/* SPDX-License-Identifier: ISC */
/*
 * Compaction: what turns do meanwhile is there afterwards, what was deleted
 * before is nowhere, and whenever it breaks off all is there.
 *
 * Operations are numbered, and what each does to which key follows from its
 * number: so one number, kept where a crash doesn't reach it, says what has to
 * be there.  A crash is an exit before one of the calls that change files
 * (link with --wrap).
 */
#include "app/engine/store_compact.h"

#include <sys/mman.h>
#include <sys/statvfs.h>
#include <sys/wait.h>

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/engine/store_read.h"
#include "app/engine/store_sync.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/num.h"
#include "io/journal.h"
#include "io/kv.h"

enum { MAP_SIZE = 16 << 20, KEYS = 300, BEFORE = 1000, MEANWHILE = 700,
	EACH_TURN = 50 };

/* What a process that crashes leaves to the test. */
struct left {
	int calls, crash_at;	/* 0: never */
	int done;		/* operations that were acknowledged */
};

struct fixture {
	char folder[64];
	struct store *store;
	struct left *left;
};

static struct left *the_left;

/* Blocks that the disk has; 0: as it is. */
static fsblkcnt_t blocks_free;

int __real_statvfs(const char *path, struct statvfs *disk);
int __wrap_statvfs(const char *path, struct statvfs *disk);
int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __real_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to);
int __real_unlink(const char *path);
int __wrap_unlink(const char *path);
int __real_fsync(int fd);
int __wrap_fsync(int fd);

static void
maybe_crash(void)
{
	if (the_left != NULL && ++the_left->calls == the_left->crash_at)
		raise(SIGKILL);
}

int
__wrap_statvfs(const char *path, struct statvfs *disk)
{
	int ret = __real_statvfs(path, disk);

	if (blocks_free > 0)
		disk->f_bavail = blocks_free;
	return ret;
}

int
__wrap_open(const char *path, int flags, ...)
{
	maybe_crash();
	return __real_open(path, flags, 0600);
}

int
__wrap_rename(const char *from, const char *to)
{
	maybe_crash();
	return __real_rename(from, to);
}

int
__wrap_unlink(const char *path)
{
	maybe_crash();
	return __real_unlink(path);
}

int
__wrap_fsync(int fd)
{
	maybe_crash();
	return __real_fsync(fd);
}

static int
setup(void **state)
{
	struct fixture *f = MEM_NEW(struct fixture);

	snprintf(f->folder, sizeof(f->folder), "/tmp/assent-store-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	f->left = mmap(NULL, sizeof(*f->left), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(f->left != MAP_FAILED);
	assert_int_equal(store_open(f->folder, MAP_SIZE, &f->store), 0);
	*state = f;
	return 0;
}

static char *
path_of(const struct fixture *f, const char *name)
{
	return mem_printf("%s/%s", f->folder, name);
}

/* Nothing else may be left there. */
static int
teardown(void **state)
{
	static const char *const files[] = { "data.mdb", "lock.mdb",
		"journal" };
	struct fixture *f = *state;

	store_close(f->store);
	for (size_t i = 0; i < 3; i++) {
		char *path = path_of(f, files[i]);

		assert_int_equal(unlink(path), 0);
		free(path);
	}
	assert_int_equal(rmdir(f->folder), 0);
	munmap(f->left, sizeof(*f->left));
	free(f);
	return 0;
}

/* ---- operations ---- */

static unsigned
key_of(int operation)
{
	return (unsigned)operation * 7919 % KEYS;
}

static bool
deletes(int operation)
{
	return operation % 4 == 3;
}

/* Such that no part of one is found in another. */
static void
write_value(int operation, struct buf *out)
{
	buf_reset(out);
	for (int i = 0; i < 20; i++)
		buf_printf(out, "<value %06d>", operation);
}

static void
put_number(struct store_turn *turn, int operation)
{
	struct buf key = { 0 }, value = { 0 };

	buf_printf(&key, "key%u", key_of(operation));
	write_value(operation, &value);
	if (deletes(operation))
		store_turn_delete(turn, STORE_CONTACT, buf_slice(&key));
	else
		store_turn_put(turn, STORE_CONTACT, buf_slice(&key),
		    buf_slice(&value));
	buf_fini(&key);
	buf_fini(&value);
}

static void
keep_error(int error, void *arg)
{
	*(int *)arg = error;
}

static int
commit(struct store_turn *turn)
{
	int error = 1;

	store_turn_settle(turn, keep_error, &error);
	return error;
}

/* The next turn. */
static void
work(struct fixture *f)
{
	struct store_turn *turn = store_turn_begin(f->store);

	for (int i = 0; i < EACH_TURN; i++)
		put_number(turn, f->left->done + i);
	assert_int_equal(commit(turn), 0);
	f->left->done += EACH_TURN;
}

static void
work_until(struct fixture *f, int done)
{
	while (f->left->done < done)
		work(f);
}

/* ---- what has to be there ---- */

/* The operation whose value each key has after so many; -1: none. */
static void
model(int done, int ret_value[KEYS])
{
	for (int i = 0; i < KEYS; i++)
		ret_value[i] = -1;
	for (int i = 0; i < done; i++)
		ret_value[key_of(i)] = deletes(i) ? -1 : i;
}

struct check {
	int value[KEYS];
	size_t seen;
};

static bool
on_row(enum store_found found, struct slice key, struct slice value,
    void *arg)
{
	struct check *check = arg;
	struct buf want = { 0 };
	uint64_t number;

	assert_int_equal(found, STORE_FOUND);
	assert_int_equal(num_parse_range(slice_sub(key, 3, key.len), 0,
	    KEYS - 1, &number), 0);
	write_value(check->value[number], &want);
	assert_true(slice_eq(value, buf_slice(&want)));
	buf_fini(&want);
	check->seen++;
	return true;
}

static void
check_rows(const struct fixture *f)
{
	struct check check = { .seen = 0 };
	size_t rows = 0;

	model(f->left->done, check.value);
	store_scan(f->store, &(struct store_scan){ .table = STORE_CONTACT,
	    .limit = KEYS + 1, .on_row = on_row, .arg = &check });
	for (int i = 0; i < KEYS; i++)
		rows += check.value[i] >= 0;
	assert_int_equal(check.seen, rows);
	assert_int_equal(store_count(f->store, STORE_CONTACT), rows);
}

static void
read_file(const struct fixture *f, struct buf *out)
{
	char *path = path_of(f, "data.mdb"), block[1 << 16];
	FILE *file = fopen(path, "rb");
	size_t n;

	assert_non_null(file);
	while ((n = fread(block, 1, sizeof(block), file)) > 0)
		buf_add(out, block, n);
	fclose(file);
	free(path);
}

/* Values in the file that were no more after `before` operations. */
static int
count_remnants(const struct fixture *f, int before)
{
	struct buf file = { 0 }, value = { 0 };
	int now[KEYS], count = 0;

	model(before, now);
	read_file(f, &file);
	for (int i = 0; i < before; i++) {
		buf_reset(&value);
		buf_printf(&value, "<value %06d>", i);
		count += now[key_of(i)] != i && memmem(buf_str(&file),
		    file.len, buf_str(&value), value.len) != NULL;
	}
	buf_fini(&file);
	buf_fini(&value);
	return count;
}

/* ---- compaction ---- */

/* What the copier does. */
static void
fill(const struct fixture *f, int fd)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		the_left = NULL;
		_exit(kv_copy(f->folder, MAP_SIZE, fd) == 0 ? 0 : 1);
	}
	assert_true(pid > 0);
	close(fd);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void
compact(struct fixture *f)
{
	enum store_compact result;
	int fd = store_compact_begin(f->store), error;

	assert_true(fd >= 0);
	work(f);
	fill(f, fd);
	work_until(f, BEFORE + MEANWHILE);
	assert_int_equal(store_compact_error(f->store), 0);
	do
		result = store_compact_step(f->store, &error);
	while (result == STORE_COMPACT_MORE);
	assert_int_equal(error, 0);
	assert_int_equal(result, STORE_COMPACT_DONE);
}

static void
test_all_is_there_and_nothing_else(void **state)
{
	struct fixture *f = *state;
	uint64_t before, after, size;

	work_until(f, BEFORE);
	assert_true(count_remnants(f, BEFORE) > 0);
	store_usage(f->store, &before, &size);
	compact(f);
	check_rows(f);
	assert_int_equal(count_remnants(f, BEFORE), 0);
	store_usage(f->store, &after, &size);
	assert_true(after <= before);
	assert_true(store_reserve(f->store) >= MAP_SIZE / 10);
	/* The new file is one like the old. */
	work(f);
	store_close(f->store);
	assert_int_equal(store_open(f->folder, MAP_SIZE, &f->store), 0);
	check_rows(f);
	work_until(f, BEFORE + MEANWHILE + 100);
	assert_int_equal(store_compact_error(f->store), 0);
}

static uint64_t
age_in_file(const struct fixture *f)
{
	struct store_read *store;
	uint64_t age;

	assert_int_equal(store_read_open(f->folder, &store), 0);
	assert_int_equal(store_read_age(store, &age), STORE_FOUND);
	store_read_close(store);
	return age;
}

/* The new file's last commit is missed as those of turns are. */
static void
test_the_journal_knows_the_last_step(void **state)
{
	struct fixture *f = *state;
	char *journal = path_of(f, "journal");
	uint64_t newest;

	work_until(f, BEFORE);
	compact(f);
	assert_true(journal_newest(journal, &newest));
	assert_int_equal(newest, age_in_file(f));
	work(f);
	assert_int_equal(age_in_file(f), newest + 1);
	free(journal);
}

/* More than a step brings over, in more than one table. */
static void
test_many_changes_take_many_steps(void **state)
{
	enum { TURNS = 4, ROWS = 4000 };
	struct fixture *f = *state;
	int fd = store_compact_begin(f->store), error, steps = 1;

	assert_true(fd >= 0);
	fill(f, fd);
	for (int t = 0; t < TURNS; t++) {
		struct store_turn *turn = store_turn_begin(f->store);

		for (int i = 0; i < ROWS; i++) {
			char key[32];

			snprintf(key, sizeof(key), "%d.%d", t, i);
			store_turn_put(turn, i % 2 == 0 ? STORE_LEDGER :
			    STORE_DUE, slice_str(key), slice_str("event"));
		}
		assert_int_equal(commit(turn), 0);
	}
	while (store_compact_step(f->store, &error) == STORE_COMPACT_MORE) {
		assert_int_equal(error, 0);
		work(f);
		steps++;
	}
	assert_int_equal(error, 0);
	assert_true(steps > 2);
	assert_int_equal(store_count(f->store, STORE_LEDGER),
	    TURNS * ROWS / 2);
	assert_int_equal(store_count(f->store, STORE_DUE), TURNS * ROWS / 2);
	check_rows(f);
}

static void
expect_given_up(struct fixture *f)
{
	char *path = path_of(f, "compact.mdb");

	store_compact_abort(f->store);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(store_compact_error(f->store), 0);
	free(path);
	check_rows(f);
	work(f);
	check_rows(f);
}

static void
test_too_many_changes_are_too_many(void **state)
{
	struct fixture *f = *state;
	int fd = store_compact_begin(f->store);

	assert_true(fd >= 0);
	close(fd);
	work_until(f, BEFORE);
	for (int i = 0; store_compact_error(f->store) == 0; i++) {
		struct store_turn *turn = store_turn_begin(f->store);

		assert_true(i < 100);
		for (int n = 0; n < 4000; n++) {
			char key[16];

			/* It isn't there: no page is written for that. */
			snprintf(key, sizeof(key), "%d", i * 4000 + n);
			store_turn_delete(turn, STORE_DUE, slice_str(key));
		}
		assert_int_equal(commit(turn), 0);
	}
	assert_int_equal(store_compact_error(f->store), -EOVERFLOW);
	expect_given_up(f);
}

/* A copier that has begun and gets no further. */
static pid_t
hang(const struct fixture *f, int *ret_pipe)
{
	int fds[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	pid = fork();
	if (pid == 0)
		_exit(kv_copy(f->folder, MAP_SIZE, fds[1]) == 0 ? 0 : 1);
	assert_true(pid > 0);
	close(fds[1]);
	assert_int_equal(read(fds[0], &byte, 1), 1);
	*ret_pipe = fds[0];
	return pid;
}

/*
 * While it is read, what is freed can't be used again: then turns, which would
 * do with a hundredth of the map, fill it.
 */
static void
test_turns_have_room_first(void **state)
{
	struct fixture *f = *state;
	int fd, pipe, turns = 0;
	pid_t pid;

	work_until(f, BEFORE);
	fd = store_compact_begin(f->store);
	assert_true(fd >= 0);
	pid = hang(f, &pipe);
	while (store_compact_error(f->store) == 0) {
		work(f);
		assert_true(++turns < 1000);
	}
	assert_int_equal(store_compact_error(f->store), -ENOSPC);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	close(pipe);
	close(fd);
	store_tidy(f->store);
	expect_given_up(f);
}

static void
test_a_full_map_is_not_compacted(void **state)
{
	struct fixture *f = *state;
	char *big = mem_new(1, 1 << 19), key[16];

	for (int i = 0; i < 31; i++) {
		struct store_turn *turn = store_turn_begin(f->store);

		snprintf(key, sizeof(key), "big%d", i);
		store_turn_put(turn, STORE_TEXT, slice_str(key),
		    slice_of(big, 1 << 19));
		assert_int_equal(commit(turn), 0);
	}
	free(big);
	assert_int_equal(store_compact_begin(f->store), -ENOSPC);
	expect_given_up(f);
}

/* It must not take what turns will need. */
static void
test_a_full_disk_is_not_filled(void **state)
{
	struct fixture *f = *state;
	int fd;

	work_until(f, BEFORE);
	blocks_free = MAP_SIZE / 10 / 4096 + 10;
	assert_int_equal(store_compact_begin(f->store), -ENOSPC);
	expect_given_up(f);
	blocks_free = 0;
	fd = store_compact_begin(f->store);
	assert_true(fd >= 0);
	close(fd);
	expect_given_up(f);
}

/* A copy that isn't one doesn't take the place of anything. */
static void
test_what_is_no_copy_is_refused(void **state)
{
	struct fixture *f = *state;
	int fd = store_compact_begin(f->store), error;

	work_until(f, BEFORE);
	assert_int_equal(write(fd, "what?", 5), 5);
	close(fd);
	assert_int_equal(store_compact_step(f->store, &error),
	    STORE_COMPACT_FAILED);
	assert_true(error < 0);
	expect_given_up(f);
	/* Nor one of before. */
	fd = store_compact_begin(f->store);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(store_compact_step(f->store, &error),
	    STORE_COMPACT_FAILED);
	assert_int_equal(error, -EILSEQ);
	expect_given_up(f);
}

static void
live(struct fixture *f, int crash_at)
{
	f->left->calls = f->left->done = 0;
	f->left->crash_at = crash_at;
	the_left = f->left;
	if (store_open(f->folder, MAP_SIZE, &f->store) != 0)
		_exit(1);
	work_until(f, BEFORE);
	compact(f);
	work(f);
	_exit(0);
}

static void
forget_all(const struct fixture *f)
{
	char *path = path_of(f, "data.mdb");

	assert_int_equal(unlink(path), 0);
	free(path);
}

/* Before each of the calls that it makes, and then not at all. */
static void
test_a_crash_loses_nothing(void **state)
{
	struct fixture *f = *state;
	int status, crashes = 0;

	do {
		pid_t pid;

		store_close(f->store);
		forget_all(f);
		pid = fork();
		if (pid == 0)
			live(f, ++crashes);
		crashes++;
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(store_open(f->folder, MAP_SIZE, &f->store),
		    0);
		check_rows(f);
		work(f);
		check_rows(f);
	} while (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	assert_int_equal(status, 0);
	assert_true(crashes > 8);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_all_is_there_and_nothing_else),
		TEST(test_the_journal_knows_the_last_step),
		TEST(test_many_changes_take_many_steps),
		TEST(test_too_many_changes_are_too_many),
		TEST(test_turns_have_room_first),
		TEST(test_a_full_map_is_not_compacted),
		TEST(test_a_full_disk_is_not_filled),
		TEST(test_what_is_no_copy_is_refused),
		TEST(test_a_crash_loses_nothing),
	};

	return cmocka_run_group_tests_name("store_compact", tests, NULL,
	    NULL);
}
