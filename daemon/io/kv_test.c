/* SPDX-License-Identifier: ISC */
/*
 * Copies: of what was committed when they began, whatever becomes of the
 * reader, by a process that hasn't the environment open.
 */
#include "io/kv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/mem.h"

enum { MAP_SIZE = 64 << 20, ROWS = 4000, ROW_SIZE = 1000 };

static const char *const names[] = { "rows" };

static void
make_folder(char *folder)
{
	snprintf(folder, 32, "/tmp/kv-test-XXXXXX");
	assert_non_null(mkdtemp(folder));
}

static void
remove_folder(const char *folder)
{
	static const char *const files[] = { "data.mdb", "lock.mdb" };

	for (size_t i = 0; i < 2; i++) {
		char *path = mem_printf("%s/%s", folder, files[i]);

		(void)unlink(path);
		free(path);
	}
	assert_int_equal(rmdir(folder), 0);
}

static struct kv *
open_kv(const char *folder)
{
	struct kv *kv;

	assert_int_equal(kv_open(folder, MAP_SIZE, names, 1, &kv), 0);
	return kv;
}

/* Rows from..to in one transaction. */
static void
put_rows(struct kv *kv, unsigned from, unsigned to)
{
	struct kv_txn *txn = kv_begin(kv, true);
	char value[ROW_SIZE] = { 0 };
	uint8_t key[4];

	for (unsigned i = from; i < to; i++) {
		bytes_put_be(key, sizeof(key), i);
		kv_put(txn, 0, slice_of((const char *)key, sizeof(key)),
		    slice_of(value, sizeof(value)));
	}
	assert_int_equal(kv_commit(txn), 0);
}

static void
fill(const char *folder, unsigned rows)
{
	struct kv *kv = open_kv(folder);

	put_rows(kv, 0, rows);
	kv_close(kv);
}

static uint64_t
count_rows(const char *folder)
{
	struct kv *kv = open_kv(folder);
	struct kv_txn *txn = kv_begin(kv, false);
	uint64_t count = kv_count(txn, 0);

	kv_abort(txn);
	kv_close(kv);
	return count;
}

static int
make_file(const char *folder)
{
	char *path = mem_printf("%s/data.mdb", folder);
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	free(path);
	assert_true(fd >= 0);
	return fd;
}

static off_t
size_of(const char *folder)
{
	char *path = mem_printf("%s/data.mdb", folder);
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	free(path);
	return st.st_size;
}

/* What was deleted leaves no room behind. */
static void
test_copy_to_a_file(void **state)
{
	char from[32], to[32];
	struct kv *kv;
	struct kv_txn *txn;
	uint8_t key[4];
	int fd;

	(void)state;
	make_folder(from);
	make_folder(to);
	fill(from, ROWS);
	kv = open_kv(from);
	txn = kv_begin(kv, true);
	for (unsigned i = 0; i < ROWS - 10; i++) {
		bytes_put_be(key, sizeof(key), i);
		kv_delete(txn, 0, slice_of((const char *)key, sizeof(key)));
	}
	assert_int_equal(kv_commit(txn), 0);
	kv_close(kv);
	fd = make_file(to);
	assert_int_equal(kv_copy(from, MAP_SIZE, fd), 0);
	close(fd);
	assert_true(size_of(from) > ROWS * ROW_SIZE);
	assert_true(size_of(to) < ROWS * ROW_SIZE / 10);
	assert_int_equal(count_rows(to), 10);
	remove_folder(from);
	remove_folder(to);
}

/* In a process of its own; what kv_copy returned is its exit status. */
static pid_t
copy_elsewhere(const char *folder, int fd, int unused)
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		if (unused >= 0)
			close(unused);
		_exit(-kv_copy(folder, MAP_SIZE, fd) & 0xff);
	}
	assert_true(pid > 0);
	return pid;
}

