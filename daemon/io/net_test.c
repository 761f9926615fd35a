/* SPDX-License-Identifier: ISC */
/*
 * Listening addresses: what is one, what is loopback, what is taken.
 */
#include "io/net.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void
test_parse(void **state)
{
	static const struct {
		const char *text;
		int result;
		bool loopback;
	} cases[] = {
		{ "127.0.0.1:8080", 0, true },
		{ "127.1.2.3:0", 0, true },
		{ "0.0.0.0:65535", 0, false },
		{ "128.0.0.1:1", 0, false },
		{ "[::1]:80", 0, true },
		{ "[::]:8443", 0, false },
		{ "[2001:db8::1]:1", 0, false },
		{ "unix:/run/x.sock", 0, true },
		{ "", -1, false }, { ":", -1, false }, { ":80", -1, false },
		{ "127.0.0.1", -1, false }, { "127.0.0.1:", -1, false },
		{ "127.0.0.1:65536", -1, false },
		{ "127.0.0.1:-1", -1, false }, { "127.0.0.1:8a", -1, false },
		{ "127.0.0.1: 80", -1, false }, { "127.1:80", -1, false },
		{ "1.2.3.4.5:80", -1, false }, { "localhost:80", -1, false },
		{ "::1:80", -1, false }, { "[::1:80", -1, false },
		{ "::1]:80", -1, false }, { "[]:80", -1, false },
		{ "[127.0.0.1]:80", -1, false },
		{ "[::1%lo]:80", -1, false }, { "unix:", -1, false },
		{ "unix:/", -1, false }, { "unix:x", -1, false },
		{ "unix:/1234567890123456789012345678901234567890123456789012"
		    "3456789012345678901234567890123456789012345678901234567",
		    -1, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct net_address address;
		int result = net_parse(slice_str(cases[i].text), &address);

		if (result != cases[i].result)
			fail_msg("\"%s\": %d", cases[i].text, result);
		if (result == 0 &&
		    net_is_loopback(&address) != cases[i].loopback)
			fail_msg("\"%s\" loopback", cases[i].text);
	}
}

static int
listen_on(const char *text)
{
	struct net_address address;

	assert_int_equal(net_parse(slice_str(text), &address), 0);
	return net_listen(&address, 0600);
}

static void
test_listen(void **state)
{
	char name[NET_NAME_SIZE];
	int fd = listen_on("127.0.0.1:0");

	(void)state;
	assert_true(fd >= 0);
	net_name(fd, name);
	assert_int_equal(strncmp(name, "127.0.0.1:", 10), 0);
	assert_string_not_equal(name, "127.0.0.1:0");
	/* Its own name is an address, and taken. */
	assert_int_equal(listen_on(name), -EADDRINUSE);
	close(fd);
	fd = listen_on(name);
	assert_true(fd >= 0);
	close(fd);
}

static void
test_unix(void **state)
{
	char folder[] = "/tmp/assent-net-XXXXXX", text[64], name[128];
	const char *path = text + strlen("unix:");
	struct stat st;
	int fd;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(text, sizeof(text), "unix:%s/s", folder);
	fd = listen_on(text);
	assert_true(fd >= 0);
	net_name(fd, name);
	assert_string_equal(name, text);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	/* Listened on: taken.  Left behind: replaced. */
	assert_int_equal(listen_on(text), -EADDRINUSE);
	close(fd);
	assert_int_equal(access(path, F_OK), 0);
	fd = listen_on(text);
	assert_true(fd >= 0);
	close(fd);
	unlink(path);
	/* A file of another kind is nobody's to remove. */
	fclose(fopen(path, "w"));
	assert_int_equal(listen_on(text), -EADDRINUSE);
	assert_int_equal(access(path, F_OK), 0);
	unlink(path);
	rmdir(folder);
	assert_int_equal(listen_on(text), -ENOENT);
}

static void
remove_at(const char *text)
{
	struct net_address address;

	assert_int_equal(net_parse(slice_str(text), &address), 0);
	net_remove(&address);
}

static void
test_remove(void **state)
{
	char folder[] = "/tmp/assent-net-XXXXXX", text[64];
	const char *path = text + strlen("unix:");
	int fd;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(text, sizeof(text), "unix:%s/s", folder);
	remove_at(text);
	fd = listen_on(text);
	assert_true(fd >= 0);
	/* Somebody's, and nobody's. */
	remove_at(text);
	assert_int_equal(access(path, F_OK), 0);
	close(fd);
	remove_at(text);
	assert_int_not_equal(access(path, F_OK), 0);
	/* No socket. */
	fclose(fopen(path, "w"));
	remove_at(text);
	assert_int_equal(unlink(path), 0);
	rmdir(folder);
	remove_at("127.0.0.1:1");
}

static void
test_equal(void **state)
{
	static const struct {
		const char *a, *b;
		bool equal;
	} cases[] = {
		{ "127.0.0.1:80", "127.0.0.1:80", true },
		{ "127.0.0.1:80", "127.0.0.1:81", false },
		{ "127.0.0.1:80", "127.0.0.2:80", false },
		{ "127.0.0.1:0", "127.0.0.1:0", false },
		{ "[::1]:80", "[0:0::1]:80", true },
		{ "[::1]:80", "127.0.0.1:80", false },
		{ "unix:/a", "unix:/a", true },
		{ "unix:/a", "unix:/ab", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct net_address a, b;

		assert_int_equal(net_parse(slice_str(cases[i].a), &a), 0);
		assert_int_equal(net_parse(slice_str(cases[i].b), &b), 0);
		assert_int_equal(net_equal(&a, &b), cases[i].equal);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_listen),
		cmocka_unit_test(test_unix),
		cmocka_unit_test(test_remove),
		cmocka_unit_test(test_equal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
