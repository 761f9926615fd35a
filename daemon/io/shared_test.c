/* SPDX-License-Identifier: ISC */
/*
 * Tests of io/shared: what a process may touch is tried in a process.
 */
#include "io/shared.h"

#include <sys/wait.h>

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { COUNT = 5, SIZE = 5000 };

static struct shared *
make(void)
{
	struct shared *s = shared_new(COUNT, SIZE);

	assert_non_null(s);
	return s;
}

/* What ends a process that does this: 0, its status, or minus a signal. */
static int
in_a_child(struct shared *s, int (*work)(struct shared *))
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		/* A sanitizer would make an exit of it. */
		signal(SIGSEGV, SIG_DFL);
		_exit(work(s));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static int
write_own(struct shared *s)
{
	if (shared_keep(s, 2, false) < 0 || shared_slot(s, 1) != NULL ||
	    shared_slot(s, 3) != NULL || !shared_is_used(s, 2))
		return 1;
	memset(shared_slot(s, 2), 'x', SIZE);
	shared_free(s);
	return 0;
}

/* Where it was before the process let go of it. */
static int
touch_other(struct shared *s)
{
	volatile char *other = shared_slot(s, 1);

	if (shared_keep(s, 2, false) < 0)
		return 1;
	return other[0] == 'y' ? 2 : 3;
}

static int
touch_marks(struct shared *s)
{
	volatile char *marks = (char *)shared_slot(s, COUNT - 1) + 8192;

	if (shared_keep(s, 2, false) < 0)
		return 1;
	marks[0] = 1;
	return 2;
}

static int
read_all(struct shared *s)
{
	if (shared_keep(s, 0, true) < 0)
		return 1;
	for (size_t i = 0; i < COUNT; i++) {
		const char *slot = shared_slot(s, i);

		if (shared_is_used(s, i) != (i == 0 || i == 2) ||
		    (slot[SIZE - 1] == 'x') != (i == 2))
			return 2;
	}
	*(char *)shared_slot(s, 0) = 'z';
	shared_free(s);
	return 0;
}

static int
write_what_is_to_be_read(struct shared *s)
{
	if (shared_keep(s, 0, true) < 0)
		return 1;
	*(volatile char *)shared_slot(s, 2) = 'z';
	return 2;
}

static void
a_slot_outlives_its_owner(void **state)
{
	struct shared *s = make();
	const char *slot = shared_slot(s, 2);

	(void)state;
	assert_int_equal(shared_count(s), COUNT);
	assert_int_equal(slot[0], 0);
	assert_false(shared_is_used(s, 2));
	assert_int_equal(in_a_child(s, write_own), 0);
	assert_true(shared_is_used(s, 2));
	assert_int_equal(slot[0], 'x');
	assert_int_equal(slot[SIZE - 1], 'x');
	assert_int_equal(in_a_child(s, read_all), 0);
	assert_int_equal(*(char *)shared_slot(s, 0), 'z');
	assert_int_equal(*(char *)shared_slot(s, 3), 0);
	shared_free(s);
	shared_free(NULL);
}

static void
nobody_touches_anothers(void **state)
{
	struct shared *s = make();

	(void)state;
	assert_int_equal(in_a_child(s, touch_other), -SIGSEGV);
	assert_int_equal(in_a_child(s, touch_marks), -SIGSEGV);
	assert_int_equal(in_a_child(s, write_what_is_to_be_read), -SIGSEGV);
	shared_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_slot_outlives_its_owner),
		cmocka_unit_test(nobody_touches_anothers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
