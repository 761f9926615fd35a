/* SPDX-License-Identifier: ISC */
/*
 * A fake child's channel, the delays before restarts, and the lock.
 */
#include "io/proc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/lock.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

struct message {
	uint32_t what;
	char text[28];
};

static int
receive(int channel, struct message *m, int *ret_fd)
{
	struct pollfd wait = { .fd = channel, .events = POLLIN };

	if (poll(&wait, 1, 5000) != 1)
		return -ETIMEDOUT;
	return proc_recv(channel, m, sizeof(*m), ret_fd);
}

/* Writes into the fd it is given, says so, and ends with the channel. */
static int
fake_child(int channel)
{
	struct message m;
	int fd;

	if (kill(getpid(), SIGTERM) < 0 || kill(getpid(), SIGHUP) < 0)
		return 10;
	while (receive(channel, &m, &fd) == 1) {
		if (fd >= 0 && write(fd, m.text, strlen(m.text)) < 0)
			return 11;
		if (fd >= 0)
			close(fd);
		m.what++;
		if (proc_send(channel, &m, sizeof(m), -1) < 0)
			return 12;
	}
	return 7;
}

static void
test_channel(void **state)
{
	struct message m = { .what = 41, .text = "through" }, answer;
	char got[16] = "";
	int channel, fd, fds[2], status;
	pid_t pid = proc_fork(&channel);

	(void)state;
	if (pid == 0)
		_exit(fake_child(channel));
	assert_true(pid > 0);
	assert_int_equal(proc_recv(channel, &answer, sizeof(answer), &fd),
	    -EAGAIN);
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(proc_send(channel, &m, sizeof(m), fds[1]), 0);
	close(fds[1]);
	assert_int_equal(receive(channel, &answer, &fd), 1);
	assert_int_equal(answer.what, 42);
	assert_int_equal(fd, -1);
	assert_int_equal(read(fds[0], got, sizeof(got)), 7);
	assert_string_equal(got, "through");
	close(fds[0]);
	/* It ends when the channel does. */
	close(channel);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 7);
}

/* Two descriptors where one is the most: nothing of them may stay open. */
static void
test_more_than_one_fd(void **state)
{
	struct message m = { .what = 1 };
	struct iovec iov = { &m, sizeof(m) };
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(2 * sizeof(int))];
	} room = { 0 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1,
	    .msg_control = room.bytes, .msg_controllen = sizeof(room.bytes) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
	int pair[2], fds[2], fd, next;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	assert_int_equal(pipe(fds), 0);
	*c = (struct cmsghdr){ .cmsg_level = SOL_SOCKET,
	    .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof(fds)) };
	memcpy(CMSG_DATA(c), fds, sizeof(fds));
	assert_int_equal(sendmsg(pair[1], &msg, 0), sizeof(m));
	assert_int_equal(proc_recv(pair[0], &m, sizeof(m), &fd), -EBADMSG);
	assert_int_equal(fd, -1);
	next = dup(pair[0]);
	assert_int_equal(next, fds[1] + 1);
	close(next);
	for (int i = 0; i < 2; i++) {
		close(pair[i]);
		close(fds[i]);
	}
}

static void
test_other_length(void **state)
{
	struct message m = { .what = 1 };
	int channel, fd, status;
	pid_t pid = proc_fork(&channel);

	(void)state;
	if (pid == 0)
		_exit(proc_send(channel, &m, sizeof(m) - 1, 0) < 0 ||
		    proc_send(channel, &m, sizeof(m), -1) < 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(proc_recv(channel, &m, sizeof(m), &fd), -EBADMSG);
	assert_int_equal(fd, -1);
	assert_int_equal(proc_recv(channel, &m, sizeof(m), &fd), 1);
	assert_int_equal(proc_recv(channel, &m, sizeof(m), &fd), 0);
	assert_int_equal(proc_send(channel, &m, sizeof(m), -1), -EPIPE);
	close(channel);
}

/* A child that never reads must not stop its parent. */
static void
test_full(void **state)
{
	struct message m = { .what = 1 };
	int channel, error = 0, sent = 0, status;
	pid_t pid = proc_fork(&channel);

	(void)state;
	if (pid == 0) {
		pause();
		_exit(0);
	}
	while (error == 0 && sent++ < 100000)
		error = proc_send(channel, &m, sizeof(m), -1);
	assert_int_equal(error, -EAGAIN);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	close(channel);
}

static void
test_backoff(void **state)
{
	static const struct {
		int64_t lived_ms, delay_ms;
	} cases[] = {
		{ 5, 100 }, { 5, 200 }, { 29999, 400 }, { 0, 800 },
		{ 0, 1600 }, { 0, 3200 }, { 0, 6400 }, { 0, 10000 },
		{ 0, 10000 }, { 30000, 100 }, { 0, 200 }, { 99999, 100 },
	};
	struct proc_backoff backoff = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_int_equal(proc_backoff_next(&backoff,
		    cases[i].lived_ms), cases[i].delay_ms);
}

static void
test_lock(void **state)
{
	char path[] = "/tmp/assent-lock-XXXXXX";
	int channel, status, first = mkstemp(path);
	pid_t pid;

	(void)state;
	close(first);
	first = lock_take(path);
	assert_true(first >= 0);
	assert_int_equal(lock_take(path), -EWOULDBLOCK);
	pid = proc_fork(&channel);
	if (pid == 0)
		_exit(lock_take(path) == -EWOULDBLOCK ? 0 : 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	close(channel);
	close(first);
	first = lock_take(path);
	assert_true(first >= 0);
	close(first);
	unlink(path);
	assert_int_equal(lock_take("/proc/none/lock"), -ENOENT);
}

static void
test_users(void **state)
{
	struct proc_user user;
	uint32_t gid = 1;

	(void)state;
	assert_int_equal(proc_find_user("root", &user), 0);
	assert_int_equal(user.uid, 0);
	assert_int_equal(proc_find_user("no such user", &user), -1);
	assert_int_equal(proc_find_group("root", &gid), 0);
	assert_int_equal(gid, 0);
	assert_int_equal(proc_find_group("no such group", &gid), -1);
	/* Nobody to pretend: nothing changes. */
	assert_int_equal(proc_pretend(NULL), 0);
	proc_pretend_end(NULL);
}

/* As root: there and back, and there for good. */
static void
test_become(void **state)
{
	struct proc_user user = { 0 };
	int channel, status;
	pid_t pid;

	(void)state;
	if (geteuid() != 0 || proc_find_user("nobody", &user) < 0)
		skip();
	assert_int_equal(proc_pretend(&user), 0);
	assert_int_equal(geteuid(), user.uid);
	assert_true(getgroups(0, NULL) > 0);
	proc_pretend_end(&user);
	assert_int_equal(geteuid(), 0);
	assert_int_equal(getegid(), 0);
	assert_int_equal(getgroups(0, NULL), 0);
	pid = proc_fork(&channel);
	if (pid == 0)
		_exit(proc_become(&user) < 0 || getuid() != user.uid ||
		    seteuid(0) == 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	close(channel);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_channel),
		cmocka_unit_test(test_more_than_one_fd),
		cmocka_unit_test(test_other_length),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_backoff),
		cmocka_unit_test(test_lock),
		cmocka_unit_test(test_users),
		cmocka_unit_test(test_become),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