static int
status_of(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
drain(int from, int to)
{
	static char bytes[1 << 16];
	ssize_t n;

	while ((n = read(from, bytes, sizeof(bytes))) > 0)
		assert_int_equal(write(to, bytes, (size_t)n), n);
	assert_int_equal(n, 0);
}

/* It waits for a slow reader, while others write. */
static void
test_copy_is_of_one_moment(void **state)
{
	char from[32], to[32], first;
	int fds[2], fd;
	struct kv *kv;
	pid_t pid;

	(void)state;
	make_folder(from);
	make_folder(to);
	fill(from, ROWS);
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	pid = copy_elsewhere(from, fds[1], fds[0]);
	close(fds[1]);
	assert_int_equal(read(fds[0], &first, 1), 1);
	kv = open_kv(from);
	put_rows(kv, ROWS, 2 * ROWS);
	kv_close(kv);
	fd = make_file(to);
	assert_int_equal(write(fd, &first, 1), 1);
	drain(fds[0], fd);
	close(fd);
	close(fds[0]);
	assert_int_equal(status_of(pid), 0);
	assert_int_equal(count_rows(to), ROWS);
	assert_int_equal(count_rows(from), 2 * ROWS);
	remove_folder(from);
	remove_folder(to);
}

static void
test_copy_to_nobody(void **state)
{
	char from[32], byte;
	int fds[2], fd;
	pid_t pid;

	(void)state;
	make_folder(from);
	fill(from, ROWS);
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	pid = copy_elsewhere(from, fds[1], fds[0]);
	close(fds[1]);
	assert_int_equal(read(fds[0], &byte, 1), 1);
	close(fds[0]);
	assert_int_equal(status_of(pid), EPIPE);
	fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
	assert_int_equal(status_of(copy_elsewhere(from, fd, -1)), ENOSPC);
	close(fd);
	remove_folder(from);
	assert_int_equal(kv_copy(from, MAP_SIZE, -1), -ENOENT);
}

/* The second half of a swap, after both files were opened. */
static void
test_copy_of_half_a_swap(void **state)
{
	char from[32], byte;
	char *locks;
	int fds[2], fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	pid_t pid;

	(void)state;
	make_folder(from);
	fill(from, ROWS);
	locks = mem_printf("%s/lock.mdb", from);
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	pid = copy_elsewhere(from, fds[1], fds[0]);
	close(fds[1]);
	assert_int_equal(read(fds[0], &byte, 1), 1);
	assert_int_equal(unlink(locks), 0);
	kv_close(open_kv(from));
	drain(fds[0], fd);
	assert_int_equal(status_of(pid), EAGAIN);
	close(fds[0]);
	close(fd);
	free(locks);
	remove_folder(from);
}

/* What a reader that was killed held on to is used again. */
static void
test_dead_reader(void **state)
{
	char from[32], byte;
	int fds[2];
	off_t before;
	struct kv *kv;
	pid_t pid;

	(void)state;
	make_folder(from);
	kv = open_kv(from);
	put_rows(kv, 0, ROWS);
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	pid = copy_elsewhere(from, fds[1], fds[0]);
	close(fds[1]);
	assert_int_equal(read(fds[0], &byte, 1), 1);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	close(fds[0]);
	before = size_of(from);
	for (unsigned i = 0; i < 3; i++)
		put_rows(kv, 0, ROWS);
	/* It is in the way, as long as nobody has looked. */
	assert_true(size_of(from) > before + before / 2);
	kv_check_readers(kv);
	before = size_of(from);
	for (unsigned i = 0; i < 10; i++)
		put_rows(kv, 0, ROWS);
	assert_true(size_of(from) <= before);
	kv_close(kv);
	remove_folder(from);
}

/* ---- what was deleted ---- */

static void
put(struct kv *kv, const char *key, char fill_with, size_t len)
{
	struct kv_txn *txn = kv_begin(kv, true);
	char *value = mem_new(1, len);

	memset(value, fill_with, len);
	kv_put(txn, 0, slice_str(key), slice_of(value, len));
	assert_int_equal(kv_commit(txn), 0);
	free(value);
}

/* The longest run of that byte in the folder's data. */
static size_t
longest_run(const char *folder, int byte)
{
	char *path = mem_printf("%s/data.mdb", folder);
	FILE *file = fopen(path, "rb");
	size_t run = 0, longest = 0;
	int c;

	free(path);
	assert_non_null(file);
	while ((c = getc(file)) != EOF) {
		run = c == byte ? run + 1 : 0;
		longest = run > longest ? run : longest;
	}
	fclose(file);
	return longest;
}

static void
copy_all(const char *from, const char *to)
{
	int fd = make_file(to);

	assert_int_equal(kv_copy(from, MAP_SIZE, fd), 0);
	assert_int_equal(close(fd), 0);
}

/*
 * Values of all lengths, so that each kind of page is used again, and those
 * that took their place: in the same transaction, and in later ones.
 */
static void
put_and_replace(struct kv *kv)
{
	static const size_t lengths[] = { 10, 500, 2010, 2100, 3000, 4080,
	    4081, 5000, 9000 };
	enum { LENGTHS = sizeof(lengths) / sizeof(lengths[0]) };
	char key[16], value[9000];
	struct kv_txn *txn = kv_begin(kv, true);

	memset(value, 'x', sizeof(value));
	for (size_t i = 0; i < 20 * LENGTHS; i++) {
		snprintf(key, sizeof(key), "%zu", i);
		kv_put(txn, 0, slice_str(key),
		    slice_of(value, lengths[i % LENGTHS]));
	}
	memset(value, 'y', sizeof(value));
	for (size_t i = 0; i < 20 * LENGTHS; i++) {
		snprintf(key, sizeof(key), "%zu", i);
		if (i % 7 != 0)
			kv_put(txn, 0, slice_str(key), slice_of(value,
			    lengths[(i / LENGTHS + i) % LENGTHS]));
		else
			kv_delete(txn, 0, slice_str(key));
	}
	assert_int_equal(kv_commit(txn), 0);
	for (size_t i = 0; i < LENGTHS; i++) {
		snprintf(key, sizeof(key), "%zu", i);
		put(kv, key, 'z', lengths[LENGTHS - 1 - i]);
	}
}

static void
test_a_copy_has_nothing_that_was_deleted(void **state)
{
	char from[32], to[32];
	struct kv *kv;

	(void)state;
	make_folder(from);
	make_folder(to);
	kv = open_kv(from);
	put_and_replace(kv);
	kv_close(kv);
	copy_all(from, to);
	/* Of a page's end whole words are copied. */
	assert_in_range(longest_run(to, 'x'), 0, 7);
	assert_in_range(longest_run(to, 'y'), 4000, 10000);
	remove_folder(from);
	remove_folder(to);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_copy_to_a_file),
		cmocka_unit_test(test_copy_is_of_one_moment),
		cmocka_unit_test(test_copy_to_nobody),
		cmocka_unit_test(test_copy_of_half_a_swap),
		cmocka_unit_test(test_dead_reader),
		cmocka_unit_test(test_a_copy_has_nothing_that_was_deleted),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
