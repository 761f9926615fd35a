/* SPDX-License-Identifier: ISC */
/*
 * seccomp by libseccomp: the names of the calls in each group, and what
 * becomes of all others.
 *
 * A call that is known here and isn't allowed fails with EPERM, and what
 * nobody here has heard of with ENOSYS: the next libc may try a newer call
 * first, which must not kill a service that ran well before, and it falls
 * back on the older one only if it is told that there is no such call.  What
 * no honest program of ours ever tries is no accident: it ends the process.
 * But not one that looks users up: the system's modules for that, which are
 * loaded into it, may try anything.
 *
 * The names are those of machines with 64 bits; others do without.
 */
#include "io/sandbox_private.h"

#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/seccomp.h>
#include <seccomp.h>

#include "base/log.h"

/* What becomes of a call that isn't allowed; of the last, conditions tell. */
enum { REFUSED, FATAL, CONDITIONS };
/* Nobody's bit; everybody's is 0. */
enum { NOBODY = 1 << 30 };

/* Work with what is open, with memory, time and signals of one's own. */
static const char *const basic[] = {
	"read", "readv", "write", "writev", "pread64", "preadv", "lseek",
	"close", "dup", "fcntl", "fstat", "newfstatat", "statx",
	"poll", "ppoll", "select", "pselect6", "epoll_create1", "epoll_ctl",
	"epoll_wait", "epoll_pwait", "epoll_pwait2", "eventfd2", "pipe2",
	"timerfd_create", "timerfd_settime", "timerfd_gettime",
	"recvfrom", "recvmsg", "recvmmsg", "sendto", "sendmsg", "sendmmsg",
	"shutdown", "getsockopt", "setsockopt", "getsockname", "getpeername",
	"brk", "munmap", "mremap", "madvise", "futex", "futex_waitv",
	"membarrier", "sched_yield", "sched_getaffinity", "set_robust_list",
	"rseq", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn",
	"rt_sigtimedwait", "sigaltstack", "restart_syscall",
	"getpid", "gettid", "getppid", "getuid", "geteuid", "getgid",
	"getegid", "getresuid", "getresgid", "getgroups", "uname", "sysinfo",
	"getrusage", "getrlimit", "times",
	"clock_gettime", "clock_getres", "clock_nanosleep", "nanosleep",
	"gettimeofday", "time", "setitimer", "getitimer", "getrandom",
	"exit", "exit_group", NULL
};

static const char *const to_open[] = {
	"open", "openat", "openat2", "access", "faccessat", "faccessat2",
	"stat", "lstat", "readlink", "readlinkat", "getdents64", "getcwd",
	"statfs", "fstatfs", "fadvise64", NULL
};

static const char *const to_change[] = {
	"mkdir", "mkdirat", "rename", "renameat", "renameat2", "unlink",
	"unlinkat", "fsync", "fdatasync", "ftruncate", "fallocate", "flock",
	"pwrite64", "pwritev", "msync", "sync_file_range", NULL
};

static const char *const to_accept[] = { "accept", "accept4", NULL };
static const char *const to_connect[] = { "connect", NULL };
static const char *const to_fork[] = {
	"vfork", "kill", "wait4", "waitid", "socketpair", "dup2", "dup3",
	"setsid", "setpgid", "close_range", NULL
};
static const char *const to_execute[] = { "execve", "execveat", NULL };
/* Of a program that starts, and then makes a sandbox of its own. */
static const char *const to_start[] = {
	"arch_prctl", "set_tid_address", "prctl", "seccomp", "capget",
	"capset", "setrlimit", "landlock_create_ruleset",
	"landlock_add_rule", "landlock_restrict_self", NULL
};
static const char *const to_map[] = {
	"mmap", "mprotect", "pkey_mprotect", "prlimit64", NULL
};

static const char *const to_become[] = {
	"setuid", "setgid", "setreuid", "setregid", "setresuid", "setresgid",
	"setgroups", "setfsuid", "setfsgid", NULL
};
/* What the parent of all does, for its children or before it is one. */
static const char *const to_manage[] = {
	"bind", "listen", "signalfd4", "link", "linkat", "chmod", "fchmod",
	"fchmodat", "chown", "lchown", "fchown", "fchownat", "umask",
	"memfd_create", NULL
};
static const char *const to_socket[] = { "socket", "ioctl", "tgkill", NULL };

