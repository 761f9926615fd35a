/* SPDX-License-Identifier: ISC */
/*
 * The double of a child that hands the engine its peers, and their sides.  It
 * doesn't know cmocka: a struct world_judge says what fails.
 */
#include "app/engine/engine_world.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "app/engine/engine.h"
#include "app/engine/store_sync.h"
#include "app/engine/turn.h"
#include "app/templates/templates.h"
#include "app/wire.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/mem.h"
#include "core/address.h"
#include "core/limit.h"
#include "io/ipc.h"

#define MUST(c, what) do {					\
	if (!(what)) {						\
		(c)->judge.fail(#what, __FILE__, __LINE__);	\
		abort();					\
	}							\
} while (0)

static uint8_t cookie_hash[CRYPTO_HASH_SIZE] = { 7, 7, 7, 7 };
static const ProtobufCBinaryData cookie = { CRYPTO_HASH_SIZE, cookie_hash };

const char *
role_name(enum role role)
{
	(void)role;
	return "test";
}

struct event_base *
child_base(struct child *c)
{
	return c->base;
}

const struct config *
child_config(const struct child *c)
{
	return &c->config;
}

const struct templates *
child_templates(const struct child *c)
{
	return c->templates;
}

uint32_t
child_generation(const struct child *c)
{
	(void)c;
	return 1;
}

void
child_took_settings(struct child *c, uint32_t generation, bool taken)
{
	c->generation = taken ? generation : 0;
}

struct metrics *
child_metrics(const struct child *c)
{
	(void)c;
	return NULL;
}

int
child_secret_fd(const struct child *c)
{
	return c->secret_fd;
}

void
child_ready(struct child *c)
{
	c->ready = true;
}

void
child_exit(struct child *c, int status)
{
	c->ended = true;
	c->status = status;
}

static void
on_frame(struct ipc *ipc, struct slice frame, void *arg)
{
	struct child *c = arg;
	Message__Envelope **where = ipc == c->mailer ? &c->mail : &c->reply;
	Message__Envelope *envelope = wire_open(frame);

	MUST(c, envelope != NULL);
	if (envelope->body_case == MESSAGE__ENVELOPE__BODY_TERMS) {
		c->level = envelope->terms->level;
		wire_free(envelope);
		return;
	}
	/* A test may still hold the mail that this takes back. */
	if (envelope->body_case == MESSAGE__ENVELOPE__BODY_MAIL_RECALL) {
		wire_free(envelope);
		return;
	}
	wire_free(*where);
	*where = envelope;
	if (ipc == c->mailer) {
		c->taken = false;
		c->credits--;
	}
}

static void
on_gone(struct ipc *ipc, void *arg)
{
	struct child *c = arg;

	(void)ipc;
	c->judge.fail("the engine hung up", __FILE__, __LINE__);
}

static const struct ipc_callbacks peer_callbacks = {
	.on_frame = on_frame, .on_close = on_gone };

struct ipc *
world_connect(struct child *c, enum role role)
{
	int fds[2];

	MUST(c, ipc_pair(fds) == 0);
	c->callbacks->on_peer(c, role, 0, fds[0], c->arg);
	return ipc_new(c->base, fds[1], &peer_callbacks, c);
}

void
world_settle(struct child *c)
{
	const struct store *s = ((const struct engine *)c->arg)->store;

	for (int i = 0; i < 40; i++)
		event_base_loop(c->base, !c->ended && store_keeps(s) ?
		    EVLOOP_ONCE : EVLOOP_NONBLOCK);
}

int
child_run(struct child *c, const struct child_callbacks *callbacks, void *arg)
{
	c->callbacks = callbacks;
	c->arg = arg;
	if (c->stop_early)
		callbacks->on_stop(c, arg);
	while (!c->ready && !c->ended)
		event_base_loop(c->base, EVLOOP_ONCE);
	if (c->ready) {
		c->web = world_connect(c, ROLE_WEB);
		c->mailer = world_connect(c, ROLE_MAILER);
		c->script(c);
		turn_settle(c->arg), world_settle(c);
		ipc_free(c->web);
		ipc_free(c->mailer);
	}
	wire_free(c->reply);
	wire_free(c->mail);
	c->reply = c->mail = NULL;
	return c->status;
}

int
world_live(struct child *c, void (*script)(struct child *))
{
	c->base = event_base_new();
	c->ready = c->ended = false;
	c->credits = 0;
	c->taken = true;
	c->status = 0;
	c->script = script;
	MUST(c, lseek(c->secret_fd, 0, SEEK_SET) == 0);
	c->status = engine_main(c);
	event_base_free(c->base);
	return c->status;
}

