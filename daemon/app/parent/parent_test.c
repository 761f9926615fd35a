/* SPDX-License-Identifier: ISC */
/*
 * The parent with small fake children, which write what happens to them into
 * a pipe: start, connections, restarts, reloads, the order of stopping.
 */
#include "app/parent/parent.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <event2/event.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/parent/generation.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "io/files.h"

enum { WAIT_MS = 10000 };

/* Inherited by all of them: one line an event, written at once. */
static int story[2];

static void __attribute__((format(printf, 1, 2)))
tell(const char *fmt, ...)
{
	char line[128];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (write(story[1], line, (size_t)n) < 0)
		_exit(99);
}

struct fake {
	enum role role;
};

/* What the fakes do next: each a byte in memory that all of them share. */
enum { TRY_FAILS, TRY_CRASHES, LOAD_FAILS, ENGINE_REFUSES, WEB_FAILS,
	ENGINE_COPIES, ADMIN_COPIES, ENGINE_DROPS, COPIER_FAILS, COPIER_HANGS,
	SWITCHES };
static volatile char *switches;

static void
on_peer(struct child *child, enum role peer, unsigned index, int fd,
    void *arg)
{
	const struct fake *fake = arg;

	close(fd);
	tell("peer %s%u %s%u\n", role_name(fake->role), child_index(child),
	    role_name(peer), index);
}

static void
on_stop(struct child *child, void *arg)
{
	const struct fake *fake = arg;

	tell("stop %s%u\n", role_name(fake->role), child_index(child));
	child_exit(child, 0);
}

static void
on_leave(struct child *child, void *arg)
{
	const struct fake *fake = arg;

	tell("leave %s%u.%u\n", role_name(fake->role), child_index(child),
	    (unsigned)child_generation(child));
	child_exit(child, 0);
}

static void
on_load(struct child *child, const struct child_load *load, void *arg)
{
	(void)arg;
	tell("load admin.%u %u %s\n", (unsigned)child_generation(child),
	    (unsigned)load->answered, load->refused_at == 0 ? "good" :
	    load->why);
}

static void
on_settings(struct child *child, uint32_t generation, int fd, void *arg)
{
	char text[64] = "";

	(void)arg;
	(void)!pread(fd, text, sizeof(text) - 1, 0);
	close(fd);
	tell("settings %u %s\n", (unsigned)generation, text);
	child_took_settings(child, generation,
	    switches[ENGINE_REFUSES] == 0);
	switches[ENGINE_REFUSES] = 0;
}

static void
on_report(struct child *child, const struct child_report *report, void *arg)
{
	(void)child;
	(void)arg;
	tell("report %s%u %s\n", role_name(report->role), report->index,
	    report->pid > 0 ? "up" : "down");
}

static void
on_copied(struct child *child, enum copy_end end, bool own, void *arg)
{
	static const char *const ends[] = { [COPY_DONE] = "done",
	    [COPY_FAILED] = "failed", [COPY_BUSY] = "busy" };
	const struct fake *fake = arg;

	tell("copied %s.%u %s %s\n", role_name(fake->role),
	    (unsigned)child_generation(child), own ? "own" : "other",
	    ends[end]);
}

/* The copy goes into the story. */
static void
look_whether_to_copy(evutil_socket_t fd, short what, void *arg)
{
	struct child *child = arg;
	int which = child_secret_fd(child) >= 0 ? ENGINE_COPIES :
	    ADMIN_COPIES;

	(void)fd;
	(void)what;
	if (which == ENGINE_COPIES && switches[ENGINE_DROPS] != 0) {
		switches[ENGINE_DROPS]--;
		child_drop_copy(child);
	}
	if (switches[which] == 0)
		return;
	switches[which]--;
	child_ask_copy(child, story[1]);
}

static int
run_fake(struct child *child, struct fake fake)
{
	static const struct timeval often = { 0, 10000 };
	struct event *look = event_new(child_base(child), -1, EV_PERSIST,
	    look_whether_to_copy, child);
	static const struct child_callbacks callbacks = {
		.on_peer = on_peer,
		.on_stop = on_stop,
		.on_leave = on_leave,
		.on_report = on_report,
		.on_load = on_load,
		.on_settings = on_settings,
		.on_copied = on_copied,
	};
	int status;

	if (fake.role == ROLE_ENGINE || fake.role == ROLE_ADMIN)
		event_add(look, &often);
	tell("start %s%u %d\n", role_name(fake.role), child_index(child),
	    (int)getpid());
	tell("begin %s%u.%u\n", role_name(fake.role), child_index(child),
	    (unsigned)child_generation(child));
	child_ready(child);
	status = child_run(child, &callbacks, &fake);
	event_free(look);
	tell("end %s%u %d\n", role_name(fake.role), child_index(child),
	    status);
	return status;
}

