/* SPDX-License-Identifier: ISC */
/*
 * The engine's peers: who of them may ask what, and which operation that is.
 * What one must not ask ends its connection.
 */
#include "app/engine/engine_peer.h"

#include <unistd.h>

#include "app/engine/compact.h"
#include "app/engine/engine.h"
#include "app/engine/op_accept.h"
#include "app/engine/op_admin.h"
#include "app/engine/op_manage.h"
#include "app/engine/op_result.h"
#include "app/engine/op_visit.h"
#include "app/engine/store.h"
#include "app/engine/terms.h"
#include "app/engine/turn.h"
#include "app/wire.h"
#include "base/log.h"
#include "io/ipc.h"

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
	/* One that another has taken over from gets no more. */
	if (peer == engine_peer(e, ROLE_MAILER, peer->index))
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
	{ MESSAGE__ENVELOPE__BODY_ATTACK_QUERY, FROM(ROLE_ADMIN), &op_attack,
	    NULL },
	{ MESSAGE__ENVELOPE__BODY_COMPACT, FROM(ROLE_ADMIN), NULL,
	    compact_order },
	{ MESSAGE__ENVELOPE__BODY_SETTLE, FROM(ROLE_ADMIN), &op_settle,
	    NULL },
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

	if (peer->role == ROLE_MAILER)
		outbox_forget_claims(e, peer);
	ipc_free(peer->ipc);
	peer->ipc = NULL;
	peer->generation = 0;
	if (peer->role == ROLE_MAILER)
		engine_schedule(e);
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
	struct peer *peer = arg;

	wire_closed(peer->engine->child, ipc);
	drop_peer(peer);
}

/* Credits come with most results: what they are for is looked for once. */
static void
on_idle(struct ipc *ipc, void *arg)
{
	struct peer *peer = arg;

	(void)ipc;
	if (peer->role == ROLE_MAILER)
		engine_schedule(peer->engine);
}

static const struct ipc_callbacks peer_callbacks = {
	.on_frame = on_frame,
	.on_idle = on_idle,
	.on_close = on_close,
};

struct peer *
engine_peer(struct engine *e, enum role role, unsigned index)
{
	struct peer *last = NULL;

	for (size_t i = 0; i < e->peer_count; i++) {
		struct peer *peer = &e->peers[i];

		if (peer->ipc != NULL && peer->role == role &&
		    peer->index == index && (last == NULL ||
		    peer->generation > last->generation))
			last = peer;
	}
	return last;
}

static struct peer *
free_peer(struct engine *e)
{
	for (size_t i = 0; i < e->peer_count; i++) {
		if (e->peers[i].ipc == NULL)
			return &e->peers[i];
	}
	return e->peer_count < ENGINE_PEERS_MAX ?
	    &e->peers[e->peer_count++] : NULL;
}

void
engine_peer_connect(struct engine *e, enum role role, unsigned index, int fd)
{
	struct peer *peer = free_peer(e);

	if (peer == NULL) {
		log_error("too_many_peers", log_str("peer", role_name(role)));
		close(fd);
		return;
	}
	*peer = (struct peer){ .engine = e, .role = role, .index = index,
		.generation = ++e->connections };
	peer->ipc = ipc_new(child_base(e->child), fd, &peer_callbacks, peer);
	if (role == ROLE_WEB)
		terms_tell(e, peer);
	if (role == ROLE_MAILER)
		outbox_new_mailer(e);
}

bool
engine_peers_are_gone(const struct engine *e)
{
	for (size_t i = 0; i < e->peer_count; i++) {
		if (e->peers[i].ipc != NULL)
			return false;
	}
	return true;
}

void
engine_peers_close(struct engine *e)
{
	for (size_t i = 0; i < e->peer_count; i++)
		ipc_free(e->peers[i].ipc);
}
