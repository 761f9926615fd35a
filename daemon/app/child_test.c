/* SPDX-License-Identifier: ISC */
/*
 * A child's side of the control channel: where its log goes.
 */
#include "app/child.h"

#include <sys/socket.h>

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/child_start.h"
#include "base/buf.h"
#include "base/log.h"
#include "io/files.h"
#include "io/proc.h"

/* The one it logs to at the start, and the one that is sent. */
struct fixture {
	int ours, theirs;
	int first, second;
};

static void
stop(struct child *child, void *arg)
{
	(void)arg;
	log_info("stopping", log_num("index", child_index(child)));
	child_exit(child, 0);
}

static int
stopping_main(struct child *child)
{
	static const struct child_callbacks callbacks = { .on_stop = stop };

	return child_run(child, &callbacks, NULL);
}

static int
setup(void **state)
{
	static struct fixture f;
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, pair) < 0)
		return -1;
	f = (struct fixture){ pair[0], pair[1], files_memory(),
	    files_memory() };
	log_follow(f.first, LOG_LEVEL_INFO, NULL);
	*state = &f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	log_follow(STDERR_FILENO, LOG_LEVEL_INFO, NULL);
	close(f->second);
	close(f->ours);
	return 0;
}

static void
send_and_run(struct fixture *f, enum control_log role, int fd)
{
	const struct child_start start = { .control = f->theirs,
		.secret = -1, .password = -1, .copy = -1 };
	struct control log = { .type = CONTROL_LOG, .role = role,
		.index = LOG_LEVEL_INFO };
	struct control end = { .type = CONTROL_STOP };

	assert_int_equal(proc_send(f->ours, &log, sizeof(log), fd), 0);
	assert_int_equal(proc_send(f->ours, &end, sizeof(end), -1), 0);
	assert_int_equal(child_main(&start, stopping_main), 0);
}

static void
assert_holds(int fd, const char *event, bool expected)
{
	struct buf text = { 0 };

	assert_int_equal(files_read_fd(fd, &text), 0);
	assert_int_equal(strstr(buf_str(&text), event) != NULL, expected);
	buf_fini(&text);
}

static void
test_another_file(void **state)
{
	struct fixture *f = *state;

	send_and_run(f, CONTROL_LOG_FILE, f->second);
	assert_holds(f->second, "stopping", true);
	assert_holds(f->second, "log_not_reopened", false);
}

/* Its table of files is full: the old one is better than none. */
static void
test_a_file_that_did_not_arrive(void **state)
{
	struct fixture *f = *state;

	send_and_run(f, CONTROL_LOG_FILE, -1);
	assert_holds(f->first, "log_not_reopened", true);
	assert_holds(f->first, "stopping", true);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_another_file, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    test_a_file_that_did_not_arrive, setup, teardown),
	};

	return cmocka_run_group_tests_name("child", tests, NULL, NULL);
}