static int
fake_engine(struct child *child)
{
	tell("secret engine0 %d\n", child_secret_fd(child) >= 0);
	return run_fake(child, (struct fake){ ROLE_ENGINE });
}

static int
fake_mailer(struct child *child)
{
	tell("secret mailer0 %d\n", child_secret_fd(child) >= 0 ||
	    child_listener_count(child) > 0);
	return run_fake(child, (struct fake){ ROLE_MAILER });
}

static int
fake_admin(struct child *child)
{
	return run_fake(child, (struct fake){ ROLE_ADMIN });
}

static int
fake_copier(struct child *child)
{
	if (child_enter(child) < 0)
		return 2;
	tell("start copier0 %d\n", (int)getpid());
	tell("holds copier0 %d\n", child_secret_fd(child) >= 0 ||
	    child_password_fd(child) >= 0 || child_listener_count(child) > 0);
	dprintf(child_copy_fd(child), "a copy\n");
	while (switches[COPIER_HANGS] != 0)
		pause();
	return switches[COPIER_FAILS] != 0;
}

static int
fake_web(struct child *child)
{
	if (switches[WEB_FAILS] != 0 && child_index(child) == 1)
		return 3;
	return run_fake(child, (struct fake){ ROLE_WEB });
}

static int
failing_engine(struct child *child)
{
	(void)child;
	return 1;
}

static int
keep(const char *text)
{
	int fd = files_memory();

	assert_true(fd >= 0);
	assert_int_equal(files_write_fd(fd, slice_str(text)), 0);
	return fd;
}

static struct generation *
make_generation(int kept)
{
	struct generation *g = generation_new();

	g->kept = kept;
	g->web_processes = 2;
	g->log_level = LOG_LEVEL_ERROR + 1;
	return g;
}

static int
try(const void *arg, int fd)
{
	(void)arg;
	tell("try\n");
	if (switches[TRY_CRASHES] != 0)
		raise(SIGKILL);
	(void)files_write_fd(fd, slice_str(switches[TRY_FAILS] != 0 ?
	    "x.conf:1: no" : "two"));
	return switches[TRY_FAILS] != 0;
}

static struct generation *
load(const void *arg, int fd, const struct generation *former,
    struct buf *error)
{
	(void)arg;
	(void)former;
	if (switches[LOAD_FAILS] == 0)
		return make_generation(fd);
	close(fd);
	buf_add_str(error, "x.conf:2: taken");
	return NULL;
}

/* Runs a parent in a process of its own. */
static pid_t
run_parent(int (*engine)(struct child *))
{
	int (*const mains[])(struct child *) = {
		[ROLE_ENGINE] = engine, [ROLE_COPIER] = fake_copier,
		[ROLE_MAILER] = fake_mailer, [ROLE_ADMIN] = fake_admin,
		[ROLE_WEB] = fake_web };
	const struct parent_source source = { .try = try, .load = load,
		.path = "x.conf" };
	const struct parent_setup setup = {
		.secret = open("/dev/null", O_RDONLY),
		.first = make_generation(keep("one")),
		.source = &source, .mains = mains };
	pid_t pid;

	assert_int_equal(pipe(story), 0);
	memset((char *)(uintptr_t)switches, 0, SWITCHES);
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		close(story[0]);
		_exit(parent_run(&setup));
	}
	close(setup.secret);
	generation_free(setup.first);
	close(story[1]);
	return pid;
}

/* The whole story so far, until it holds `text`. */
static const char *
wait_for(char *told, size_t size, const char *text)
{
	int64_t end = clock_monotonic_ms() + WAIT_MS;
	size_t len = strlen(told);
	char *at;

	while ((at = strstr(told, text)) == NULL) {
		struct pollfd wait = { .fd = story[0], .events = POLLIN };
		ssize_t n = 0;

		if (poll(&wait, 1, (int)(end - clock_monotonic_ms())) != 1 ||
		    (n = read(story[0], told + len, size - len - 1)) <= 0)
			fail_msg("no \"%s\" in:\n%s", text, told);
		len += (size_t)n;
		told[len] = '\0';
	}
	return at;
}

