/* SPDX-License-Identifier: ISC */
/*
 * The engine process: its peers, its timers, and which question goes to which
 * operation.
 */
#include "app/engine/engine.h"

#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "app/engine/budgets.h"
#include "app/engine/held.h"
#include "app/engine/mail_text.h"
#include "app/engine/meta.h"
#include "app/engine/op_accept.h"
#include "app/engine/op_admin.h"
#include "app/engine/op_expire.h"
#include "app/engine/op_manage.h"
#include "app/engine/op_result.h"
#include "app/engine/op_visit.h"
#include "app/engine/store.h"
#include "app/wire.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "io/ipc.h"
#include "io/lock.h"

enum { TIDY_SECONDS = 60, TIMER_MAX_SECONDS = 3600 };

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

/* Whoever hung up has said all that is to be heard of it. */
static bool
all_hung_up(const struct engine *e)
{
	for (size_t i = 0; i < e->peer_count; i++) {
		if (e->peers[i].ipc != NULL)
			return false;
	}
	return true;
}

static void
on_turn(evutil_socket_t fd, short what, void *arg)
{
	struct engine *e = arg;

	(void)fd;
	(void)what;
	turn_run(e);
	if (e->first != NULL && !e->failed)
		engine_wake(e);
	else if (e->stopping && !e->failed && all_hung_up(e))
		child_exit(e->child, 0);
}

static void
on_due(evutil_socket_t fd, short what, void *arg)
{
	struct engine *e = arg;

	(void)fd;
	(void)what;
	op_expire_queue(e, clock_wall_us());
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
	    log_num("map_size", (int64_t)size));
}

static void
on_tidy(evutil_socket_t fd, short what, void *arg)
{
	struct engine *e = arg;

	(void)fd;
	(void)what;
	store_tidy(e->store);
	warn_if_full(e);
	outbox_look_again(e);
}

static int64_t
earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

void
engine_schedule(struct engine *e)
{
	int64_t now = clock_wall_us(), next = INT64_MAX, wait;

	/* A turn looks again when it has ended: what it holds is half told. */
	if (!e->started || e->failed || e->turning)
		return;
	if (!e->stopping) {
		next = held_look(e, now);
		next = earlier(next, outbox_dispatch(e, now));
	}
	next = earlier(next, op_expire_next(e));
	if (next == INT64_MAX || e->first != NULL)
		return;
	wait = next > now ? next - now : 0;
	if (wait > TIMER_MAX_SECONDS * CLOCK_SECOND)
		wait = TIMER_MAX_SECONDS * CLOCK_SECOND;
	event_add(e->due_event, &(struct timeval){
	    .tv_sec = wait / CLOCK_SECOND, .tv_usec = wait % CLOCK_SECOND });
}

/* ---- questions ---- */

static void
answer_ping(struct engine *e, struct peer *peer, Message__Envelope *question)
{
	Message__Envelope reply;
	Message__Pong pong;

	message__pong__init(&pong);
	pong.ready = e->started && !e->stopping &&
	    !store_is_above(e->store, ENGINE_POSTS_PERCENT);
	message__envelope__init(&reply);
	reply.serial = question->serial;
	reply.body_case = MESSAGE__ENVELOPE__BODY_PONG;
	reply.pong = &pong;
	if (wire_send(peer->ipc, &reply) < 0)
		log_error("reply_failed", log_str("op", "ping"));
	wire_free(question);
}

static void
take_credit(struct engine *e, struct peer *peer, Message__Envelope *question)
{
	(void)peer;
	outbox_add_credit(e, question->mail_credit->count);
	wire_free(question);
}

#define FROM(role) (1U << (role))

/* What may be asked, and by whom. */
static const struct question {
	Message__Envelope__BodyCase body;
	unsigned from;				/* roles, as bits */
	const struct op_class *op;		/* queued for a turn, or … */
	void (*now)(struct engine *, struct peer *, Message__Envelope *);
} questions[] = {
	{ MESSAGE__ENVELOPE__BODY_SUBSCRIBE, FROM(ROLE_WEB), &op_accept,
	    NULL },
	{ MESSAGE__ENVELOPE__BODY_VISIT, FROM(ROLE_WEB), &op_visit, NULL },
	{ MESSAGE__ENVELOPE__BODY_MANAGE, FROM(ROLE_WEB), &op_manage, NULL },
	{ MESSAGE__ENVELOPE__BODY_PING,
	    FROM(ROLE_WEB) | FROM(ROLE_ADMIN) | FROM(ROLE_MAILER), NULL,
	    answer_ping },
	{ MESSAGE__ENVELOPE__BODY_MAIL_CREDIT, FROM(ROLE_MAILER), NULL,
	    take_credit },
	{ MESSAGE__ENVELOPE__BODY_MAIL_RESULT, FROM(ROLE_MAILER),
	    &op_result, NULL },
	{ MESSAGE__ENVELOPE__BODY_STATUS_QUERY, FROM(ROLE_ADMIN), NULL,
	    op_status_answer },
	{ MESSAGE__ENVELOPE__BODY_SHOW_QUERY, FROM(ROLE_ADMIN), &op_show,
	    NULL },
	{ MESSAGE__ENVELOPE__BODY_LIST_QUERY, FROM(ROLE_ADMIN), NULL,
	    op_list_answer },
	{ MESSAGE__ENVELOPE__BODY_LEAVE, FROM(ROLE_ADMIN), &op_leave, NULL },
	{ MESSAGE__ENVELOPE__BODY_SUPPRESS, FROM(ROLE_ADMIN), &op_suppress,
	    NULL },
	{ MESSAGE__ENVELOPE__BODY_ERASE, FROM(ROLE_ADMIN), &op_erase, NULL },
	{ MESSAGE__ENVELOPE__BODY_RESEND, FROM(ROLE_ADMIN), &op_resend,
	    NULL },
	{ MESSAGE__ENVELOPE__BODY_ADMIT, FROM(ROLE_ADMIN), &op_admit, NULL },
	{ MESSAGE__ENVELOPE__BODY_QUEUE_QUERY, FROM(ROLE_ADMIN), NULL,
	    op_queue_answer },
};

