/* SPDX-License-Identifier: ISC */
/*
 * The admin process as a whole, over a real socket, with an engine that is
 * played here.
 */
#include "app/admin/admin.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/child_start.h"
#include "app/wire.h"
#include "base/bytes.h"
#include "base/mem.h"
#include "core/config.h"
#include "io/ipc.h"
#include "io/proc.h"

static char weekly[] = "weekly", confirmed[] = "confirmed";
static char pending[] = "pending", address[] = "jo@example.org";

/* ---- the engine's part, in a process of its own ---- */
static void
answer_list(const Message__ListQuery *query, Message__Envelope *answer)
{
	static Message__Subscription row, other;
	static Message__Subscription *rows[] = { &row, &other };
	static Message__Listing listing;

	if (query->since != 0 && query->after == 2)
		exit(0);	/* the engine dies in the middle */
	message__subscription__init(&row);
	row.address = address;
	row.list = weekly;
	row.state = confirmed;
	other = row;
	other.state = pending;
	message__listing__init(&listing);
	listing.rows = rows;
	listing.n_rows = 2;
	listing.next = query->after + 1;
	listing.more = listing.next < 3;
	answer->body_case = MESSAGE__ENVELOPE__BODY_LISTING;
	answer->listing = &listing;
}

static void
answer_one(const Message__Envelope *question, Message__Envelope *answer)
{
	static Message__Status status;
	static Message__Contact contact;
	static Message__Left left;
	static Message__Queue queue;
	static Message__Acted acted;
	static Message__Settled settled;

	answer->serial = question->serial;
	if (question->body_case == MESSAGE__ENVELOPE__BODY_STATUS_QUERY) {
		message__status__init(&status);
		status.outbox = 5;
		answer->body_case = MESSAGE__ENVELOPE__BODY_STATUS;
		answer->status = &status;
	} else if (question->body_case == MESSAGE__ENVELOPE__BODY_SHOW_QUERY) {
		message__contact__init(&contact);
		contact.found = strcmp(question->show_query->address,
		    address) == 0;
		contact.address = address;
		answer->body_case = MESSAGE__ENVELOPE__BODY_CONTACT;
		answer->contact = &contact;
	} else if (question->body_case == MESSAGE__ENVELOPE__BODY_LIST_QUERY) {
		answer_list(question->list_query, answer);
	} else if (question->body_case == MESSAGE__ENVELOPE__BODY_LEAVE) {
		message__left__init(&left);
		left.found = true;
		left.changed = question->leave->uid == getuid() &&
		    strcmp(question->leave->list, weekly) == 0;
		answer->body_case = MESSAGE__ENVELOPE__BODY_LEFT;
		answer->left = &left;
	} else if (question->body_case == MESSAGE__ENVELOPE__BODY_SUPPRESS) {
		message__acted__init(&acted);
		acted.changed = question->suppress->uid == getuid() ? 2 : 9;
		if (question->suppress->lift)
			acted.outcome = MESSAGE__ACTED__OUTCOME__FORBIDDEN;
		answer->body_case = MESSAGE__ENVELOPE__BODY_ACTED;
		answer->acted = &acted;
	} else if (question->body_case == MESSAGE__ENVELOPE__BODY_ERASE) {
		message__acted__init(&acted);
		if (question->erase->all)
			acted.outcome = MESSAGE__ACTED__OUTCOME__NOT_FOUND;
		if (question->erase->suppress)
			acted.proof_until = INT64_C(1795500000000000);
		answer->body_case = MESSAGE__ENVELOPE__BODY_ACTED;
		answer->acted = &acted;
	} else if (question->body_case == MESSAGE__ENVELOPE__BODY_RESEND) {
		message__acted__init(&acted);
		if (!question->resend->force)
			acted.outcome = MESSAGE__ACTED__OUTCOME__OVER_BUDGET;
		answer->body_case = MESSAGE__ENVELOPE__BODY_ACTED;
		answer->acted = &acted;
	} else if (question->body_case == MESSAGE__ENVELOPE__BODY_ADMIT) {
		message__acted__init(&acted);
		acted.changed = strcmp(question->admit->list, weekly) == 0 &&
		    strcmp(question->admit->reason, "by phone") == 0 &&
		    question->admit->uid == getuid();
		answer->body_case = MESSAGE__ENVELOPE__BODY_ACTED;
		answer->acted = &acted;
	} else if (question->body_case == MESSAGE__ENVELOPE__BODY_SETTLE) {
		message__settled__init(&settled);
		answer->body_case = MESSAGE__ENVELOPE__BODY_SETTLED;
		answer->settled = &settled;
	} else {
		message__queue__init(&queue);
		queue.changed = question->queue_query->sequence == 7;
		queue.is_tried = question->queue_query->sequence == 9;
		answer->body_case = MESSAGE__ENVELOPE__BODY_QUEUE;
		answer->queue = &queue;
	}
}