static int
exit_status(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	close(story[0]);
	return WEXITSTATUS(status);
}

static pid_t
pid_of(char *told, size_t size, const char *name)
{
	char start[64];
	const char *at;
	int pid = 0;

	snprintf(start, sizeof(start), "start %s ", name);
	at = wait_for(told, size, start);
	wait_for(told, size, "\n");
	assert_int_equal(sscanf(at + strlen(start), "%d", &pid), 1);
	return pid;
}

static void
wait_all_up(char *told, size_t size)
{
	static const char *const lines[] = { "start engine0", "start mailer0",
	    "start admin0", "start web0", "start web1", "peer engine0 web1",
	    "peer web0 engine0", "peer web1 engine0", "peer mailer0 engine0",
	    "peer admin0 engine0", "report web1 up" };

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		wait_for(told, size, lines[i]);
}

static void
test_order_of_stopping(void **state)
{
	char told[8192] = "";
	pid_t pid = run_parent(fake_engine);
	const char *mailer, *engine;

	(void)state;
	wait_all_up(told, sizeof(told));
	assert_int_equal(kill(pid, SIGTERM), 0);
	wait_for(told, sizeof(told), "end engine0 0");
	mailer = wait_for(told, sizeof(told), "stop mailer0");
	engine = wait_for(told, sizeof(told), "stop engine0");
	assert_true(wait_for(told, sizeof(told), "end web0 0") < mailer);
	assert_true(wait_for(told, sizeof(told), "end web1 0") < mailer);
	assert_true(wait_for(told, sizeof(told), "end admin0 0") < mailer);
	assert_true(wait_for(told, sizeof(told), "end mailer0 0") < engine);
	/* The secret is the engine's alone. */
	assert_non_null(strstr(told, "secret engine0 1\n"));
	assert_non_null(strstr(told, "secret mailer0 0\n"));
	assert_int_equal(exit_status(pid), 0);
}

static void
test_restarts(void **state)
{
	char told[8192] = "";
	pid_t pid = run_parent(fake_engine);
	pid_t engine, web;

	(void)state;
	wait_all_up(told, sizeof(told));
	engine = pid_of(told, sizeof(told), "engine0");
	web = pid_of(told, sizeof(told), "web1");
	told[0] = '\0';
	/* A web process: itself and the engine get new ends. */
	assert_int_equal(kill(web, SIGKILL), 0);
	wait_for(told, sizeof(told), "report web1 down");
	wait_for(told, sizeof(told), "start web1");
	wait_for(told, sizeof(told), "report web1 up");
	wait_for(told, sizeof(told), "peer engine0 web1");
	wait_for(told, sizeof(told), "peer web1 engine0");
	assert_null(strstr(told, "start engine0"));
	told[0] = '\0';
	/* The engine: all of them do. */
	assert_int_equal(kill(engine, SIGKILL), 0);
	wait_for(told, sizeof(told), "start engine0");
	wait_for(told, sizeof(told), "peer web0 engine0");
	wait_for(told, sizeof(told), "peer web1 engine0");
	wait_for(told, sizeof(told), "peer admin0 engine0");
	wait_for(told, sizeof(told), "peer mailer0 engine0");
	wait_for(told, sizeof(told), "peer engine0 mailer0");
	assert_int_equal(kill(pid, SIGINT), 0);
	assert_int_equal(exit_status(pid), 0);
}

static void
test_killed_parent(void **state)
{
	char told[8192] = "";
	pid_t pid = run_parent(fake_engine);
	int status;

	(void)state;
	wait_all_up(told, sizeof(told));
	assert_int_equal(kill(pid, SIGKILL), 0);
	wait_for(told, sizeof(told), "end engine0 1");
	wait_for(told, sizeof(told), "end mailer0 1");
	wait_for(told, sizeof(told), "end admin0 1");
	wait_for(told, sizeof(told), "end web0 1");
	wait_for(told, sizeof(told), "end web1 1");
	assert_int_equal(waitpid(pid, &status, 0), pid);
	close(story[0]);
}