static const struct question *
question_of(const struct peer *peer, const Message__Envelope *envelope)
{
	for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]);
	    i++) {
		if (questions[i].body == envelope->body_case &&
		    (questions[i].from & FROM(peer->role)) != 0)
			return &questions[i];
	}
	return NULL;
}

/* ---- peers ---- */

static void
drop_peer(struct peer *peer)
{
	struct engine *e = peer->engine;

	ipc_free(peer->ipc);
	peer->ipc = NULL;
	peer->generation++;
	if (peer->role == ROLE_MAILER)
		outbox_forget_claims(e);
	if (e->stopping)
		engine_wake(e);
}

static void
on_frame(struct ipc *ipc, struct slice frame, void *arg)
{
	struct peer *peer = arg;
	Message__Envelope *envelope = wire_open(frame);
	const struct question *q = envelope != NULL ?
	    question_of(peer, envelope) : NULL;

	(void)ipc;
	if (q == NULL) {
		log_error("peer_nonsense", log_str("peer",
		    role_name(peer->role)));
		wire_free(envelope);
		drop_peer(peer);
	} else if (q->op != NULL) {
		turn_queue_question(peer->engine, q->op, peer, envelope);
	} else {
		q->now(peer->engine, peer, envelope);
	}
}

static void
on_close(struct ipc *ipc, void *arg)
{
	(void)ipc;
	drop_peer(arg);
}

static const struct ipc_callbacks peer_callbacks = {
	.on_frame = on_frame,
	.on_close = on_close,
};

static struct peer *
find_peer(struct engine *e, enum role role, unsigned index)
{
	for (size_t i = 0; i < e->peer_count; i++) {
		if (e->peers[i].role == role && e->peers[i].index == index)
			return &e->peers[i];
	}
	return NULL;
}

struct peer *
engine_peer(struct engine *e, enum role role, unsigned index)
{
	struct peer *peer = find_peer(e, role, index);

	return peer != NULL && peer->ipc != NULL ? peer : NULL;
}

static void
on_peer(struct child *child, enum role role, unsigned index, int fd,
    void *arg)
{
	struct engine *e = arg;
	struct peer *peer = find_peer(e, role, index);

	if (peer == NULL && e->peer_count < ENGINE_PEERS_MAX) {
		peer = &e->peers[e->peer_count++];
		*peer = (struct peer){ .engine = e, .role = role,
			.index = index };
	}
	if (peer == NULL) {
		close(fd);
		return;
	}
	if (peer->ipc != NULL)
		drop_peer(peer);
	peer->ipc = ipc_new(child_base(child), fd, &peer_callbacks, peer);
}

/* The others have drained and ended: what they left is read to its end and
 * worked on, and then this one ends. */
static void
on_stop(struct child *child, void *arg)
{
	struct engine *e = arg;

	(void)child;
	e->stopping = true;
	engine_wake(e);
}

/* ---- life ---- */

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
	return error == 0;
}

static void
open_timers(struct engine *e)
{
	struct event_base *base = child_base(e->child);

	e->turn_event = event_new(base, -1, 0, on_turn, e);
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
	e->secret = MEM_NEW(struct secret);
	e->held = held_new();
	e->tail = &e->first;
	e->stats.started_at = clock_wall_us();
	open_timers(e);
	return e;
}

static void
engine_free(struct engine *e)
{
	struct op *next;

	for (size_t i = 0; i < e->peer_count; i++)
		ipc_free(e->peers[i].ipc);
	for (struct op *op = e->first; op != NULL; op = next) {
		next = op->next;
		wire_free(op->question);
		free(op->ids);
		free(op);
	}
	for (size_t i = 0; i < e->list_count; i++) {
		free(e->lists[i].name);
		free(e->lists[i].title);
	}
	free(e->lists);
	free(e->counts);
	mail_texts_free(e->mail_texts);
	budgets_close(e);
	held_free(e->held);
	store_close(e->store);
	secret_wipe(e->secret);
	free(e->secret);
	event_free(e->turn_event);
	event_free(e->due_event);
	event_free(e->tidy_event);
	free(e);
}

static const struct child_callbacks callbacks = {
	.on_peer = on_peer,
	.on_stop = on_stop,
};

int
engine_main(struct child *child)
{
	struct engine *e = engine_new(child);
	int lock = -1, status = 1;

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
