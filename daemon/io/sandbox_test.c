/* SPDX-License-Identifier: ISC */
/*
 * Each case is a process of its own, which enters a sandbox and tries one
 * thing: it can, it is refused, or it doesn't outlive it.  What this machine
 * has no means against is skipped.
 */
#include "io/sandbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "io/sandbox_private.h"
#include "io/sandbox_program.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

enum { FINE, REFUSED, KILLED };

/* The folders of the tests of places, removed at the end. */
static struct {
	char root[64], in[80], out[80];
} folders;

static int
result(long answer)
{
	if (answer >= 0)
		return FINE;
	if (errno == EPERM || errno == ENOSYS || errno == EACCES)
		return REFUSED;
	fprintf(stderr, "# unexpected: %s\n", strerror(errno));
	return 99;
}

/* ---- what is tried ---- */

static int
try_open(void)
{
	return result(open("/etc/passwd", O_RDONLY | O_CLOEXEC));
}

static int
try_change(void)
{
	int answer = unlink("/nowhere/file");

	return errno == ENOENT ? FINE : result(answer);
}

static int
try_accept(void)
{
	int answer = accept(0, NULL, NULL);

	return answer < 0 && errno == ENOTSOCK ? FINE : result(answer);
}

static int
try_socket(void)
{
	return result(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

static int
try_datagrams(void)
{
	return result(socket(AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK, 0));
}

static int
try_raw(void)
{
	return result(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
}

static int
try_netlink(void)
{
	return result(socket(AF_NETLINK, SOCK_DGRAM, 0));
}

static int
try_unix(void)
{
	return result(socket(AF_UNIX, SOCK_STREAM, 0));
}

static int
try_syslog(void)
{
	return result(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
}

static int
try_bind(void)
{
	const struct sockaddr_in any = { .sin_family = AF_INET };

	errno = 0;
	return bind(0, (const struct sockaddr *)&any, sizeof(any)) < 0 &&
	    errno == ENOTSOCK ? FINE : result(-1);
}

static void *
nothing(void *arg)
{
	return arg;
}

static int
try_thread(void)
{
	pthread_t thread;
	int error = pthread_create(&thread, NULL, nothing, NULL);

	if (error == 0)
		error = pthread_join(thread, NULL);
	errno = error;
	return result(error != 0 ? -1 : 0);
}

static int
try_fork(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return result(pid > 0 ? waitpid(pid, NULL, 0) : pid);
}

static int
try_new_user(void)
{
	return result(syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0,
	    0));
}

static int
try_kill(void)
{
	return result(kill(getppid(), 0));
}

/* Programs that are found by the tests of places. */
static int
try_exec(void)
{
	char name[] = "true", *const argv[] = { name, NULL };

	return result(execve("/bin/true", argv, environ));
}

static int
try_code(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return result(p == MAP_FAILED ? -1 : 0);
}

static int
try_code_later(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return result(mprotect(p, 4096, PROT_READ | PROT_EXEC));
}

static int
try_memory(void)
{
	size_t len = 8 << 20;
	char *p = mem_new(len, 1);

	memset(p, 1, len);
	free(p);
	return FINE;
}

static int
try_ioctl(void)
{
	char c = 'x';

	/* To type into the terminal of whoever started us. */
	return result(ioctl(0, TIOCSTI, &c));
}

static int
try_become(void)
{
	return result(setresuid(getuid(), getuid(), getuid()));
}

static int
try_abort(void)
{
	signal(SIGABRT, SIG_IGN);
	return result(raise(SIGABRT));
}

static int
try_limits(void)
{
	struct rlimit limit;

	return result(getrlimit(RLIMIT_NOFILE, &limit));
}

static int
try_unknown(void)
{
	return syscall(2000) < 0 && errno == ENOSYS ? FINE : 99;
}

static int
try_io_uring(void)
{
	return result(syscall(SYS_io_uring_setup, 1, NULL));
}

static int
try_time(void)
{
	const struct timespec little = { 0, 1000 };

	return result(nanosleep(&little, NULL));
}

static int
try_ptrace(void)
{
	return result(ptrace(PTRACE_ATTACH, getppid(), NULL, NULL));
}

static int
try_read_memory(void)
{
	return result(syscall(SYS_process_vm_readv, getppid(), NULL, 0, NULL,
	    0, 0));
}

static int
try_mount(void)
{
	return result(syscall(SYS_mount, "none", "/tmp", "tmpfs", 0, NULL));
}

static int
try_bpf(void)
{
	return result(syscall(SYS_bpf, 0, NULL, 0));
}

static int
try_unshare(void)
{
	return result(unshare(CLONE_NEWUSER));
}

static int
try_keyring(void)
{
	return result(syscall(SYS_keyctl, 0, 0, 0, 0, 0));
}

static const struct call_case {
	const char *name;
	int (*attempt)(void);
	unsigned allowed_by;	/* one group; 0: none */
	int otherwise;
} call_cases[] = {
	{ "open", try_open, SANDBOX_OPEN, REFUSED },
	{ "change", try_change, SANDBOX_CHANGE, REFUSED },
	{ "accept", try_accept, SANDBOX_ACCEPT, REFUSED },
	{ "socket", try_socket, SANDBOX_CONNECT, REFUSED },
	{ "datagrams", try_datagrams, SANDBOX_CONNECT, REFUSED },
	{ "syslog", try_syslog, SANDBOX_SYSLOG, REFUSED },
	{ "raw socket", try_raw, 0, REFUSED },
	{ "netlink", try_netlink, 0, REFUSED },
	{ "unix stream", try_unix, 0, REFUSED },
	{ "bind", try_bind, SANDBOX_MANAGE, REFUSED },
	{ "thread", try_thread, SANDBOX_THREAD, REFUSED },
	{ "fork", try_fork, SANDBOX_FORK, REFUSED },
	{ "new user", try_new_user, 0, REFUSED },
	{ "kill", try_kill, SANDBOX_FORK, REFUSED },
	{ "exec", try_exec, SANDBOX_EXEC, KILLED },
	{ "code", try_code, SANDBOX_EXEC, REFUSED },
	{ "code later", try_code_later, SANDBOX_EXEC, REFUSED },
	{ "ioctl", try_ioctl, 0, REFUSED },
	{ "become", try_become, SANDBOX_MANAGE, KILLED },
	{ "io_uring", try_io_uring, 0, REFUSED },
	{ "ptrace", try_ptrace, 0, KILLED },
	{ "another's memory", try_read_memory, 0, KILLED },
	{ "mount", try_mount, 0, KILLED },
	{ "bpf", try_bpf, 0, KILLED },
	{ "unshare", try_unshare, 0, KILLED },
	{ "keyring", try_keyring, 0, KILLED },
};

/* Everybody has these. */
static const struct call_case basic_cases[] = {
	{ "memory", try_memory, 0, FINE },
	{ "abort", try_abort, 0, FINE },
	{ "limits", try_limits, 0, FINE },
	{ "unknown", try_unknown, 0, FINE },
	{ "time", try_time, 0, FINE },
};

enum { ALL = SANDBOX_OPEN | SANDBOX_CHANGE | SANDBOX_ACCEPT |
	SANDBOX_CONNECT | SANDBOX_SYSLOG | SANDBOX_THREAD | SANDBOX_FORK |
	SANDBOX_EXEC };

/* ---- the processes ---- */

/* What became of `attempt` there; its own end of the log is `fd`. */
static int
run(struct sandbox *s, int (*attempt)(void), int log)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		if (log >= 0)
			(void)dup2(log, STDERR_FILENO);
		if (sandbox_enter(s, 0) < 0)
			_exit(98);
		_exit(attempt());
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	sandbox_free(s);
	if (WIFSIGNALED(status))
		return WTERMSIG(status) == SIGSYS ? KILLED : 97;
	return WEXITSTATUS(status);
}

static void
expect(const struct call_case *c, unsigned calls, int expected)
{
	struct sandbox *s = sandbox_new(calls);
	int got;

	sandbox_allow_anywhere(s);
	got = run(s, c->attempt, -1);
	if (got != expected)
		fail_msg("%s with %x: %d instead of %d", c->name, calls, got,
		    expected);
}

static void
need_calls(void)
{
	if (!sandbox_has_calls())
		skip();
}

static void
need_places(void)
{
	if (sandbox_places_version() == 0)
		skip();
}

static void
test_calls(void **state)
{
	(void)state;
	need_calls();
	for (size_t i = 0; i < COUNT(call_cases); i++) {
		const struct call_case *c = &call_cases[i];

		expect(c, 0, c->otherwise);
		/* Of the others, none brings it along. */
		expect(c, ALL & ~c->allowed_by, c->otherwise);
		if (c->allowed_by != 0)
			expect(c, c->allowed_by | SANDBOX_OPEN, FINE);
	}
	for (size_t i = 0; i < COUNT(basic_cases); i++)
		expect(&basic_cases[i], 0, FINE);
}

static void
test_the_forbidden_is_logged(void **state)
{
	char line[256] = "", wanted[64];
	int fds[2];

	(void)state;
	need_calls();
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(run(sandbox_new(0), try_ptrace, fds[1]), KILLED);
	close(fds[1]);
	assert_true(read(fds[0], line, sizeof(line) - 1) > 0);
	close(fds[0]);
	snprintf(wanted, sizeof(wanted), "forbidden_call number=%d "
	    "name=ptrace\n", (int)SYS_ptrace);
	assert_non_null(strstr(line, wanted));
}

/* ---- places ---- */

static int
try_file(const char *folder, const char *name, int flags)
{
	char *path = mem_printf("%s/%s", folder, name);
	int answer = open(path, flags | O_CLOEXEC, 0600), ret;

	ret = answer < 0 && (errno == ENOENT || errno == EEXIST) ? FINE :
	    result(answer);
	if (answer >= 0)
		(void)close(answer);
	free(path);
	return ret;
}

static int
try_read_in(void)
{
	return try_file(folders.in, "old", O_RDONLY);
}

static int
try_write_in(void)
{
	return try_file(folders.in, "old", O_RDWR | O_TRUNC);
}

static int
try_read_out(void)
{
	return try_file(folders.out, "old", O_RDONLY);
}

static int
try_write_out(void)
{
	return try_file(folders.out, "old", O_WRONLY);
}

static int
try_make_out(void)
{
	return try_file(folders.out, "new", O_WRONLY | O_CREAT);
}

static int
try_link_out(void)
{
	return try_file(folders.in, "link", O_RDONLY);
}

/* As a maildir does: made in one folder, moved to another, removed. */
static int
try_life_in(void)
{
	char *tmp = mem_printf("%s/tmp", folders.in);
	char *made = mem_printf("%s/mail", tmp);
	char *moved = mem_printf("%s/mail", folders.in);
	int fd = -1, ret = FINE;

	if ((mkdir(tmp, 0700) < 0 && errno != EEXIST) ||
	    (fd = open(made, O_WRONLY | O_CREAT | O_CLOEXEC, 0600)) < 0 ||
	    fsync(fd) < 0 || rename(made, moved) < 0 || unlink(moved) < 0)
		ret = result(-1);
	if (fd >= 0)
		(void)close(fd);
	free(tmp);
	free(made);
	free(moved);
	return ret;
}

static int
try_take_out(void)
{
	char *from = mem_printf("%s/old", folders.in);
	char *to = mem_printf("%s/taken", folders.out);
	int answer = rename(from, to);

	free(from);
	free(to);
	return answer < 0 && errno == EXDEV ? REFUSED : result(answer);
}

static int
try_secrets(void)
{
	return try_file("/etc", "passwd", O_RDONLY);
}

static int
try_memory_of_parent(void)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/mem", (int)getppid());
	return result(open(path, O_RDWR));
}

static int
try_kill_parent(void)
{
	return result(kill(getppid(), 0));
}

static const struct {
	int (*attempt)(void);
	int expected;
	int version;		/* of Landlock that can refuse it */
} place_cases[] = {
	{ try_read_in, FINE, 0 },
	{ try_life_in, FINE, 0 },
	{ try_write_in, FINE, 0 },
	{ try_read_out, REFUSED, 0 },
	{ try_write_out, REFUSED, 0 },
	{ try_make_out, REFUSED, 0 },
	{ try_link_out, REFUSED, 0 },
	{ try_take_out, REFUSED, 0 },
	{ try_secrets, REFUSED, 0 },
	{ try_memory_of_parent, REFUSED, 0 },
	{ try_exec, REFUSED, 0 },
	{ try_kill_parent, REFUSED, 6 },
};

/* With every call, so that it is the places alone that refuse. */
static struct sandbox *
one_folder(void)
{
	struct sandbox *s = sandbox_new(ALL | SANDBOX_MANAGE);

	sandbox_allow_path(s, folders.in, SANDBOX_WRITE);
	sandbox_allow_path(s, "/nowhere/at/all", SANDBOX_WRITE);
	return s;
}

static void
test_places(void **state)
{
	(void)state;
	need_places();
	if (SANDBOX_SANITIZED)
		skip();		/* it may read what it likes */
	for (size_t i = 0; i < COUNT(place_cases); i++) {
		int got;

		if (sandbox_places_version() < place_cases[i].version)
			continue;
		got = run(one_folder(), place_cases[i].attempt, -1);
		if (got != place_cases[i].expected)
			fail_msg("case %zu: %d instead of %d", i, got,
			    place_cases[i].expected);
	}
}

static void
test_a_sanitized_build_writes_only_there(void **state)
{
	(void)state;
	need_places();
	assert_int_equal(run(one_folder(), try_life_in, -1), FINE);
	assert_int_equal(run(one_folder(), try_write_out, -1), REFUSED);
	assert_int_equal(run(one_folder(), try_make_out, -1), REFUSED);
	assert_int_equal(run(one_folder(), try_take_out, -1), REFUSED);
}

/* Without it the process would fail at its work for as long as it lives. */
static void
test_a_place_that_cannot_be_had_is_an_error(void **state)
{
	pid_t pid;
	int status;

	(void)state;
	need_places();
	pid = fork();
	if (pid == 0) {
		rlim_t next = (rlim_t)dup(STDERR_FILENO);
		const struct rlimit one_more = { next + 1, next + 1 };

		close((int)next);
		if (setrlimit(RLIMIT_NOFILE, &one_more) < 0)
			_exit(97);
		_exit(sandbox_enter(one_folder(), 0) == -EMFILE ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* A program of a folder that may run, with its libraries; and no other. */
static void
test_programs(void **state)
{
	struct sandbox *s;

	(void)state;
	need_places();
	if (SANDBOX_SANITIZED)
		skip();		/* its runtime looks at files of its own */
	s = one_folder();
	sandbox_program_allow(s, "/bin/true");
	assert_int_equal(run(s, try_exec, -1), FINE);
	s = one_folder();
	sandbox_program_allow(s, "/nowhere/true");
	assert_int_equal(run(s, try_exec, -1), REFUSED);
}

/* ---- ports ---- */

static uint16_t listening;

static int
try_connect(void)
{
	const struct sockaddr_in there = { .sin_family = AF_INET,
		.sin_port = listening,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	return result(connect(fd, (const struct sockaddr *)&there,
	    sizeof(there)));
}

static void
test_ports(void **state)
{
	struct sockaddr_in here = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(here);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	struct sandbox *s;

	(void)state;
	if (sandbox_places_version() < 4)
		skip();
	assert_int_equal(bind(fd, (struct sockaddr *)&here, len), 0);
	assert_int_equal(listen(fd, 4), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&here, &len), 0);
	listening = here.sin_port;
	s = sandbox_new(SANDBOX_CONNECT);
	sandbox_allow_port(s, ntohs(listening));
	assert_int_equal(run(s, try_connect, -1), FINE);
	s = sandbox_new(SANDBOX_CONNECT);
	sandbox_allow_port(s, ntohs(listening) == 53 ? 54 : 53);
	assert_int_equal(run(s, try_connect, -1), REFUSED);
	close(fd);
}

/* ---- the rest ---- */

static int
tell_status(void)
{
	static const char *const wanted[] = { "NoNewPrivs:\t1",
		"CapPrm:\t0000000000000000", "CapEff:\t0000000000000000" };
	char text[8192] = "";
	FILE *f = fopen("/proc/self/status", "r");
	size_t len = f != NULL ? fread(text, 1, sizeof(text) - 1, f) : 0;
	struct rlimit core, processes;

	if (f != NULL)
		(void)fclose(f);
	for (size_t i = 0; i < COUNT(wanted); i++) {
		if (len == 0 || strstr(text, wanted[i]) == NULL)
			return 20 + (int)i;
	}
	if (getrlimit(RLIMIT_CORE, &core) < 0 || core.rlim_max != 0)
		return 30;
	if (!SANDBOX_SANITIZED && (prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0 ||
	    getrlimit(RLIMIT_NPROC, &processes) < 0 ||
	    processes.rlim_max != 0))
		return 31;
	return FINE;
}

static void
test_what_everybody_gives_up(void **state)
{
	struct sandbox *s = sandbox_new(SANDBOX_OPEN | SANDBOX_MANAGE);

	(void)state;
	sandbox_allow_anywhere(s);
	assert_int_equal(run(s, tell_status, -1), FINE);
}

static void
test_description(void **state)
{
	struct buf text = { 0 };
	bool all = sandbox_describe(&text);

	(void)state;
	assert_true(text.len > 0);
	assert_int_equal(all, sandbox_has_calls() &&
	    sandbox_places_version() > 0);
	assert_int_equal(strstr(buf_str(&text), "seccomp") != NULL,
	    sandbox_has_calls());
	assert_int_equal(strstr(buf_str(&text), "landlock-") != NULL,
	    sandbox_places_version() > 0);
	buf_fini(&text);
}

static void
make_file(const char *folder, const char *name)
{
	char *path = mem_printf("%s/%s", folder, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	close(fd);
	free(path);
}

static int
make_folders(void **state)
{
	char *link, *old;

	(void)state;
	snprintf(folders.root, sizeof(folders.root), "/tmp/sandbox.XXXXXX");
	if (mkdtemp(folders.root) == NULL)
		return -1;
	snprintf(folders.in, sizeof(folders.in), "%s/in", folders.root);
	snprintf(folders.out, sizeof(folders.out), "%s/out", folders.root);
	if (mkdir(folders.in, 0700) < 0 || mkdir(folders.out, 0700) < 0)
		return -1;
	make_file(folders.in, "old");
	make_file(folders.out, "old");
	link = mem_printf("%s/link", folders.in);
	old = mem_printf("%s/old", folders.out);
	if (symlink(old, link) < 0)
		return -1;
	free(link);
	free(old);
	return 0;
}

static int
remove_folders(void **state)
{
	static const char *const names[] = { "in/old", "in/link", "in/mail",
		"in/tmp/mail", "in/tmp", "in", "out/old", "out/new",
		"out/taken", "out", "" };

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		char *path = mem_printf("%s/%s", folders.root, names[i]);

		(void)remove(path);
		free(path);
	}
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_calls),
		cmocka_unit_test(test_the_forbidden_is_logged),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_a_sanitized_build_writes_only_there),
		cmocka_unit_test(test_a_place_that_cannot_be_had_is_an_error),
		cmocka_unit_test(test_programs),
		cmocka_unit_test(test_ports),
		cmocka_unit_test(test_what_everybody_gives_up),
		cmocka_unit_test(test_description),
	};

	(void)log_open("stderr", "test", LOG_LEVEL_ERROR);
	return cmocka_run_group_tests(tests, make_folders, remove_folders);
}