static void
test_failed_start(void **state)
{
	pid_t pid = run_parent(failing_engine);

	(void)state;
	assert_int_equal(exit_status(pid), 1);
}

/* All that starts with a reload, and all that leaves. */
static void
wait_reloaded(char *told, size_t size, unsigned before, unsigned after)
{
	static const char *const names[] = { "mailer0", "admin0", "web0",
	    "web1" };
	char text[64];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(text, sizeof(text), "begin %s.%u", names[i], after);
		wait_for(told, size, text);
		snprintf(text, sizeof(text), "leave %s.%u", names[i],
		    before);
		wait_for(told, size, text);
	}
}

static void
stop(pid_t pid)
{
	assert_int_equal(kill(pid, SIGTERM), 0);
	assert_int_equal(exit_status(pid), 0);
}

static void
test_reload(void **state)
{
	char told[16384] = "";
	pid_t pid = run_parent(fake_engine);
	const char *settings;

	(void)state;
	wait_all_up(told, sizeof(told));
	told[0] = '\0';
	assert_int_equal(kill(pid, SIGHUP), 0);
	wait_reloaded(told, sizeof(told), 1, 2);
	/* The engine goes on, and knows of it before anybody starts. */
	settings = wait_for(told, sizeof(told), "settings 2 two");
	assert_true(settings < wait_for(told, sizeof(told), "begin web0.2"));
	assert_null(strstr(told, "start engine0"));
	wait_for(told, sizeof(told), "load admin.2 0 good");
	/* Mail is one generation's: the new mailer gets an engine at the
	 * end. */
	assert_true(wait_for(told, sizeof(told), "peer mailer0 engine0") >
	    wait_for(told, sizeof(told), "begin web1.2"));
	told[0] = '\0';
	assert_int_equal(kill(pid, SIGHUP), 0);
	wait_reloaded(told, sizeof(told), 2, 3);
	stop(pid);
}

/* What fails leaves everybody where they were, and says why. */
static void
test_refused(void **state)
{
	static const struct {
		int which;
		bool told;	/* the engine knew, and has to go back */
		const char *why;
	} cases[] = {
		{ TRY_FAILS, false, "0 x.conf:1: no" },
		{ TRY_CRASHES, false, "0 x.conf: the process that tried the "
		    "config ended with signal 9" },
		{ LOAD_FAILS, false, "0 x.conf:2: taken" },
		{ ENGINE_REFUSES, true, "0 x.conf: the engine can't take" },
		{ WEB_FAILS, true, "0 x.conf: the new web1 ended with status "
		    "3" },
	};
	char told[16384] = "";
	pid_t pid = run_parent(fake_engine);

	(void)state;
	wait_all_up(told, sizeof(told));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		told[0] = '\0';
		switches[cases[i].which] = 1;
		assert_int_equal(kill(pid, SIGHUP), 0);
		wait_for(told, sizeof(told), cases[i].why);
		switches[cases[i].which] = 0;
		if (cases[i].told)
			assert_non_null(strstr(told, "settings 1 one"));
		else
			assert_null(strstr(told, "settings"));
		assert_null(strstr(told, "leave web0.1"));
		assert_null(strstr(told, "load admin.1 0 good"));
	}
	/* And then it works. */
	told[0] = '\0';
	assert_int_equal(kill(pid, SIGHUP), 0);
	wait_for(told, sizeof(told), "leave web0.1");
	stop(pid);
}

/* Until all of them are up, asking is in vain. */
static void
wait_ready(char *told, size_t size)
{
	wait_all_up(told, size);
	do {
		told[0] = '\0';
		switches[ADMIN_COPIES] = 1;
		wait_for(told, size, "copied admin.1 own ");
	} while (strstr(told, "copied admin.1 own busy") != NULL);
	told[0] = '\0';
}

static void
test_copies(void **state)
{
	char told[8192] = "";
	pid_t pid = run_parent(fake_engine);

	(void)state;
	wait_ready(told, sizeof(told));
	switches[ADMIN_COPIES] = 1;
	wait_for(told, sizeof(told), "report copier0 up");
	wait_for(told, sizeof(told), "holds copier0 0");
	wait_for(told, sizeof(told), "a copy");
	wait_for(told, sizeof(told), "copied admin.1 own done");
	wait_for(told, sizeof(told), "copied engine.1 other done");
	wait_for(told, sizeof(told), "report copier0 down");
	told[0] = '\0';
	switches[COPIER_FAILS] = 1;
	switches[ENGINE_COPIES] = 1;
	wait_for(told, sizeof(told), "copied engine.1 own failed");
	assert_null(strstr(told, "copied admin"));
	stop(pid);
}

