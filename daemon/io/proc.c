/* SPDX-License-Identifier: ISC */
/*
 * fork(2), SCM_RIGHTS and set*id(2).  Knows nothing of what the processes do
 * or what their messages mean.
 */
#include "io/proc.h"

#include <sys/prctl.h>
#include <sys/socket.h>

#include <errno.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/capability.h"

enum { DELAY_MIN_MS = 100, DELAY_MAX_MS = 10000, LIFE_LONG_MS = 30000 };

static void
reset_signals(void)
{
	static const int ignored[] = { SIGPIPE, SIGHUP, SIGINT, SIGTERM,
	    SIGUSR1, SIGUSR2 };
	sigset_t none;

	signal(SIGCHLD, SIG_DFL);
	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

pid_t
proc_fork(int *ret_channel)
{
	int fds[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    0, fds) < 0)
		return -errno;
	pid = fork();
	if (pid < 0) {
		int error = errno;

		close(fds[0]);
		close(fds[1]);
		return -error;
	}
	if (pid == 0)
		reset_signals();
	close(fds[pid == 0 ? 0 : 1]);
	*ret_channel = fds[pid == 0 ? 1 : 0];
	return pid;
}

union fd_room {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(sizeof(int))];
};

int
proc_send(int channel, const void *message, size_t len, int pass_fd)
{
	char copy[256];
	struct iovec iov = { .iov_base = copy, .iov_len = len };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	union fd_room room = { 0 };

	if (len > sizeof(copy))
		return -EMSGSIZE;
	memcpy(copy, message, len);
	if (pass_fd >= 0) {
		struct cmsghdr *c;

		msg.msg_control = room.bytes;
		msg.msg_controllen = sizeof(room.bytes);
		c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &pass_fd, sizeof(int));
	}
	if (sendmsg(channel, &msg, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		return -errno;
	return 0;
}

/*
 * The only one, or -1 for none.  There is room for two, by alignment: both
 * are closed then, and it is false.
 */
static bool
take_fd(struct msghdr *msg, int *ret_fd)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(msg);
	size_t count = 0;

	*ret_fd = -1;
	if (c != NULL && c->cmsg_level == SOL_SOCKET &&
	    c->cmsg_type == SCM_RIGHTS)
		count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	for (size_t i = 0; i < count; i++) {
		memcpy(ret_fd, CMSG_DATA(c) + i * sizeof(int), sizeof(int));
		if (count > 1)
			close(*ret_fd);
	}
	if (count > 1)
		*ret_fd = -1;
	return count <= 1;
}

int
proc_recv(int channel, void *ret_message, size_t len, int *ret_fd)
{
	struct iovec iov = { .iov_base = ret_message, .iov_len = len };
	union fd_room room = { 0 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1,
	    .msg_control = room.bytes, .msg_controllen = sizeof(room.bytes) };
	ssize_t n = recvmsg(channel, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	bool good;

	*ret_fd = -1;
	if (n < 0)
		return errno == ECONNRESET ? 0 : -errno;
	if (n == 0)
		return 0;
	good = take_fd(&msg, ret_fd);
	if (good && (size_t)n == len && (msg.msg_flags & MSG_TRUNC) == 0)
		return 1;
	if (*ret_fd >= 0)
		close(*ret_fd);
	*ret_fd = -1;
	return -EBADMSG;
}

int
proc_end_with(int channel)
{
	struct pollfd gone = { .fd = channel, .events = POLLRDHUP };

	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
		return -errno;
	/* What it ended with before that call comes no more. */
	return poll(&gone, 1, 0) == 0 ? 0 : -EPIPE;
}

int
proc_find_user(const char *name, struct proc_user *ret_user)
{
	const struct passwd *pw = getpwnam(name);

	if (pw == NULL)
		return -1;
	*ret_user = (struct proc_user){ name, pw->pw_uid, pw->pw_gid };
	return 0;
}

int
proc_find_group(const char *name, uint32_t *ret_gid)
{
	const struct group *group = getgrnam(name);

	if (group == NULL)
		return -1;
	*ret_gid = group->gr_gid;
	return 0;
}

int
proc_become(const struct proc_user *user)
{
	/* Only who has CAP_SETPCAP can, and else has little to lose. */
	(void)capability_bound(0);
	if (initgroups(user->name, user->gid) < 0 ||
	    setresgid(user->gid, user->gid, user->gid) < 0 ||
	    setresuid(user->uid, user->uid, user->uid) < 0)
		return -errno;
	/* The way back must be gone. */
	if (user->uid != 0 && setresuid(0, 0, 0) == 0)
		return -EPERM;
	return 0;
}

int
proc_pretend(const struct proc_user *user)
{
	int error;

	if (user == NULL)
		return 0;
	if (initgroups(user->name, user->gid) < 0)
		return -errno;
	if (setegid(user->gid) == 0 && seteuid(user->uid) == 0)
		return 0;
	error = -errno;
	proc_pretend_end(user);
	return error;
}

void
proc_pretend_end(const struct proc_user *user)
{
	/* Not those groups either, that root may have had: it needs none. */
	if (user != NULL && (seteuid(0) < 0 || setegid(0) < 0 ||
	    setgroups(0, NULL) < 0))
		abort();
}

int64_t
proc_backoff_next(struct proc_backoff *backoff, int64_t lived_ms)
{
	if (backoff->delay_ms == 0 || lived_ms >= LIFE_LONG_MS)
		backoff->delay_ms = DELAY_MIN_MS;
	else if (backoff->delay_ms < DELAY_MAX_MS / 2)
		backoff->delay_ms *= 2;
	else
		backoff->delay_ms = DELAY_MAX_MS;
	return backoff->delay_ms;
}
