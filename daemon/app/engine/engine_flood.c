/* SPDX-License-Identifier: ISC */
/*
 * The crowds' side: all posts of a step are one turn or a few of the engine.
 */
#include "app/engine/engine_flood.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "app/engine/engine.h"
#include "app/engine/engine_world.h"
#include "app/engine/op_accept.h"
#include "app/engine/op_visit.h"
#include "app/engine/watch.h"
#include "app/wire.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/mem.h"
#include "core/form_token.h"
#include "io/ipc.h"

#define MUST(c, what) do {					\
	if (!(what))						\
		(c)->judge.fail(#what, __FILE__, __LINE__);	\
} while (0)
enum { IDLE_ROUNDS = 6, CREDITS = 1024, TRIES_MAX = 3 };

struct flood {
	struct child *c;
	struct flood_actor *actor;
	size_t count, next;
	size_t *again;		/* who was asked for more */
	size_t again_count;
	uint64_t proofs, frames;
	int64_t start;		/* microseconds */
	struct flood_result *result;
};

static int64_t
second(const struct flood *f)
{
	return (world_now() - f->start) / CLOCK_SECOND;
}

static uint64_t
mixed(uint64_t n)
{
	n = (n + 1) * UINT64_C(0x9e3779b97f4a7c15);
	n = (n ^ n >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	return n ^ n >> 31;
}

/* ---- posts ---- */

static void
set_proof(struct flood *f, const struct flood_actor *a, unsigned level,
    Message__Proof *proof)
{
	static uint8_t nonce[CHALLENGE_NONCE_SIZE];
	bool solves = a->is_person;

	message__proof__init(proof);
	if (a->challenged == 0)
		return;
	bytes_put_be(nonce, 8, mixed(f->proofs++));
	proof->kind = solves ? MESSAGE__PROOF__KIND__SOLVED :
	    MESSAGE__PROOF__KIND__WAIT;
	proof->level = level;
	proof->nonce = (ProtobufCBinaryData){ solves ? CHALLENGE_NONCE_SIZE :
	    FORM_TOKEN_NONCE_SIZE, nonce };
	proof->expires_at = world_now() / CLOCK_SECOND +
	    (solves ? CHALLENGE_SECONDS : FORM_TOKEN_WAIT_MAX);
}

static void
post(struct flood *f, size_t i)
{
	static char site[] = "https://www.example.org", cross[] = "cross-site";
	struct flood_actor *a = &f->actor[i];
	Message__Envelope *question = world_simple_post(f->c);
	Message__Subscribe *s = question->subscribe;
	Message__Proof proof;
	char ip[16];

	snprintf(ip, sizeof(ip), "%u.%u.%u.%u", a->ip >> 24,
	    a->ip >> 16 & 255, a->ip >> 8 & 255, a->ip & 255);
	/* Whatever the level: told with the question, solved as hard as it
	 * gets. */
	set_proof(f, a, CHALLENGE_LEVELS - 1, &proof);
	s->address = s->address_key = a->address;
	s->evidence->ip = ip;
	if (a->is_person || a->is_forged) {
		s->evidence->origin = site;
		s->evidence->sec_fetch_site = cross;
	}
	s->proof = &proof;
	question->serial = i + 1;
	world_queue(f->c, &op_accept, ROLE_WEB, question);
}

static void
on_web_frame(struct ipc *ipc, struct slice frame, void *arg)
{
	struct flood *f = arg;
	Message__Envelope *envelope = wire_open(frame);
	struct flood_actor *a;

	(void)ipc;
	f->frames++;
	MUST(f->c, envelope != NULL);
	if (envelope->body_case == MESSAGE__ENVELOPE__BODY_SUBSCRIBED) {
		MUST(f->c, envelope->serial > 0 &&
		    envelope->serial <= f->count);
		a = &f->actor[envelope->serial - 1];
		a->is_taken = envelope->subscribed->outcome == ACCEPTED;
		if (envelope->subscribed->outcome ==
		    MESSAGE__SUBSCRIBED__OUTCOME__CHALLENGED &&
		    ++a->challenged < TRIES_MAX && (a->is_person ||
		    (a->waits && a->challenged == 1)))
			f->again[f->again_count++] = envelope->serial - 1;
	}
	wire_free(envelope);
}

/* ---- mails ---- */

/* Two of three do, half of these within minutes and nearly all in the hour. */
static int64_t
when_confirmed(size_t i, int64_t now)
{
	uint64_t luck = mixed(i);
	int64_t minutes = (int64_t)(luck >> 16 & 15);

	if (luck % 100 >= 65)
		return -1;
	return now + 60 + minutes * minutes * 60 * (luck >> 32 & 1 ? 1 : 0);
}

static void
take_mail(struct flood *f, const Message__Mail *mail)
{
	struct flood_actor *a = NULL;

	/* The last who asked for that address, and is still without. */
	for (size_t i = 0; i < f->next; i++) {
		if (f->actor[i].is_taken &&
		    strcmp(f->actor[i].address, mail->address) == 0 &&
		    (a == NULL || f->actor[i].mails == 0))
			a = &f->actor[i];
	}
	if (a == NULL)
		return;
	if (a->mails++ == 0)
		a->mailed_at = second(f);
	snprintf(a->token, sizeof(a->token), "%s", mail->confirm_token);
	if (a->is_person)
		a->confirm_at = when_confirmed((size_t)(a - f->actor),
		    second(f));
}

static void
send_credit(struct ipc *ipc, uint32_t count)
{
	Message__Envelope envelope;
	Message__MailCredit credit;

	message__envelope__init(&envelope);
	message__mail_credit__init(&credit);
	credit.count = count;
	envelope.body_case = MESSAGE__ENVELOPE__BODY_MAIL_CREDIT;
	envelope.mail_credit = &credit;
	(void)wire_send(ipc, &envelope);
}

static void
on_mailer_frame(struct ipc *ipc, struct slice frame, void *arg)
{
	static char reply[] = "250 2.0.0 ok";
	struct flood *f = arg;
	Message__Envelope *mail = wire_open(frame), envelope;
	Message__MailResult result;

	f->frames++;
	MUST(f->c, mail != NULL);
	take_mail(f, mail->mail);
	message__envelope__init(&envelope);
	message__mail_result__init(&result);
	result.due = mail->mail->due;
	result.sequence = mail->mail->sequence;
	result.reply = reply;
	envelope.body_case = MESSAGE__ENVELOPE__BODY_MAIL_RESULT;
	envelope.mail_result = &result;
	MUST(f->c, wire_send(ipc, &envelope) == 0);
	send_credit(ipc, 1);
	wire_free(mail);
}

static void
press(struct flood *f, struct flood_actor *a)
{
	static char no_code[] = "";
	Message__Envelope question;
	Message__Visit visit;

	message__envelope__init(&question);
	message__visit__init(&visit);
	visit.action = MESSAGE__VISIT__ACTION__CONFIRM;
	visit.token = a->token;
	visit.code = no_code;
	visit.pressed = true;
	question.body_case = MESSAGE__ENVELOPE__BODY_VISIT;
	question.visit = &visit;
	world_queue(f->c, &op_visit, ROLE_WEB, &question);
	a->has_confirmed = true;
}

/* ---- time ---- */

static void
on_gone(struct ipc *ipc, void *arg)
{
	struct flood *f = arg;

	(void)ipc;
	f->c->judge.fail("the engine hung up", __FILE__, __LINE__);
}

static struct ipc *
take_over(struct flood *f, struct ipc *old, enum role role,
    const struct ipc_callbacks *callbacks)
{
	int fds[2];

	ipc_free(old);
	world_settle(f->c);
	MUST(f->c, ipc_pair(fds) == 0);
	f->c->callbacks->on_peer(f->c, role, 0, fds[0], f->c->arg);
	return ipc_new(f->c->base, fds[1], callbacks, f);
}

static void
settle(struct flood *f)
{
	const struct engine *e = f->c->arg;

	for (int idle = 0; idle < IDLE_ROUNDS;) {
		uint64_t before = f->frames;

		event_base_loop(f->c->base, EVLOOP_NONBLOCK);
		idle = f->frames == before && e->first == NULL &&
		    !e->turning ? idle + 1 : 0;
	}
}

static void
see(const struct attack_figures *figures, void *arg)
{
	struct flood *f = arg;
	struct flood_seen *seen = &f->result->seen[figures->source.dimension];

	if (seen->rush < 0)
		seen->rush = second(f);
	seen->calm = second(f);
	if (figures->state != ATTACK_ON)
		return;
	if (seen->on < 0)
		seen->on = second(f);
	seen->off = second(f);
}

static void
step(struct flood *f)
{
	int64_t now = second(f);

	while (f->next < f->count && f->actor[f->next].at <= now) {
		f->actor[f->next].posted_at = now;
		post(f, f->next++);
	}
	settle(f);
	while (f->again_count > 0) {
		size_t count = f->again_count, *again = f->again;

		f->again = mem_new(f->count, sizeof(*f->again));
		f->again_count = 0;
		for (size_t i = 0; i < count; i++)
			post(f, again[i]);
		free(again);
		settle(f);
	}
	for (size_t i = 0; i < f->next; i++) {
		struct flood_actor *a = &f->actor[i];

		if (a->confirm_at >= 0 && a->confirm_at <= now &&
		    !a->has_confirmed)
			press(f, a);
	}
	settle(f);
	watch_look(f->c->arg, world_now());
	watch_each(f->c->arg, world_now(), see, f);
	settle(f);
}

static void
count_mails(struct flood *f)
{
	unsigned *mails = mem_new(f->count, sizeof(*mails));

	for (size_t i = 0; i < f->count; i++) {
		unsigned *n = &mails[f->actor[i].mailbox];

		MUST(f->c, f->actor[i].mailbox < f->count);
		*n += f->actor[i].mails;
		if (*n > f->result->max_per_mailbox)
			f->result->max_per_mailbox = *n;
	}
	free(mails);
}

void
flood_run(struct child *c, struct flood_actor *actors, size_t count,
    int64_t end, int64_t seconds, struct flood_result *ret_result)
{
	static const struct ipc_callbacks web = { .on_frame = on_web_frame,
		.on_close = on_gone }, mailer = { .on_frame = on_mailer_frame,
		.on_close = on_gone };
	struct flood f = { .c = c, .actor = actors, .count = count,
		.start = world_now(), .result = ret_result };

	*ret_result = (struct flood_result){ 0 };
	for (size_t d = 0; d < ATTACK_DIMENSIONS; d++)
		ret_result->seen[d] = (struct flood_seen){ -1, -1, -1, -1 };
	f.again = mem_new(count, sizeof(*f.again));
	c->web = take_over(&f, c->web, ROLE_WEB, &web);
	c->mailer = take_over(&f, c->mailer, ROLE_MAILER, &mailer);
	send_credit(c->mailer, CREDITS);
	for (; second(&f) <= end; world_pass(seconds * CLOCK_SECOND))
		step(&f);
	count_mails(&f);
	free(f.again);
}
