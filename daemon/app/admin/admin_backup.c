/* SPDX-License-Identifier: ISC */
/*
 * GET /backup: what the copier writes into a pipe, streamed to the client, and
 * behind it the line by which it is known to be whole.  A slow client has the
 * copier wait.  As long as that reads, the database's file grows; so a client
 * that takes nothing for a while is cut off, like one whose copy fails: it gets
 * no last chunk.
 */
#include "app/admin/admin_backup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <event2/event.h>

#include "app/admin/admin.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "core/backup.h"

enum { PIECE = 64 * 1024,
	BACKLOG = 256 * 1024,	/* bytes that may wait for the client */
	STALL_SECONDS = 60 };

#define BUSY "the database is being copied already; try again later"

/* One for each process, for as long as its copier may be running. */
struct backup {
	struct admin *admin;
	struct admin_call *call;	/* NULL: nobody waits any more */
	int pipe;
	struct event *on_data, *on_stall;
	struct backup_sum *sum;
	bool started;
	bool copied;			/* the copier has ended: so */
	enum copy_end copy_end;
};

/* If the copier still writes, this ends it. */
static struct admin_call *
stop_reading(struct backup *b)
{
	struct admin_call *call = b->call;

	event_free(b->on_data);
	event_free(b->on_stall);
	backup_sum_free(b->sum);
	close(b->pipe);
	b->call = NULL;
	return call;
}

void
admin_backup_free(struct admin *admin)
{
	if (admin->backup != NULL && admin->backup->call != NULL)
		(void)stop_reading(admin->backup);
	free(admin->backup);
	admin->backup = NULL;
}

static void
fail(struct backup *b, unsigned status, const char *code,
    const char *why)
{
	struct admin_call *call = stop_reading(b);

	log_warn("backup_failed", log_str("why", why));
	if (!b->started) {
		admin_call_refuse(call, status, code, why);
		return;
	}
	admin_call_log(call, status);
	http_stream_abort(call->exchange);
}

static void
finish(struct backup *b)
{
	struct admin_call *call;
	struct buf line = { 0 };

	log_info("backup", log_num("bytes",
	    (int64_t)backup_sum_size(b->sum)));
	backup_sum_end(b->sum, &line);
	b->sum = NULL;
	call = stop_reading(b);
	http_stream_chunk(call->exchange, buf_slice(&line));
	buf_fini(&line);
	admin_call_log(call, 200);
	http_stream_end(call->exchange);
}

/* All that the copier wrote was read. */
static void
end(struct backup *b)
{
	if (!b->copied)
		event_del(b->on_data);
	else if (b->copy_end == COPY_DONE && b->started)
		finish(b);
	else if (b->copy_end == COPY_BUSY)
		fail(b, 409, "busy", BUSY);
	else
		fail(b, 503, "unavailable", "the database can't be copied: "
		    "see the log");
}

static void go_on(struct backup *);

/* As long as either is there the next one has to wait. */
static void
forget_if_over(struct backup *b)
{
	if (b->call == NULL && b->copied)
		admin_backup_free(b->admin);
}

static void
on_room(struct http_exchange *exchange, void *arg)
{
	(void)exchange;
	go_on(arg);
	forget_if_over(arg);
}

static void
on_data(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	go_on(arg);
	forget_if_over(arg);
}

static void
on_stall(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	fail(arg, 503, "unavailable", "nothing of it went through for a "
	    "minute");
	forget_if_over(arg);
}

static void
wait_for_progress(struct backup *b)
{
	static const struct timeval stall = { STALL_SECONDS, 0 };

	event_add(b->on_stall, &stall);
}

/* Returns how much waits for the client. */
static size_t
pass_on(struct backup *b, struct slice piece)
{
	struct http_exchange *exchange = b->call->exchange;

	if (!b->started) {
		b->started = true;
		http_answer_header(exchange, "Content-Type",
		    slice_str("application/octet-stream"));
		http_stream_start(exchange, 200, on_room, b);
	}
	backup_sum_add(b->sum, piece);
	wait_for_progress(b);
	return http_stream_chunk(exchange, piece);
}

static void
go_on(struct backup *b)
{
	char piece[PIECE];
	size_t waiting;
	ssize_t n = 1;

	if (http_exchange_is_dead(b->call->exchange)) {
		fail(b, 503, "unavailable", "the client is gone");
		return;
	}
	waiting = http_stream_chunk(b->call->exchange, (struct slice){ 0 });
	while (waiting < BACKLOG &&
	    (n = read(b->pipe, piece, sizeof(piece))) > 0)
		waiting = pass_on(b, slice_of(piece, (size_t)n));
	if (n > 0)
		event_del(b->on_data);	/* on_room comes */
	else if (n == 0 || b->copied || errno != EAGAIN)
		end(b);
	else
		event_add(b->on_data, NULL);
}

void
admin_backup_copied(struct admin *admin, enum copy_end copy_end)
{
	struct backup *b = admin->backup;

	if (b == NULL)
		return;
	b->copied = true;
	b->copy_end = copy_end;
	if (b->call != NULL)
		go_on(b);
	forget_if_over(b);
}

/* The writing end blocks, as LMDB wants it. */
static int
open_pipe(int ret_fds[2])
{
	if (pipe2(ret_fds, O_CLOEXEC) < 0)
		return -1;
	return fcntl(ret_fds[0], F_SETFL, O_NONBLOCK);
}

static struct backup *
backup_new(struct admin_call *call, int pipe)
{
	struct event_base *base = child_base(call->admin->child);
	struct backup *b = MEM_NEW(struct backup);

	b->admin = call->admin;
	b->call = call;
	b->pipe = pipe;
	b->sum = backup_sum_new(clock_wall_us());
	b->on_data = event_new(base, pipe, EV_READ | EV_PERSIST, on_data, b);
	b->on_stall = event_new(base, -1, 0, on_stall, b);
	if (b->on_data == NULL || b->on_stall == NULL ||
	    event_add(b->on_data, NULL) < 0)
		abort();
	wait_for_progress(b);
	return b;
}

static void
backup(struct admin_call *call)
{
	struct admin *admin = call->admin;
	int fds[2];

	if (admin->backup != NULL) {
		admin_call_refuse(call, 409, "busy", BUSY);
		return;
	}
	if (open_pipe(fds) < 0) {
		admin_call_refuse(call, 503, "unavailable",
		    "a pipe can't be made: too many files are open");
		return;
	}
	admin->backup = backup_new(call, fds[0]);
	child_ask_copy(admin->child, fds[1]);
	close(fds[1]);
}

const struct admin_command admin_backup[] = {
	{ HTTP_GET, "/backup", true, "", backup, NULL },
	{ .path = NULL },
};