/* The kernel itself, another's memory, other roots and name spaces. */
static const char *const hostile[] = {
	"ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd",
	"userfaultfd", "perf_event_open", "bpf", "init_module",
	"finit_module", "delete_module", "kexec_load", "kexec_file_load",
	"reboot", "syslog", "iopl", "ioperm", "modify_ldt", "mount",
	"umount2", "move_mount", "open_tree", "fsopen", "fsmount",
	"fsconfig", "fspick", "mount_setattr", "pivot_root", "chroot",
	"setns", "unshare", "swapon", "swapoff", "quotactl", "acct",
	"settimeofday", "clock_settime", "clock_adjtime", "adjtimex",
	"sethostname", "setdomainname", "add_key", "request_key", "keyctl",
	"open_by_handle_at", "mknod", "mknodat", "fanotify_init", "vhangup",
	NULL
};

static const struct {
	const char *const *names;
	unsigned groups;	/* any of them allows it; 0: always */
	int otherwise;
} tables[] = {
	{ basic, 0, REFUSED },
	{ to_open, SANDBOX_OPEN, REFUSED },
	{ to_change, SANDBOX_CHANGE, REFUSED },
	{ to_accept, SANDBOX_ACCEPT, REFUSED },
	{ to_connect, SANDBOX_CONNECT | SANDBOX_SYSLOG, REFUSED },
	{ to_fork, SANDBOX_FORK, REFUSED },
	{ to_execute, SANDBOX_EXEC, FATAL },
	{ to_start, SANDBOX_EXEC | SANDBOX_MANAGE, REFUSED },
	{ to_map, SANDBOX_EXEC | SANDBOX_MANAGE, CONDITIONS },
	{ to_become, SANDBOX_MANAGE, FATAL },
	{ to_manage, SANDBOX_MANAGE, REFUSED },
	{ to_socket, SANDBOX_MANAGE, CONDITIONS },
	{ hostile, NOBODY, FATAL },
};
enum { TABLE_COUNT = sizeof(tables) / sizeof(tables[0]) };

enum { NAMESPACES = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS |
	CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET };
/* Of socket's second argument: the kind, without flags. */
enum { KIND = 0xf };
#define WHOLE UINT32_MAX

/* Allowed if these bits of the arguments have these values. */
struct test {
	unsigned argument;
	uint64_t bits, value;	/* no bits: no test */
};
enum { TESTS = 2 };

static const struct {
	const char *name;
	unsigned groups;	/* any of them needs it; 0: all do */
	struct test tests[TESTS];
} conditions[] = {
	{ "ioctl", 0, { { 1, WHOLE, FIONREAD } } },
	{ "ioctl", 0, { { 1, WHOLE, FIONBIO } } },
	{ "ioctl", 0, { { 1, WHOLE, TCGETS } } },
	/* No code that isn't there already. */
	{ "mmap", 0, { { 2, PROT_EXEC, 0 } } },
	{ "mprotect", 0, { { 2, PROT_EXEC, 0 } } },
	{ "pkey_mprotect", 0, { { 2, PROT_EXEC, 0 } } },
	/* To ask for one's own limits. */
	{ "prlimit64", 0, { { 0, WHOLE, 0 }, { 2, UINT64_MAX, 0 } } },
	{ "clone", SANDBOX_THREAD, { { 0, NAMESPACES | CLONE_THREAD,
	    CLONE_THREAD } } },
	{ "clone", SANDBOX_FORK, { { 0, NAMESPACES | CLONE_THREAD, 0 } } },
	{ "tgkill", SANDBOX_FORK, { { 0 } } },
	{ "socket", SANDBOX_CONNECT, { { 0, WHOLE, AF_INET },
	    { 1, KIND, SOCK_STREAM } } },
	{ "socket", SANDBOX_CONNECT, { { 0, WHOLE, AF_INET },
	    { 1, KIND, SOCK_DGRAM } } },
	{ "socket", SANDBOX_CONNECT, { { 0, WHOLE, AF_INET6 },
	    { 1, KIND, SOCK_STREAM } } },
	{ "socket", SANDBOX_CONNECT, { { 0, WHOLE, AF_INET6 },
	    { 1, KIND, SOCK_DGRAM } } },
	{ "socket", SANDBOX_SYSLOG, { { 0, WHOLE, AF_UNIX },
	    { 1, KIND, SOCK_DGRAM } } },
};
enum { CONDITION_COUNT = sizeof(conditions) / sizeof(conditions[0]) };