static void
play_engine(int fd)
{
	uint8_t length[4], frame[4096];

	while (recv(fd, length, 4, MSG_WAITALL) == 4) {
		size_t len = (size_t)bytes_get_be(length, 4);
		Message__Envelope *question, answer;

		if (recv(fd, frame, len, MSG_WAITALL) != (ssize_t)len)
			break;
		question = wire_open(slice_of(frame, len));
		message__envelope__init(&answer);
		answer_one(question, &answer);
		len = message__envelope__pack(&answer, frame);
		wire_free(question);
		bytes_put_be(length, 4, len);
		if (send(fd, length, 4, 0) != 4 ||
		    send(fd, frame, len, 0) != (ssize_t)len)
			break;
	}
	exit(0);
}

/* ---- the world around ---- */
struct world {
	char folder[32];
	struct sockaddr_un socket;
	int control;
	pid_t admin, engine;
};

static void
tell(const struct world *world, const struct control *control, int fd)
{
	assert_true(proc_send(world->control, control, sizeof(*control),
	    fd) >= 0);
}

static pid_t
start_admin(int control, int listener)
{
	static char base_url[] = "https://n.example", path[] = "x.conf";
	struct config_list list = { .name = weekly };
	struct config config = { .base_url = base_url, .path = path,
		.lists = &list, .list_count = 1 };
	struct child_start start = { .role = ROLE_ADMIN, .control = control,
		.config = &config, .listeners = &listener,
		.listener_count = 1, .secret = -1, .password = -1,
		.copy = -1 };
	pid_t pid;

	config.admin.socket = path;
	fflush(NULL);
	pid = fork();
	if (pid == 0)
		exit(child_main(&start, admin_main));
	close(control);
	close(listener);
	return pid;
}

static void
start_engine(struct world *world)
{
	const struct control control = { .type = CONTROL_PEER,
		.role = ROLE_ENGINE };
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	fflush(NULL);
	world->engine = fork();
	if (world->engine == 0) {
		close(fds[0]);
		close(world->control);
		play_engine(fds[1]);
	}
	close(fds[1]);
	tell(world, &control, fds[0]);
	close(fds[0]);
}

static int
set_up(void **state)
{
	struct world *world = MEM_NEW(struct world);
	int listener = socket(AF_UNIX, SOCK_STREAM, 0), fds[2];

	signal(SIGPIPE, SIG_IGN);
	snprintf(world->folder, sizeof(world->folder), "/tmp/admin.XXXXXX");
	assert_non_null(mkdtemp(world->folder));
	world->socket.sun_family = AF_UNIX;
	snprintf(world->socket.sun_path, sizeof(world->socket.sun_path),
	    "%s/socket", world->folder);
	assert_int_equal(bind(listener, (struct sockaddr *)&world->socket,
	    sizeof(world->socket)), 0);
	assert_int_equal(listen(listener, 8), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds), 0);
	world->control = fds[0];
	world->admin = start_admin(fds[1], listener);
	start_engine(world);
	*state = world;
	return 0;
}

