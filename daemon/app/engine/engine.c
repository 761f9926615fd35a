/* SPDX-License-Identifier: ISC */
/*
 * The engine process: its life, from the lock on the database to the last turn,
 * and its timers.
 */
#include "app/engine/engine.h"

#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "app/engine/budgets.h"
#include "app/engine/compact.h"
#include "app/engine/held.h"
#include "app/engine/mail_text.h"
#include "app/engine/meta.h"
#include "app/engine/mood.h"
#include "app/engine/op_expire.h"
#include "app/engine/op_reload.h"
#include "app/engine/store.h"
#include "app/engine/store_sync.h"
#include "app/engine/turn.h"
#include "app/engine/wall.h"
#include "app/engine/watch.h"
#include "app/wire.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "core/replay.h"
#include "io/lock.h"

/*
 * A commit is left to the next post for so long; and so long what was deleted
 * may stand in the journal.
 */
enum { SYNC_MS = 3, SETTLE_MS = 1000 };
enum { TIDY_SECONDS = 60, TIMER_MAX_SECONDS = 3600,
	PROOFS_MAX = 1 << 17 };

const struct engine_list *
engine_list_by_id(const struct engine *e, uint32_t id)
{
	for (size_t i = 0; i < e->list_count; i++) {
		if (e->lists[i].id == id)
			return &e->lists[i];
	}
	return NULL;
}

const struct engine_list *
engine_list_by_name(const struct engine *e, const char *name)
{
	for (size_t i = 0; i < e->list_count; i++) {
		if (strcmp(e->lists[i].name, name) == 0)
			return &e->lists[i];
	}
	return NULL;
}

/* One that is restarted and fails is read of in the log, if that is another. */
static void
fail_at(struct engine *e, unsigned config_line, const char *why)
{
	if (strcmp(e->config->log.target, "stderr") != 0)
		log_error("engine_failed", log_str("why", why));
	fprintf(stderr, "assentd: %s:%u: %s\n", e->config->path, config_line,
	    why);
	e->failed = true;
	child_exit(e->child, 1);
}

void
engine_fail(struct engine *e, const char *fmt, ...)
{
	struct buf why = { 0 };
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&why, fmt, ap);
	va_end(ap);
	fail_at(e, e->config->lines.database, buf_str(&why));
	buf_fini(&why);
}

/* ---- timers ---- */

/*
 * A timer of no time, and not event_active: that would have the next turn run
 * before the loop comes round, and so before the answers of the last one have
 * left.  A post's answer would wait until it was worked on, and tell by its
 * time what is known of the address.
 */
void
engine_wake(struct engine *e)
{
	event_add(e->turn_event, &(struct timeval){ 0, 0 });
}

static void
on_turn(evutil_socket_t fd, short what, void *arg)
{
	struct engine *e = arg;

	(void)fd;
	(void)what;
	turn_run(e);
	if (e->stopping && e->first == NULL && !e->failed)
		turn_settle(e);
	if (e->first != NULL && !e->failed)
		engine_wake(e);
	else if (e->stopping && !e->failed && engine_peers_are_gone(e))
		child_exit(e->child, 0);
}

static void
on_sync(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	turn_sync(arg);
}

static void
on_settle(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	turn_settle(arg);
}

static void
on_due(evutil_socket_t fd, short what, void *arg)
{
	struct engine *e = arg;

	(void)fd;
	(void)what;
	(void)wall_look(e);
	op_expire_queue(e, wall_past(e));
	engine_schedule(e);
}

static void
warn_if_full(struct engine *e)
{
	uint64_t used, size;

	if (!store_is_above(e->store, ENGINE_POSTS_PERCENT))
		return;
	store_usage(e->store, &used, &size);
	log_warn("database_full", log_num("used", (int64_t)used),
	    log_num("map_size", (int64_t)size),
	    log_num("reserve", (int64_t)store_reserve(e->store)));
}

static void
on_tidy(evutil_socket_t fd, short what, void *arg)
{
	struct engine *e = arg;

	(void)fd;
	(void)what;
	store_tidy(e->store);
	warn_if_full(e);
	watch_look(e, clock_wall_us());
	wall_note(e);
	outbox_look_again(e);
}

static int64_t
earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Unless it runs already. */
static void
start_timer(struct event *timer, int64_t ms)
{
	if (!event_pending(timer, EV_TIMEOUT, NULL))
		event_add(timer, &(struct timeval){
		    .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 });
}

/* Mail goes out when what it says is on disk. */
static int64_t
look_at_mail(struct engine *e, int64_t now)
{
	if (e->stopping)
		return INT64_MAX;
	if (store_keeps(e->store))
		return INT64_MAX;
	return earlier(held_look(e, now), outbox_dispatch(e, now));
}

void
engine_schedule(struct engine *e)
{
	int64_t now = wall_look(e), next, expiry, wait;

	/* A turn looks again when it has ended: what it holds is half told. */
	if (!e->started || e->failed || e->turning)
		return;
	mood_look(e, now);
	if (store_keeps(e->store))
		start_timer(e->sync_event, SYNC_MS);
	if (!store_is_settled(e->store))
		start_timer(e->settle_event, SETTLE_MS);
	next = look_at_mail(e, now);
	if (!e->stopping)
		next = earlier(next, compact_look(e, now));
	/* By the time that counts for it, which may be another. */
	expiry = op_expire_next(e);
	if (expiry != INT64_MAX)
		next = earlier(next, expiry - wall_past(e) + now);
	if (next == INT64_MAX || e->first != NULL)
		return;
	wait = next > now ? next - now : 0;
	if (wait > TIMER_MAX_SECONDS * CLOCK_SECOND)
		wait = TIMER_MAX_SECONDS * CLOCK_SECOND;
	event_add(e->due_event, &(struct timeval){
	    .tv_sec = wait / CLOCK_SECOND, .tv_usec = wait % CLOCK_SECOND });
}