void
world_queue(struct child *c, const struct op_class *class, enum role role,
    const Message__Envelope *question)
{
	size_t len = message__envelope__get_packed_size(question);
	uint8_t *packed = mem_new(1, len);
	Message__Envelope *copy;

	message__envelope__pack(question, packed);
	copy = message__envelope__unpack(NULL, len, packed);
	free(packed);
	MUST(c, copy != NULL);
	turn_queue_question(c->arg, class, engine_peer(c->arg, role, 0), copy);
}

void
world_ask(struct child *c, struct ipc *as, Message__Envelope *question,
    Message__Envelope__BodyCase answer)
{
	question->serial = ++c->serial;
	wire_free(c->reply);
	c->reply = NULL;
	MUST(c, wire_send(as, question) == 0);
	for (int i = 0; i < 10000 && c->reply == NULL; i++)
		event_base_loop(c->base, EVLOOP_NONBLOCK);
	MUST(c, c->reply != NULL);
	MUST(c, c->reply->serial == c->serial);
	world_settle(c);
	MUST(c, c->reply->body_case == answer);
}

Message__Envelope *
world_simple_post(struct child *c)
{
	static Message__Envelope question;
	static Message__Subscribe s;
	static Fact__Evidence e;
	static char ip[] = "192.0.2.7", jo[] = "jo@example.org";

	fact__evidence__init(&e);
	message__subscribe__init(&s);
	message__envelope__init(&question);
	e.ip = ip;
	if (c->agent != NULL)
		e.user_agent = c->agent;
	s.address = s.address_key = jo;
	s.n_lists = 1;
	s.lists = &c->lists[WORLD_DAILY].name;
	s.lang = c->lists[WORLD_DAILY].languages.item[0];
	s.evidence = &e;
	question.body_case = MESSAGE__ENVELOPE__BODY_SUBSCRIBE;
	question.subscribe = &s;
	return &question;
}

Message__Subscribed__Outcome
world_post(struct child *c, Message__Envelope *question)
{
	world_ask(c, c->web, question, MESSAGE__ENVELOPE__BODY_SUBSCRIBED);
	return c->reply->subscribed->outcome;
}

Message__Subscribed__Outcome
world_subscribe(struct child *c, const char *address, const char *list,
    bool robot)
{
	static char name[] = "Jo";
	Message__Envelope *question = world_simple_post(c);
	Message__Subscribe *s = question->subscribe;
	Message__Subscribed__Outcome outcome;
	struct address parsed;
	char *text = mem_strdup(address), *lists[] = { mem_strdup(list) };

	MUST(c, address_parse(slice_str(address), &parsed) == ADDRESS_OK);
	s->address = text;
	s->address_key = parsed.key;
	s->lists = lists;
	s->name = name;
	s->robot = robot;
	s->cookie_hash = cookie;
	outcome = world_post(c, question);
	free(lists[0]);
	free(text);
	return outcome;
}

const Message__Visited *
world_visit(struct child *c, struct world_visit v)
{
	Message__Envelope question;
	Message__Visit ask_visit;
	Fact__Evidence evidence;
	char *token = mem_strdup(v.token != NULL ? v.token : "");
	char *code = mem_strdup(v.code != NULL ? v.code : "");

	message__envelope__init(&question);
	message__visit__init(&ask_visit);
	ask_visit.action = v.action;
	ask_visit.token = token;
	ask_visit.code = code;
	ask_visit.pressed = v.pressed;
	if (v.cookie)
		ask_visit.cookie_hash = cookie;
	fact__evidence__init(&evidence);
	if (c->agent != NULL) {
		evidence.user_agent = c->agent;
		ask_visit.evidence = &evidence;
	}
	question.body_case = MESSAGE__ENVELOPE__BODY_VISIT;
	question.visit = &ask_visit;
	world_ask(c, c->web, &question, MESSAGE__ENVELOPE__BODY_VISITED);
	free(token);
	free(code);
	return c->reply->visited;
}

Message__Visited__Outcome
world_press_confirm(struct child *c, const char *token)
{
	return world_visit(c, (struct world_visit){
	    MESSAGE__VISIT__ACTION__CONFIRM, token, NULL, true,
	    false })->outcome;
}

static void
give_credit(struct child *c, uint32_t count)
{
	Message__Envelope envelope;
	Message__MailCredit credit;

	message__envelope__init(&envelope);
	message__mail_credit__init(&credit);
	credit.count = count;
	envelope.body_case = MESSAGE__ENVELOPE__BODY_MAIL_CREDIT;
	envelope.mail_credit = &credit;
	MUST(c, wire_send(c->mailer, &envelope) == 0);
}

/* A timer set before the clock was turned wouldn't know: a credit of none has
 * the engine look at the clock again. */
void
world_settle_due(struct child *c)
{
	give_credit(c, 0);
	world_settle(c);
}

const Message__Mail *
world_next_mail(struct child *c)
{
	if (c->taken && c->credits == 0) {
		c->credits = 1;
		give_credit(c, 1);
	}
	world_settle_due(c);
	return c->taken ? NULL : c->mail->mail;
}

