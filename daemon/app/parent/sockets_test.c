/* SPDX-License-Identifier: ISC */
/*
 * What a generation's sockets leave to the next one's.
 */
#include "app/parent/sockets.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <unistd.h>

static int
open_some(void)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

static bool
is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

static void
test_find(void **state)
{
	struct sockets s = { 0 }, taken = { 0 };
	int a = open_some(), b = open_some(), admin = open_some();

	(void)state;
	sockets_add(&s, "127.0.0.1:0", a, false);
	sockets_add(&s, "127.0.0.1:0", b, false);
	s.public_count = 2;
	sockets_add(&s, "[::1]:9180", admin, false);
	/* Each port 0 is one of its own. */
	assert_int_equal(sockets_find(&s, true, "127.0.0.1:0", &taken), a);
	sockets_add(&taken, "127.0.0.1:0", a, false);
	assert_int_equal(sockets_find(&s, true, "127.0.0.1:0", &taken), b);
	sockets_add(&taken, "127.0.0.1:0", b, false);
	assert_int_equal(sockets_find(&s, true, "127.0.0.1:0", &taken), -1);
	/* The same address in other words; never the other kind's. */
	assert_int_equal(sockets_find(&s, false, "[0:0::1]:9180", &taken),
	    admin);
	assert_int_equal(sockets_find(&s, true, "[::1]:9180", &taken), -1);
	assert_int_equal(sockets_find(&s, false, "[::1]:9181", &taken), -1);
	sockets_close(&s);
	sockets_free(&s);
	sockets_free(&taken);
}

static void
test_leave(void **state)
{
	struct sockets former = { 0 }, next = { 0 };
	int stays = open_some(), goes = open_some(), comes = open_some();

	(void)state;
	sockets_add(&former, "127.0.0.1:1", stays, false);
	sockets_add(&former, "127.0.0.1:2", goes, false);
	sockets_add(&next, "127.0.0.1:3", comes, false);
	sockets_add(&next, "127.0.0.1:1", stays, false);
	sockets_leave_to(&former, &next);
	sockets_drop(&former);
	sockets_free(&former);
	assert_true(is_open(stays) && is_open(comes));
	assert_false(is_open(goes));
	sockets_close(&next);
	assert_false(is_open(stays) || is_open(comes));
	sockets_free(&next);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_leave),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
