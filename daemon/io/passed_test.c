/* SPDX-License-Identifier: ISC */
/*
 * Sockets that are passed: which are taken, which are refused with what, and
 * that nobody else gets them.  Each case is a process of its own, since the
 * numbers of the descriptors are part of the protocol.
 */
#include "io/passed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

enum { FIRST = 3 };

static void
check(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "# %s\n", what);
	_exit(1);
}

/* Runs it in a process of its own, which has to come to its end. */
static void
in_process(void (*run)(const void *arg), const void *arg)
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0) {
		run(arg);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static struct net_address
address_of(const char *text)
{
	struct net_address address;

	check(net_parse(slice_str(text), &address) == 0, text);
	return address;
}

static void
announce(int count, const char *names)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", (int)getpid());
	setenv("LISTEN_PID", text, 1);
	snprintf(text, sizeof(text), "%d", count);
	setenv("LISTEN_FDS", text, 1);
	setenv("LISTEN_FDNAMES", names, 1);
}

/* As net_listen makes it, but for what the case is about, at that number. */
static void
put(int to, const char *text, int type, bool listens, bool only_v6)
{
	struct net_address address = address_of(text);
	union {
		struct sockaddr_storage storage;
		struct sockaddr any;
	} u = { .storage = address.sockaddr };
	int fd = socket(u.any.sa_family, type, 0), on = only_v6;

	if (fd < 0 && u.any.sa_family == AF_INET6)
		_exit(0);	/* a machine without it */
	if (u.any.sa_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	check(bind(fd, &u.any, address.len) == 0, "bind");
	check(!listens || listen(fd, 1) == 0, "listen");
	check(dup2(fd, to) == to, "dup2");
	if (fd != to)
		close(fd);
}

static void
take_nothing(const void *arg)
{
	struct buf error = { 0 };
	struct passed *passed;
	char name[NET_NAME_SIZE];

	(void)arg;
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	passed = passed_take(&error);
	check(passed != NULL && error.len == 0, "nothing is fine");
	check(!passed_left(passed, name), "nothing is left");
	passed_free(passed);
	/* Meant for our parent, who forgot to clear it. */
	announce(1, "x");
	setenv("LISTEN_PID", "1", 1);
	fcntl(FIRST, F_SETFD, 0);
	passed = passed_take(&error);
	check(passed != NULL && error.len == 0, "another's is fine");
	check(!passed_left(passed, name), "another's is not taken");
	check(getenv("LISTEN_FDS") == NULL, "another's is forgotten");
	passed_free(passed);
}

static void
test_nothing(void **state)
{
	(void)state;
	in_process(take_nothing, NULL);
}

static void
take_two(const void *arg)
{
	struct net_address four, unix_one, other = address_of("127.0.0.1:1");
	char name[NET_NAME_SIZE], text[NET_NAME_SIZE];
	struct buf error = { 0 };
	struct passed *passed;

	snprintf(text, sizeof(text), "unix:%s/s", (const char *)arg);
	unix_one = address_of(text);
	put(FIRST, "127.0.0.1:0", SOCK_STREAM, true, false);
	put(FIRST + 1, text, SOCK_STREAM, true, false);
	check(net_bound(FIRST, &four) == 0, "bound");
	announce(2, "web:admin");
	passed = passed_take(&error);
	check(passed != NULL && error.len == 0, "taken");
	check(getenv("LISTEN_PID") == NULL && getenv("LISTEN_FDS") == NULL &&
	    getenv("LISTEN_FDNAMES") == NULL, "the environment forgot");
	check((fcntl(FIRST, F_GETFD) & FD_CLOEXEC) != 0 &&
	    (fcntl(FIRST + 1, F_GETFD) & FD_CLOEXEC) != 0, "close on exec");
	check((fcntl(FIRST, F_GETFL) & O_NONBLOCK) != 0, "non-blocking");

	check(!passed_has(passed, &other), "has no other");
	check(passed_claim(passed, &other) == -1, "claims no other");
	check(passed_claim(passed, &unix_one) == FIRST + 1, "the second");
	check(passed_claim(passed, &unix_one) == -1, "it once only");
	check(passed_has(passed, &unix_one), "still has it");
	check(passed_left(passed, name) && name[0] == '1', "one is left");
	check(passed_claim(passed, &four) == FIRST, "the first");
	check(!passed_left(passed, name), "none is left");
	passed_free(passed);
	check(fcntl(FIRST, F_GETFD) >= 0, "who claimed it has it");
}

static void
test_two(void **state)
{
	char folder[] = "/tmp/assent-passed-XXXXXX", path[64];

	(void)state;
	assert_non_null(mkdtemp(folder));
	in_process(take_two, folder);
	snprintf(path, sizeof(path), "%s/s", folder);
	unlink(path);
	rmdir(folder);
}

struct wrong {
	const char *address;	/* NULL: nothing is open there */
	int type;
	bool listens, only_v6;
	const char *says;
};

static void
take_wrong(const void *arg)
{
	const struct wrong *w = arg;
	struct buf error = { 0 };

	put(FIRST, "127.0.0.1:0", SOCK_STREAM, true, false);
	close(FIRST + 1);
	if (w->address == NULL)
		check(open("/dev/null", O_RDONLY) == FIRST + 1, "open");
	else if (w->address[0] != '\0')
		put(FIRST + 1, w->address, w->type, w->listens, w->only_v6);
	announce(2, "good:bad");
	check(passed_take(&error) == NULL, "refused");
	fprintf(stderr, "# %s", buf_str(&error));
	check(strstr(buf_str(&error), w->says) != NULL, w->says);
	check(strstr(buf_str(&error), "socket 2") != NULL, "which");
	check(strstr(buf_str(&error), "(bad") != NULL, "its name");
	check(strchr(buf_str(&error), '\n') == error.p + error.len - 1,
	    "one line");
}

static void
test_wrong(void **state)
{
	static const struct wrong cases[] = {
		{ "127.0.0.1:0", SOCK_DGRAM, false, false, "ListenStream=" },
		{ "127.0.0.1:0", SOCK_STREAM, false, false, "Accept=no" },
		{ "[::]:0", SOCK_STREAM, true, false, "ipv6-only" },
		{ "", 0, false, false, "not open" },
		{ NULL, 0, false, false, "no socket" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		in_process(take_wrong, &cases[i]);
}

static void
take_nonsense(const void *arg)
{
	struct buf error = { 0 };

	announce(1, "");
	setenv("LISTEN_FDS", arg, 1);
	check(passed_take(&error) == NULL, "refused");
	check(strstr(buf_str(&error), "LISTEN_FDS") != NULL, "which");
	check(getenv("LISTEN_FDS") == NULL, "forgotten");
}

static void
test_nonsense(void **state)
{
	static const char *const counts[] = { "", "-1", "x", "1x", "999999" };

	(void)state;
	for (size_t i = 0; i < COUNT(counts); i++)
		in_process(take_nonsense, counts[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_two),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_nonsense),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