/* ---- life ---- */

static void
on_peer(struct child *child, enum role role, unsigned index, int fd,
    void *arg)
{
	(void)child;
	engine_peer_connect(arg, role, index, fd);
}

static void
on_settings(struct child *child, uint32_t generation, int fd, void *arg)
{
	(void)child;
	op_reload_read(arg, generation, fd);
}

/* Whatever it was for: one that was killed still counts as a reader. */
static void
on_copied(struct child *child, enum copy_end end, bool own, void *arg)
{
	struct engine *e = arg;

	(void)child;
	store_tidy(e->store);
	compact_on_copied(e, end, own);
}

/* The others have drained and ended: what they left is read to its end and
 * worked on, and then this one ends. */
static void
on_stop(struct child *child, void *arg)
{
	struct engine *e = arg;

	(void)child;
	e->stopping = true;
	compact_stop(e);
	watch_save(e);
	engine_wake(e);
}

static void
log_journal(const struct engine *e)
{
	int error = store_journal_error(e->store);
	size_t turns = store_recovered(e->store);

	if (error < 0)
		log_warn("no_journal", log_errno("why", error));
	if (turns > 0)
		log_info("journal_taken_in", log_num("turns", (int64_t)turns));
}

static bool
open_store(struct engine *e, int *ret_lock)
{
	char *path = mem_printf("%s/lock", e->config->database);
	int error;

	*ret_lock = lock_take(path);
	free(path);
	if (*ret_lock == -EWOULDBLOCK) {
		engine_fail(e, "%s: another assentd uses this database: stop "
		    "that one, or name another folder", e->config->database);
		return false;
	}
	if (*ret_lock < 0) {
		engine_fail(e, "%s: cannot lock the database: %s",
		    e->config->database, strerror(-*ret_lock));
		return false;
	}
	error = store_open(e->config->database, e->config->map_size,
	    &e->store);
	if (error < 0)
		engine_fail(e, "%s: cannot open the database: %s",
		    e->config->database, store_strerror(error));
	else
		log_journal(e);
	return error == 0;
}

static void
open_timers(struct engine *e)
{
	struct event_base *base = child_base(e->child);

	e->turn_event = event_new(base, -1, 0, on_turn, e);
	e->sync_event = event_new(base, -1, 0, on_sync, e);
	e->settle_event = event_new(base, -1, 0, on_settle, e);
	e->due_event = event_new(base, -1, 0, on_due, e);
	e->tidy_event = event_new(base, -1, EV_PERSIST, on_tidy, e);
	event_add(e->tidy_event, &(struct timeval){ TIDY_SECONDS, 0 });
}

static struct engine *
engine_new(struct child *child)
{
	struct engine *e = MEM_NEW(struct engine);

	e->child = child;
	e->config = child_config(child);
	e->templates = child_templates(child);
	e->generation = child_generation(child);
	e->metrics = child_metrics(child);
	e->secret = MEM_NEW(struct secret);
	e->held = held_new();
	/* Which ones the last process took isn't known any more. */
	e->proofs = replay_new(PROOFS_MAX, clock_wall_us() / CLOCK_SECOND);
	e->watch = watch_new(e);
	e->compact = compact_new();
	e->tail = &e->first;
	e->stats.started_at = clock_wall_us();
	open_timers(e);
	return e;
}

static void
engine_free(struct engine *e)
{
	struct op *next;

	engine_peers_close(e);
	for (struct op *op = e->first; op != NULL; op = next) {
		next = op->next;
		wire_free(op->question);
		free(op->ids);
		free(op->memo);
		free(op);
	}
	for (size_t i = 0; i < e->list_count; i++) {
		free(e->lists[i].name);
		free(e->lists[i].title);
	}
	free(e->lists);
	free(e->counts);
	mail_texts_free(e->mail_texts);
	op_reload_free(e);
	settings_free(&e->own);
	budgets_close(e);
	held_free(e->held);
	replay_free(e->proofs);
	watch_free(e->watch);
	compact_free(e->compact);
	store_close(e->store);
	secret_wipe(e->secret);
	free(e->secret);
	event_free(e->turn_event);
	event_free(e->sync_event);
	event_free(e->settle_event);
	event_free(e->due_event);
	event_free(e->tidy_event);
	free(e);
}

static const struct child_callbacks callbacks = {
	.on_peer = on_peer,
	.on_stop = on_stop,
	.on_settings = on_settings,
	.on_copied = on_copied,
};

int
engine_run(struct child *child, struct carry *carry)
{
	struct engine *e = engine_new(child);
	int lock = -1, status = 1;

	e->carry = carry;
	if (secret_file_read(child_secret_fd(child), e->secret) < 0)
		fail_at(e, e->config->lines.secret_file, "this is not a "
		    "secret file: restore the one that the database was made "
		    "with");
	else if (open_store(e, &lock)) {
		budgets_open(e);
		turn_queue(e, &meta_start_op, 0);
		status = child_run(child, &callbacks, e);
	}
	engine_free(e);
	if (lock >= 0)
		close(lock);
	return status;
}

int
engine_main(struct child *child)
{
	return engine_run(child, NULL);
}
