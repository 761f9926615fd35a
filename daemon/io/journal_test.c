/* SPDX-License-Identifier: ISC */
/*
 * The journal: what is read back, after what.
 */
#include "io/journal.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"

enum { AGE = 7, HEAD = 16 };		/* a head: each record's */

struct fixture {
	char folder[64];
	char *path;
	struct journal *journal;
	struct buf seen;	/* the records, a comma behind each */
};

static int
set_up(void **state)
{
	struct fixture *f = MEM_NEW(struct fixture);

	snprintf(f->folder, sizeof(f->folder), "/tmp/assent-journal-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	f->path = mem_printf("%s/journal", f->folder);
	assert_int_equal(journal_open(f->path, &f->journal), 0);
	assert_int_equal(journal_begin(f->journal, AGE), 0);
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	journal_close(f->journal);
	unlink(f->path);
	rmdir(f->folder);
	buf_fini(&f->seen);
	free(f->path);
	free(f);
	return 0;
}

static void
append(struct fixture *f, const char *record)
{
	assert_true(journal_append(f->journal, slice_str(record)));
}

static void
on_record(struct slice record, void *arg)
{
	struct fixture *f = arg;

	buf_add_slice(&f->seen, record);
	buf_add_char(&f->seen, ',');
}

/* Opens it as a process would after a crash. */
static void
expect_after_crash(struct fixture *f, uint64_t age, const char *want)
{
	journal_close(f->journal);
	assert_int_equal(journal_open(f->path, &f->journal), 0);
	buf_reset(&f->seen);
	assert_int_equal(journal_read(f->journal, age, on_record, f), 0);
	assert_string_equal(buf_str(&f->seen), want);
}

static void
test_what_was_synced_is_read(void **state)
{
	struct fixture *f = *state;

	assert_true(journal_is_synced(f->journal));
	append(f, "one");
	assert_false(journal_is_synced(f->journal));
	assert_int_equal(journal_sync(f->journal), 0);
	assert_true(journal_is_synced(f->journal));
	append(f, "two");
	append(f, "three");
	assert_int_equal(journal_sync(f->journal), 0);
	append(f, "in memory only");
	expect_after_crash(f, AGE, "one,two,three,");
}

static void
test_another_age_is_none(void **state)
{
	struct fixture *f = *state;

	append(f, "old");
	append(f, "older than the next");
	assert_int_equal(journal_sync(f->journal), 0);
	expect_after_crash(f, AGE + 1, "");
	assert_int_equal(journal_begin(f->journal, AGE + 1), 0);
	append(f, "new");
	assert_int_equal(journal_sync(f->journal), 0);
	expect_after_crash(f, AGE + 1, "new,");
	expect_after_crash(f, AGE, "");
}

static void
flip(const struct fixture *f, off_t at)
{
	int fd = open(f->path, O_RDWR | O_CLOEXEC);
	char byte;

	assert_true(fd >= 0);
	assert_int_equal(pread(fd, &byte, 1, at), 1);
	byte = (char)(byte ^ 1);
	assert_int_equal(pwrite(fd, &byte, 1, at), 1);
	close(fd);
}

/* A write that was cut short leaves anything of its own record. */
static void
test_a_torn_record_is_none(void **state)
{
	struct fixture *f = *state;

	append(f, "whole");
	append(f, "torn");
	assert_int_equal(journal_sync(f->journal), 0);
	for (off_t at = 2 * HEAD + 5; at < 3 * HEAD + 5 + 4; at++) {
		flip(f, at);
		expect_after_crash(f, AGE, "whole,");
		flip(f, at);
		expect_after_crash(f, AGE, "whole,torn,");
	}
}

static void
expect_newest(const struct fixture *f, uint64_t want)
{
	uint64_t age;

	assert_true(journal_newest(f->path, &age));
	assert_int_equal(age, want);
}

static void
test_it_tells_the_newest_age(void **state)
{
	struct fixture *f = *state;
	uint64_t age;

	expect_newest(f, AGE);
	append(f, "one");
	assert_int_equal(journal_sync(f->journal), 0);
	assert_int_equal(journal_begin(f->journal, AGE + 1), 0);
	append(f, "two");
	assert_int_equal(journal_sync(f->journal), 0);
	expect_after_crash(f, AGE + 1, "two,");
	expect_newest(f, AGE + 1);
	/* The records are whole without it. */
	flip(f, 0);
	assert_false(journal_newest(f->path, &age));
	expect_after_crash(f, AGE + 1, "two,");
}

static void
test_what_is_no_journal_tells_no_age(void **state)
{
	struct fixture *f = *state;
	uint64_t age;

	assert_false(journal_newest("/nowhere/journal", &age));
	assert_false(journal_newest(f->folder, &age));
	journal_close(f->journal);
	assert_int_equal(truncate(f->path, 0), 0);
	assert_false(journal_newest(f->path, &age));
	assert_int_equal(journal_open(f->path, &f->journal), 0);
	assert_false(journal_newest(f->path, &age));
}

static bool
file_has(const struct fixture *f, const char *text)
{
	struct buf all = { 0 };
	char block[4096];
	int fd = open(f->path, O_RDONLY | O_CLOEXEC);
	ssize_t n;
	bool found;

	assert_true(fd >= 0);
	while ((n = read(fd, block, sizeof(block))) > 0)
		buf_add(&all, block, (size_t)n);
	close(fd);
	found = memmem(buf_str(&all), all.len, text, strlen(text)) != NULL;
	buf_fini(&all);
	return found;
}

static void
test_nothing_stays_behind(void **state)
{
	struct fixture *f = *state;

	append(f, "jo@example.org");
	assert_int_equal(journal_sync(f->journal), 0);
	assert_true(file_has(f, "jo@example.org"));
	assert_int_equal(journal_begin(f->journal, AGE + 1), 0);
	assert_false(file_has(f, "jo@example.org"));
}

static void
test_it_is_full_at_some_time(void **state)
{
	struct fixture *f = *state;
	char *big = mem_new(1, 1 << 18);
	struct stat before, after;
	int taken = 0;

	assert_int_equal(stat(f->path, &before), 0);
	while (journal_append(f->journal, slice_of(big, 1 << 18)))
		assert_int_equal((taken++, journal_sync(f->journal)), 0);
	assert_in_range(taken, 1, 100);
	append(f, "a small one");
	assert_int_equal(journal_sync(f->journal), 0);
	assert_int_equal(stat(f->path, &after), 0);
	assert_int_equal(before.st_size, after.st_size);
	assert_int_equal(before.st_blocks, after.st_blocks);
	free(big);
}

static void
test_half_a_file_is_made_anew(void **state)
{
	struct fixture *f = *state;

	append(f, "one");
	assert_int_equal(journal_sync(f->journal), 0);
	assert_int_equal(truncate(f->path, 1000), 0);
	expect_after_crash(f, AGE, "");
	assert_int_equal(journal_begin(f->journal, AGE), 0);
	append(f, "two");
	assert_int_equal(journal_sync(f->journal), 0);
	expect_after_crash(f, AGE, "two,");
}

static void
test_errors(void **state)
{
	struct fixture *f = *state;
	struct journal *none;

	assert_int_equal(journal_open("/nowhere/journal", &none), -ENOENT);
	assert_int_equal(journal_open(f->folder, &none), -EISDIR);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_what_was_synced_is_read),
		CASE(test_another_age_is_none),
		CASE(test_a_torn_record_is_none),
		CASE(test_it_tells_the_newest_age),
		CASE(test_what_is_no_journal_tells_no_age),
		CASE(test_nothing_stays_behind),
		CASE(test_it_is_full_at_some_time),
		CASE(test_half_a_file_is_made_anew),
		CASE(test_errors),
	};

	return cmocka_run_group_tests_name("journal", tests, NULL, NULL);
}