void
world_tell_reply(struct child *c, const Message__Mail *mail,
    Message__MailResult__Outcome outcome, const char *reply)
{
	Message__Envelope envelope;
	Message__MailResult result;
	char *text = mem_strdup(reply);

	message__envelope__init(&envelope);
	message__mail_result__init(&result);
	result.due = mail->due;
	result.sequence = mail->sequence;
	result.outcome = outcome;
	result.reply = text;
	envelope.body_case = MESSAGE__ENVELOPE__BODY_MAIL_RESULT;
	envelope.mail_result = &result;
	MUST(c, wire_send(c->mailer, &envelope) == 0);
	c->taken = true;
	free(text);
	world_settle(c);
}

void
world_tell_result(struct child *c, const Message__Mail *mail,
    Message__MailResult__Outcome outcome)
{
	world_tell_reply(c, mail, outcome, "250 2.0.0 queued as 4711");
}

struct world_mail
world_take_mail(struct child *c, const char *kind)
{
	const Message__Mail *mail = world_next_mail(c);
	struct world_mail t;
	char wrong[128];

	MUST(c, mail != NULL);
	snprintf(wrong, sizeof(wrong), "%s instead of %s", mail->kind, kind);
	if (strcmp(mail->kind, kind) != 0)
		c->judge.fail(wrong, __FILE__, __LINE__);
	snprintf(t.confirm, sizeof(t.confirm), "%s", mail->confirm_token);
	snprintf(t.notme, sizeof(t.notme), "%s", mail->notme_token);
	snprintf(t.unsubscribe, sizeof(t.unsubscribe), "%s",
	    mail->unsubscribe_token);
	snprintf(t.code, sizeof(t.code), "%s", mail->code);
	world_tell_result(c, mail, MESSAGE__MAIL_RESULT__OUTCOME__SENT);
	return t;
}

static char weekly[] = "weekly", daily[] = "daily", text_en[] = "en",
    base_url[] = "https://news.example.org", empty[] = "",
    target[] = "stderr",
    consent[] = "I want it by email.", from[] = "weekly@example.org";
static char *languages[] = { text_en };

static void
set_list(struct config_list *l, char *name, bool welcome)
{
	l->name = l->title = name;
	l->from = l->from_address = from;
	l->languages = (struct config_strings){ languages, 1 };
	l->confirm_within = 72 * 3600;
	l->consent = consent;
	l->from_name = l->pending_url = l->confirmed_url = empty;
	l->welcome = welcome;
}

int
world_make_secret(struct child *c, const char *name)
{
	char *path = mem_printf("%s/%s", c->folder, name);
	int fd;

	MUST(c, secret_file_make(path) == 0);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	MUST(c, fd >= 0);
	free(path);
	return fd;
}

int
world_setup(void **state)
{
	static uint64_t retry[] = { 600, 1800 };
	const char *source = getenv("ASSENT_SRCDIR");
	const char *tmp = getenv("TMPDIR");
	struct child *c = MEM_NEW(struct child);
	struct buf errors = { 0 };
	char *templates = mem_printf("%s/templates",
	    source != NULL ? source : ".");

	world_pass(NOON - world_now());
	c->judge = *(const struct world_judge *)*state;
	snprintf(c->folder, sizeof(c->folder), "%s/assent-engine-XXXXXX",
	    tmp != NULL ? tmp : "/tmp");
	MUST(c, mkdtemp(c->folder) != NULL);
	c->templates = templates_load(templates, &errors);
	free(templates);
	if (c->templates == NULL)
		c->judge.fail(buf_str(&errors), __FILE__, __LINE__);
	c->secret_fd = world_make_secret(c, "secret");
	set_list(&c->lists[WORLD_WEEKLY], weekly, true);
	set_list(&c->lists[WORLD_DAILY], daily, false);
	c->config.path = c->config.log.target = target;
	c->config.database = c->folder;
	c->config.secret_file = c->folder;
	c->config.base_url = base_url;
	c->config.map_size = 1 << 26;
	c->config.lists = c->lists;
	c->config.list_count = WORLD_LISTS;
	c->config.retain.proof = 1095 * 86400;
	c->config.mail.lifetime = 3 * 86400;
	c->config.mail.retry = (struct config_times){ retry, 2 };
	limit_parse(slice_str("3/1d"), &c->config.limits.per_address);
	limit_parse(slice_str("off"), &c->config.limits.per_network);
	c->config.limits.interval = 600;
	c->config.limits.challenge = CONFIG_CHALLENGE_OFF;
	buf_fini(&errors);
	*state = c;
	return 0;
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

int
world_teardown(void **state)
{
	struct child *c = *state;

	nftw(c->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	close(c->secret_fd);
	templates_free(c->templates);
	free(c);
	return 0;
}