/* Which of these calls there are depends on the machine. */
static int
add_rule(scmp_filter_ctx filter, const char *name, uint32_t action,
    const struct test *tests, size_t test_count)
{
	struct scmp_arg_cmp compare[TESTS];
	int number = seccomp_syscall_resolve_name(name), error;
	unsigned count = 0;

	if (number == __NR_SCMP_ERROR)
		return 0;
	for (size_t i = 0; i < test_count; i++) {
		if (tests[i].bits != 0)
			compare[count++] = (struct scmp_arg_cmp){
				.arg = tests[i].argument,
				.op = SCMP_CMP_MASKED_EQ,
				.datum_a = tests[i].bits,
				.datum_b = tests[i].value,
			};
	}
	error = seccomp_rule_add_array(filter, action, number, count,
	    compare);
	return error == -EDOM ? 0 : error;
}

static bool
is_granted(unsigned groups, unsigned calls)
{
	return groups == 0 || (groups & calls) != 0;
}

static int
add_table(scmp_filter_ctx filter, size_t i, unsigned calls)
{
	uint32_t action = SCMP_ACT_ALLOW;
	int error = 0;

	if (!is_granted(tables[i].groups, calls)) {
		if (tables[i].otherwise == CONDITIONS)
			return 0;
		action = tables[i].otherwise == FATAL &&
		    (calls & SANDBOX_MANAGE) == 0 ? SCMP_ACT_TRAP :
		    SCMP_ACT_ERRNO(EPERM);
	}
	for (size_t k = 0; tables[i].names[k] != NULL && error == 0; k++)
		error = add_rule(filter, tables[i].names[k], action, NULL, 0);
	return error;
}

/* Of one that is allowed anyway there is nothing to ask. */
static bool
is_free(const char *name, unsigned calls)
{
	for (size_t i = 0; i < TABLE_COUNT; i++) {
		if (tables[i].otherwise != CONDITIONS ||
		    !is_granted(tables[i].groups, calls))
			continue;
		for (size_t k = 0; tables[i].names[k] != NULL; k++) {
			if (strcmp(tables[i].names[k], name) == 0)
				return true;
		}
	}
	return false;
}

static int
add_conditions(scmp_filter_ctx filter, unsigned calls)
{
	/* abort(3) needs it. */
	const struct test myself = { 0, WHOLE, (uint32_t)getpid() };
	int error = 0;

	for (size_t i = 0; i < CONDITION_COUNT && error == 0; i++) {
		if (is_granted(conditions[i].groups, calls) &&
		    !is_free(conditions[i].name, calls))
			error = add_rule(filter, conditions[i].name,
			    SCMP_ACT_ALLOW, conditions[i].tests, TESTS);
	}
	if (error == 0 && !is_free("tgkill", calls) &&
	    (calls & SANDBOX_FORK) == 0)
		error = add_rule(filter, "tgkill", SCMP_ACT_ALLOW, &myself,
		    1);
	return error;
}

/*
 * The signal comes at the call itself, as if that had called this: unlike
 * others, it never comes in the middle of malloc(3).
 */
static void
on_forbidden(int number, siginfo_t *info, void *context)
{
	char *name = seccomp_syscall_resolve_num_arch(info->si_arch,
	    info->si_syscall);

	(void)context;
	log_error("forbidden_call", log_num("number", info->si_syscall),
	    log_str("name", name));
	free(name);
	(void)signal(number, SIG_DFL);
	(void)raise(number);
}

static int
watch(void)
{
	const struct sigaction action = { .sa_sigaction = on_forbidden,
		.sa_flags = SA_SIGINFO | SA_NODEFER };

	return sigaction(SIGSYS, &action, NULL) < 0 ? -errno : 0;
}

bool
sandbox_has_calls(void)
{
	const uint32_t action = SECCOMP_RET_TRAP;

	return !SANDBOX_SANITIZED && sizeof(long) == sizeof(int64_t) &&
	    syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

static int
fill(scmp_filter_ctx filter, unsigned calls)
{
	int error = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH,
	    SCMP_ACT_KILL_PROCESS);

	/* As a tree: what is called most isn't found last. */
	(void)seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	(void)seccomp_attr_set(filter, SCMP_FLTATR_API_SYSRAWRC, 1);
	for (size_t i = 0; i < TABLE_COUNT && error == 0; i++)
		error = add_table(filter, i, calls);
	return error != 0 ? error : add_conditions(filter, calls);
}

int
sandbox_limit_calls(unsigned calls)
{
	scmp_filter_ctx filter;
	int error;

	if (!sandbox_has_calls())
		return 0;
	filter = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
	if (filter == NULL)
		return -ENOMEM;
	error = fill(filter, calls);
	if (error == 0)
		error = watch();
	if (error == 0)
		error = seccomp_load(filter);
	seccomp_release(filter);
	return error;
}