static int
tear_down(void **state)
{
	struct world *world = *state;
	const struct control control = { .type = CONTROL_STOP };
	int status;

	tell(world, &control, -1);
	assert_int_equal(waitpid(world->admin, &status, 0), world->admin);
	assert_int_equal(status, 0);
	assert_int_equal(waitpid(world->engine, NULL, 0), world->engine);
	close(world->control);
	unlink(world->socket.sun_path);
	rmdir(world->folder);
	free(world);
	return 0;
}

/* All that comes back, owned. */
static char *
ask(const struct world *world, const char *method, const char *target,
    const char *form)
{
	struct buf request = { 0 }, answer = { 0 };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	char data[4096];
	ssize_t n;

	buf_printf(&request, "%s %s HTTP/1.1\r\nHost: x\r\n"
	    "Connection: close\r\n", method, target);
	if (form != NULL)
		buf_printf(&request, "Content-Type: application/"
		    "x-www-form-urlencoded\r\nContent-Length: %zu\r\n\r\n%s",
		    strlen(form), form);
	else
		buf_add_str(&request, "\r\n");
	assert_int_equal(connect(fd, (const struct sockaddr *)&world->socket,
	    sizeof(world->socket)), 0);
	assert_int_equal(send(fd, request.p, request.len, 0), request.len);
	while ((n = recv(fd, data, sizeof(data), 0)) > 0)
		buf_add(&answer, data, (size_t)n);
	close(fd);
	buf_fini(&request);
	return buf_take(&answer);
}

struct call {
	const char *method, *target, *form;
	const char *status, *holds;	/* the answer's */
};

static void
check(const struct world *world, const struct call *call)
{
	char *answer = ask(world, call->method, call->target, call->form);

	if (strncmp(answer + strlen("HTTP/1.1 "), call->status, 3) != 0 ||
	    strstr(answer, call->holds) == NULL)
		fail_msg("%s %s: %s", call->method, call->target, answer);
	free(answer);
}