/* A second one is turned away, from wherever it comes, and the first goes on;
 * also when its asker's generation leaves. */
static void
test_one_copy_at_a_time(void **state)
{
	char told[16384] = "";
	pid_t pid = run_parent(fake_engine), copier;

	(void)state;
	wait_ready(told, sizeof(told));
	switches[COPIER_HANGS] = 1;
	switches[ENGINE_COPIES] = 1;
	copier = pid_of(told, sizeof(told), "copier0");
	switches[ADMIN_COPIES] = 1;
	wait_for(told, sizeof(told), "copied admin.1 own busy");
	assert_int_equal(kill(pid, SIGHUP), 0);
	wait_reloaded(told, sizeof(told), 1, 2);
	switches[ADMIN_COPIES] = 1;
	wait_for(told, sizeof(told), "copied admin.2 own busy");
	assert_int_equal(kill(copier, SIGKILL), 0);
	wait_for(told, sizeof(told), "copied engine.1 own failed");
	switches[COPIER_HANGS] = 0;
	switches[ADMIN_COPIES] = 1;
	wait_for(told, sizeof(told), "copied admin.2 own done");
	stop(pid);
}

/* The engine has the last word, whoever asked. */
static void
test_a_copy_is_dropped(void **state)
{
	char told[16384] = "";
	pid_t pid = run_parent(fake_engine);

	(void)state;
	wait_ready(told, sizeof(told));
	switches[COPIER_HANGS] = 1;
	switches[ADMIN_COPIES] = 1;
	pid_of(told, sizeof(told), "copier0");
	switches[ENGINE_DROPS] = 1;
	wait_for(told, sizeof(told), "copied admin.1 own failed");
	wait_for(told, sizeof(told), "copied engine.1 other failed");
	switches[COPIER_HANGS] = 0;
	switches[ENGINE_COPIES] = 1;
	wait_for(told, sizeof(told), "copied engine.1 own done");
	stop(pid);
}

/* It ends with who asked, with the parent, and when that stops. */
static void
test_copy_for_nobody(void **state)
{
	char told[16384] = "";
	pid_t pid = run_parent(fake_engine), admin;
	int status;

	(void)state;
	wait_all_up(told, sizeof(told));
	admin = pid_of(told, sizeof(told), "admin0");
	wait_ready(told, sizeof(told));
	switches[COPIER_HANGS] = 1;
	switches[ADMIN_COPIES] = 1;
	pid_of(told, sizeof(told), "copier0");
	assert_int_equal(kill(admin, SIGKILL), 0);
	wait_for(told, sizeof(told), "copied engine.1 other failed");
	wait_for(told, sizeof(told), "begin admin0.1");
	told[0] = '\0';
	switches[ENGINE_COPIES] = 1;
	pid_of(told, sizeof(told), "copier0");
	assert_int_equal(kill(pid, SIGTERM), 0);
	wait_for(told, sizeof(told), "copied engine.1 own failed");
	assert_int_equal(exit_status(pid), 0);

	told[0] = '\0';
	pid = run_parent(fake_engine);
	wait_ready(told, sizeof(told));
	switches[COPIER_HANGS] = 1;
	switches[ADMIN_COPIES] = 1;
	pid_of(told, sizeof(told), "copier0");
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	/* The story ends when nobody is left to tell it. */
	while (read(story[0], told, sizeof(told)) > 0)
		;
	close(story[0]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order_of_stopping),
		cmocka_unit_test(test_restarts),
		cmocka_unit_test(test_killed_parent),
		cmocka_unit_test(test_failed_start),
		cmocka_unit_test(test_reload),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_copies),
		cmocka_unit_test(test_one_copy_at_a_time),
		cmocka_unit_test(test_a_copy_is_dropped),
		cmocka_unit_test(test_copy_for_nobody),
	};

	switches = mmap(NULL, SWITCHES, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (switches == MAP_FAILED)
		return 1;

	(void)log_open("stderr", "test", LOG_LEVEL_ERROR);
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