static void
test_answers(void **state)
{
	static const struct call t[] = {
		{ "GET", "/status", NULL, "200", "\"total\": 5" },
		{ "GET", "/show?address=jo%40example.org", NULL, "200",
		    "\"address\": \"jo@example.org\"" },
		{ "GET", "/show?address=x%40example.org", NULL, "404",
		    "not_found" },
		{ "GET", "/show", NULL, "400", "missing_email" },
		{ "GET", "/nothing", NULL, "404", "not_found" },
		{ "GET", "/unsubscribe?address=x", NULL, "405",
		    "Allow: POST" },
		{ "POST", "/status", "", "405", "Allow: GET" },
		{ "POST", "/unsubscribe", "address=a%40b.c&list=weekly",
		    "200", "\"changed\": 1" },
		{ "POST", "/unsubscribe", "address=a%40b.c", "200",
		    "\"changed\": 0" },
		{ "POST", "/unsubscribe", "address=a%40b.c&list=x", "400",
		    "unknown_list" },
		{ "POST", "/unsubscribe", "", "400", "missing_email" },
		{ "POST", "/unsubscribe", "%", "400", "bad_request" },
		{ "GET", "/queue", NULL, "200", "\"mails\": []" },
		{ "GET", "/queue?limit=x", NULL, "400", "bad_request" },
		{ "POST", "/queue/retry", "id=7", "200", "\"changed\": 1" },
		{ "POST", "/queue/retry", "", "200", "\"changed\": 0" },
		{ "POST", "/queue/drop", "id=8", "404", "not_found" },
		{ "POST", "/queue/drop", "id=9", "409", "being_tried" },
		{ "POST", "/queue/drop", "", "400", "which mail" },
		{ "GET", "/list?state=confirmed,suppressed", NULL, "400",
		    "pending, confirmed or unsubscribed" },
		{ "GET", "/status?verbose=1", NULL, "400", "(none)" },
		{ "GET", "/show?adress=jo%40example.org", NULL, "400",
		    "address" },
		{ "POST", "/unsubscribe", "address=a%40b.c&lst=weekly",
		    "400", "address list" },
		{ "POST", "/unsubscribe",
		    "address=a%40b.c&list=weekly&list=daily", "400", "once" },
		{ "POST", "/unsubscribe?list=weekly", "address=a%40b.c",
		    "400", "in its body" },
		{ "GET", "/list?state=happy", NULL, "400", "a state is" },
		{ "GET", "/list?list=x", NULL, "400", "no such list" },
		{ "GET", "/list?since=x", NULL, "400", "since is" },
		{ "GET", "/list?format=xml", NULL, "400", "a format is" },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		check(*state, &t[i]);
}

/* About one address. */
static void
test_orders(void **state)
{
	static const struct call t[] = {
		{ "POST", "/suppress", "address=a%40b.cd", "200",
		    "\"changed\": 2" },
		{ "POST", "/suppress", "address=a%40b.cd&reason=mood", "400",
		    "a reason is" },
		{ "POST", "/suppress", "address=a", "400", "invalid_email" },
		{ "POST", "/suppress", "", "400", "missing_email" },
		{ "POST", "/unsuppress", "address=a%40b.cd", "409",
		    "never to be mailed" },
		{ "POST", "/resend", "address=a%40b.cd", "409", "--force" },
		{ "POST", "/resend", "address=a%40b.cd&force=1", "200",
		    "\"changed\": 0" },
		{ "POST", "/resend", "", "400", "missing_email" },
		{ "POST", "/confirm", "address=a%40b.cd&list=weekly&"
		    "reason=by+phone", "200", "\"changed\": 1" },
		{ "POST", "/confirm", "address=a%40b.cd&list=weekly", "400",
		    "why?" },
		{ "POST", "/confirm", "address=a%40b.cd&reason=x", "400",
		    "on which list" },
		{ "POST", "/confirm", "address=a%40b.cd&list=x&reason=x",
		    "400", "unknown_list" },
		{ "POST", "/confirm", "address=a%40b.cd&list=weekly&"
		    "reason=a%0Ab", "400", "one line" },
		{ "POST", "/erase", "address=a%40b.cd&suppress=1", "200",
		    "\"proof_until\": \"2026-" },
		{ "POST", "/erase", "address=a%40b.cd&all=1", "404",
		    "nothing is known" },
		{ "POST", "/erase", "address=a%40b", "400", "invalid_email" },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		check(*state, &t[i]);
}

static size_t
count(const char *text, const char *what)
{
	size_t n = 0;

	while ((text = strstr(text, what)) != NULL) {
		text += strlen(what);
		n++;
	}
	return n;
}

static void
test_listings(void **state)
{
	static const struct {
		const char *target;
		size_t rows;
	} t[] = {
		{ "/list", 6 }, { "/export", 3 }, { "/list?state=pending", 3 },
		{ "/list?state=pending,confirmed&list=weekly", 6 },
		{ "/list?format=csv", 6 },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		char *answer = ask(*state, "GET", t[i].target, NULL);

		assert_int_equal(count(answer, address), t[i].rows);
		assert_non_null(strstr(answer, "\r\n0\r\n\r\n"));
		free(answer);
	}
}

/* Its loss is told: in the middle by a listing that has no end. */
static void
test_lost_engine(void **state)
{
	struct world *world = *state;
	const struct control report = { .type = CONTROL_REPORT, .report = {
		.role = ROLE_WEB, .index = 3, .pid = 4711, .restarts = 2 } };
	char *answer = ask(world, "GET", "/list?since=2026-01-01", NULL);

	/* What was on its way out may be lost with it. */
	assert_in_range(count(answer, address), 1, 4);
	assert_null(strstr(answer, "\r\n0\r\n\r\n"));
	free(answer);
	answer = ask(world, "GET", "/list", NULL);
	assert_non_null(strstr(answer, "HTTP/1.1 503 "));
	free(answer);
	tell(world, &report, -1);
	answer = ask(world, "GET", "/status", NULL);
	assert_non_null(strstr(answer, "HTTP/1.1 503 "));
	assert_non_null(strstr(answer, "\"ready\": false"));
	assert_non_null(strstr(answer, "\"pid\": 4711"));
	free(answer);
	assert_int_equal(waitpid(world->engine, NULL, 0), world->engine);
	start_engine(world);
	answer = ask(world, "GET", "/list", NULL);
	assert_int_equal(count(answer, address), 6);
	free(answer);
}

/* ---- backups: the test is the parent, and its copier ---- */

/* A child that asks for one, and passes on what comes. */
static pid_t
ask_for_backup(const struct world *world, int *ret_answer)
{
	int fds[2];
	pid_t pid;
	char *answer;

	assert_int_equal(pipe(fds), 0);
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		answer = ask(world, "GET", "/backup", NULL);
		_exit(write(fds[1], answer, strlen(answer)) < 0);
	}
	close(fds[1]);
	*ret_answer = fds[0];
	return pid;
}

/* What the parent hears; the fd to copy to. */
static int
wait_for_copy(const struct world *world)
{
	struct pollfd wait = { .fd = world->control, .events = POLLIN };
	struct control control = { .type = CONTROL_READY };
	int fd = -1;

	while (control.type != CONTROL_COPY) {
		assert_int_equal(poll(&wait, 1, 10000), 1);
		assert_int_equal(proc_recv(world->control, &control,
		    sizeof(control), &fd), 1);
	}
	assert_true(fd >= 0);
	return fd;
}

static void
check_backup(const struct world *world, const char *copied,
    enum copy_end end, const char *holds, bool is_whole)
{
	const struct control control = { .type = CONTROL_COPIED,
		.index = end, .role = 1 };
	char answer[4096] = "";
	int from, fd, status;
	pid_t pid = ask_for_backup(world, &from);

	fd = wait_for_copy(world);
	assert_int_equal(write(fd, copied, strlen(copied)), strlen(copied));
	tell(world, &control, -1);
	close(fd);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(read(from, answer, sizeof(answer) - 1) >= 0);
	close(from);
	if (strstr(answer, holds) == NULL)
		fail_msg("no %s in %s", holds, answer);
	assert_int_equal(strstr(answer, "\r\n0\r\n\r\n") != NULL, is_whole);
}

static void
test_backups(void **state)
{
	const struct world *world = *state;

	check_backup(world, "pages", COPY_DONE, "\r\npages", true);
	check_backup(world, "pages", COPY_DONE, "assent-backup 1 20", true);
	/* What doesn't end well has no end, and maybe no beginning. */
	check_backup(world, "pages", COPY_FAILED, "", false);
	check_backup(world, "", COPY_FAILED, "HTTP/1.1 503 ", false);
	check_backup(world, "", COPY_BUSY, "HTTP/1.1 409 ", false);
}

/* The first is in the way of another, until its copier has ended. */
static void
test_two_backups(void **state)
{
	static const struct call second = { "GET", "/backup", NULL, "409",
	    "\"busy\"" };
	static const struct call another = { "GET", "/status", NULL, "200",
	    "" };
	const struct control failed = { .type = CONTROL_COPIED,
		.index = COPY_FAILED, .role = 1 };
	const struct world *world = *state;
	int from, fd, status;
	pid_t pid = ask_for_backup(world, &from);

	fd = wait_for_copy(world);
	check(world, &second);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	close(from);
	/* Its client is gone: so is whoever reads the pipe. */
	while (write(fd, "pages", 5) == 5)
		;
	assert_int_equal(errno, EPIPE);
	close(fd);
	check(world, &second);
	tell(world, &failed, -1);
	/* By this answer it has heard of it. */
	check(world, &another);
	check_backup(world, "pages", COPY_DONE, "\r\npages", true);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_orders),
		cmocka_unit_test(test_listings),
		cmocka_unit_test(test_backups),
		cmocka_unit_test(test_two_backups),
		cmocka_unit_test(test_lost_engine),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
