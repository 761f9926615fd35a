/* SPDX-License-Identifier: ISC */
/*
 * The whole engine, in one process with the test: its child's side is played
 * here, web and mailer are the other ends of its connections, and the wall
 * clock is the test's (linked with --wrap).
 */
#include "app/engine/engine.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <event2/event.h>

#include <cmocka.h>

#include "app/engine/op_accept.h"
#include "app/engine/op_admin.h"
#include "app/engine/op_result.h"
#include "app/engine/op_visit.h"
#include "app/engine/op_work.h"
#include "app/engine/rows.h"
#include "app/templates/templates.h"
#include "app/wire.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/log.h"
#include "base/mem.h"
#include "io/ipc.h"

#define DAY (86400 * CLOCK_SECOND)
#define NOON INT64_C(1800000000000000)

/* ---- the clock ---- */

static int64_t the_time = NOON;

int64_t __wrap_clock_wall_us(void);

int64_t
__wrap_clock_wall_us(void)
{
	return the_time;
}

/* ---- the world around the engine ---- */

struct child {
	struct event_base *base;
	struct config config;
	struct config_list lists[2];
	struct templates *templates;
	char folder[64];
	int secret_fd;

	const struct child_callbacks *callbacks;
	void *arg;
	bool ready, ended;
	bool stop_early;		/* before it is ready */
	int status;
	void (*script)(struct child *);

	struct ipc *web, *mailer;
	Message__Envelope *reply;	/* the last one to web */
	Message__Envelope *mail;	/* the last one to the mailer */
	uint64_t serial;
	unsigned credits;		/* given and not used yet */
	bool taken;			/* that mail was dealt with */
};

const char *role_name(enum role role)
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
keep(Message__Envelope **where, struct slice frame)
{
	wire_free(*where);
	*where = wire_open(frame);
	assert_non_null(*where);
}

static void
on_web_frame(struct ipc *ipc, struct slice frame, void *arg)
{
	struct child *c = arg;

	(void)ipc;
	keep(&c->reply, frame);
}

static void
on_mailer_frame(struct ipc *ipc, struct slice frame, void *arg)
{
	struct child *c = arg;

	(void)ipc;
	keep(&c->mail, frame);
	c->taken = false;
	c->credits--;
}

static void
on_gone(struct ipc *ipc, void *arg)
{
	(void)ipc;
	(void)arg;
	fail_msg("the engine hung up");
}

static const struct ipc_callbacks web_callbacks = {
	.on_frame = on_web_frame, .on_close = on_gone };
static const struct ipc_callbacks mailer_callbacks = {
	.on_frame = on_mailer_frame, .on_close = on_gone };

static struct ipc *
connect_peer(struct child *c, enum role role,
    const struct ipc_callbacks *callbacks)
{
	int fds[2];

	assert_int_equal(ipc_pair(fds), 0);
	c->callbacks->on_peer(c, role, 0, fds[0], c->arg);
	return ipc_new(c->base, fds[1], callbacks, c);
}

static void
settle(struct child *c)
{
	for (int i = 0; i < 40; i++)
		event_base_loop(c->base, EVLOOP_NONBLOCK);
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
		c->web = connect_peer(c, ROLE_WEB, &web_callbacks);
		c->mailer = connect_peer(c, ROLE_MAILER, &mailer_callbacks);
		c->script(c);
		ipc_free(c->web);
		ipc_free(c->mailer);
	}
	wire_free(c->reply);
	wire_free(c->mail);
	c->reply = c->mail = NULL;
	return c->status;
}

/* One life of the engine: runs the script once it is ready. */
static int
live(struct child *c, void (*script)(struct child *))
{
	c->base = event_base_new();
	c->ready = c->ended = false;
	c->credits = 0;
	c->taken = true;
	c->status = 0;
	c->script = script;
	assert_int_equal(lseek(c->secret_fd, 0, SEEK_SET), 0);
	c->status = engine_main(c);
	event_base_free(c->base);
	return c->status;
}

/* ---- talking to it ---- */

static Message__Envelope *
ask(struct child *c, Message__Envelope *question)
{
	question->serial = ++c->serial;
	wire_free(c->reply);
	c->reply = NULL;
	assert_int_equal(wire_send(c->web, question), 0);
	for (int i = 0; i < 10000 && c->reply == NULL; i++)
		event_base_loop(c->base, EVLOOP_NONBLOCK);
	assert_non_null(c->reply);
	assert_int_equal(c->reply->serial, c->serial);
	settle(c);
	return c->reply;
}

static char address_text[128], key_text[128];
static uint8_t cookie_hash[CRYPTO_HASH_SIZE];

static Message__Subscribed__Outcome
subscribe(struct child *c, const char *address, const char *list, bool robot)
{
	Message__Envelope question;
	Message__Subscribe s;
	Fact__Evidence e;
	char *lists[1];
	static char ip[] = "192.0.2.7", name[] = "Jo", lang[] = "en";

	fact__evidence__init(&e);
	message__subscribe__init(&s);
	message__envelope__init(&question);
	e.ip = ip;
	snprintf(address_text, sizeof(address_text), "%s", address);
	snprintf(key_text, sizeof(key_text), "%s", address);
	lists[0] = mem_strdup(list);
	s.address = address_text;
	s.address_key = key_text;
	s.n_lists = 1;
	s.lists = lists;
	s.name = name;
	s.lang = lang;
	s.evidence = &e;
	s.robot = robot;
	s.cookie_hash = (ProtobufCBinaryData){ sizeof(cookie_hash),
		cookie_hash };
	question.body_case = MESSAGE__ENVELOPE__BODY_SUBSCRIBE;
	question.subscribe = &s;
	ask(c, &question);
	free(lists[0]);
	assert_int_equal(c->reply->body_case,
	    MESSAGE__ENVELOPE__BODY_SUBSCRIBED);
	return c->reply->subscribed->outcome;
}

struct visiting {
	Message__Visit__Action action;
	const char *token, *code;
	bool pressed, cookie;
};

static const Message__Visited *
visit(struct child *c, struct visiting v)
{
	Message__Envelope question;
	Message__Visit ask_visit;
	char *token = mem_strdup(v.token != NULL ? v.token : "");
	char *code = mem_strdup(v.code != NULL ? v.code : "");

	message__envelope__init(&question);
	message__visit__init(&ask_visit);
	ask_visit.action = v.action;
	ask_visit.token = token;
	ask_visit.code = code;
	ask_visit.pressed = v.pressed;
	if (v.cookie)
		ask_visit.cookie_hash = (ProtobufCBinaryData){
			sizeof(cookie_hash), cookie_hash };
	question.body_case = MESSAGE__ENVELOPE__BODY_VISIT;
	question.visit = &ask_visit;
	ask(c, &question);
	free(token);
	free(code);
	assert_int_equal(c->reply->body_case,
	    MESSAGE__ENVELOPE__BODY_VISITED);
	return c->reply->visited;
}

/* A timer set before the clock was turned wouldn't know: a credit of none has
 * the engine look at the clock again. */
static void
settle_due(struct child *c)
{
	Message__Envelope credit;
	Message__MailCredit none;

	message__envelope__init(&credit);
	message__mail_credit__init(&none);
	credit.body_case = MESSAGE__ENVELOPE__BODY_MAIL_CREDIT;
	credit.mail_credit = &none;
	assert_int_equal(wire_send(c->mailer, &credit), 0);
	settle(c);
}

/* The next mail it hands out, or NULL when there is none. */
static const Message__Mail *
next_mail(struct child *c)
{
	Message__Envelope credit;
	Message__MailCredit one;

	message__envelope__init(&credit);
	message__mail_credit__init(&one);
	one.count = 1;
	credit.body_case = MESSAGE__ENVELOPE__BODY_MAIL_CREDIT;
	credit.mail_credit = &one;
	if (c->taken && c->credits == 0) {
		c->credits = 1;
		assert_int_equal(wire_send(c->mailer, &credit), 0);
	}
	settle_due(c);
	return c->taken ? NULL : c->mail->mail;
}

static void
tell_result(struct child *c, const Message__Mail *mail,
    Message__MailResult__Outcome outcome)
{
	Message__Envelope envelope;
	Message__MailResult result;
	static char reply[] = "250 2.0.0 queued as 4711";

	message__envelope__init(&envelope);
	message__mail_result__init(&result);
	result.due = mail->due;
	result.sequence = mail->sequence;
	result.outcome = outcome;
	result.reply = reply;
	envelope.body_case = MESSAGE__ENVELOPE__BODY_MAIL_RESULT;
	envelope.mail_result = &result;
	assert_int_equal(wire_send(c->mailer, &envelope), 0);
	c->taken = true;
	settle(c);
}

/* Takes one mail of that kind as sent; its parts are copied out. */
struct taken {
	char confirm[64], notme[64], unsubscribe[64], code[16], id[128];
};

static struct taken
take_mail(struct child *c, const char *kind)
{
	const Message__Mail *mail = next_mail(c);
	struct taken t;

	assert_non_null(mail);
	assert_string_equal(mail->kind, kind);
	snprintf(t.confirm, sizeof(t.confirm), "%s", mail->confirm_token);
	snprintf(t.notme, sizeof(t.notme), "%s", mail->notme_token);
	snprintf(t.unsubscribe, sizeof(t.unsubscribe), "%s",
	    mail->unsubscribe_token);
	snprintf(t.code, sizeof(t.code), "%s", mail->code);
	snprintf(t.id, sizeof(t.id), "%s", mail->message_id);
	tell_result(c, mail, MESSAGE__MAIL_RESULT__OUTCOME__SENT);
	return t;
}

static const Message__Contact *
ask_show(struct child *c, const char *address)
{
	Message__Envelope question;
	Message__ShowQuery query;
	struct ipc *admin, *web = c->web;
	char *text = mem_strdup(address);

	admin = connect_peer(c, ROLE_ADMIN, &web_callbacks);
	c->web = admin;
	message__envelope__init(&question);
	message__show_query__init(&query);
	query.address = text;
	question.body_case = MESSAGE__ENVELOPE__BODY_SHOW_QUERY;
	question.show_query = &query;
	ask(c, &question);
	c->web = web;
	ipc_free(admin);
	settle(c);
	free(text);
	return c->reply->contact;
}

/* `show` as one line: states, then events. */
static const char *
show(struct child *c, const char *address)
{
	static char line[1024];
	const Message__Contact *contact = ask_show(c, address);
	size_t n = 0;

	if (!contact->found)
		return "unknown";
	line[0] = '\0';
	for (size_t i = 0; i < contact->n_subscriptions; i++)
		n += (size_t)snprintf(line + n, sizeof(line) - n, "%s=%s ",
		    contact->subscriptions[i]->list,
		    contact->subscriptions[i]->state);
	n += (size_t)snprintf(line + n, sizeof(line) - n, "|");
	for (size_t i = 0; i < contact->n_events; i++)
		n += (size_t)snprintf(line + n, sizeof(line) - n, " %s",
		    contact->events[i]->event);
	return line;
}

#define ACCEPTED MESSAGE__SUBSCRIBED__OUTCOME__ACCEPTED
#define DONE MESSAGE__VISITED__OUTCOME__DONE

static Message__Visited__Outcome
press_confirm(struct child *c, const char *token)
{
	return visit(c, (struct visiting){ MESSAGE__VISIT__ACTION__CONFIRM,
	    token, NULL, true, false })->outcome;
}

/* ---- fixture ---- */

static char weekly[] = "weekly", daily[] = "daily", text_en[] = "en",
    base_url[] = "https://news.example.org", empty[] = "",
    consent[] = "I want it by email.", from[] = "weekly@example.org";
static char *languages[] = { text_en };

static void
set_list(struct config_list *l, char *name, bool welcome)
{
	l->name = name;
	l->title = name;
	l->from = l->from_address = from;
	l->from_name = empty;
	l->languages = (struct config_strings){ languages, 1 };
	l->confirm_within = 72 * 3600;
	l->consent = consent;
	l->pending_url = l->confirmed_url = empty;
	l->welcome = welcome;
}

static int
make_secret(struct child *c, const char *name)
{
	char *path = mem_printf("%s/%s", c->folder, name);
	int fd;

	assert_int_equal(secret_file_make(path), 0);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	free(path);
	return fd;
}

static int
setup(void **state)
{
	static uint64_t retry[] = { 600, 1800 };
	const char *source = getenv("ASSENT_SRCDIR");
	struct child *c = MEM_NEW(struct child);
	struct buf errors = { 0 };
	char *templates = mem_printf("%s/templates",
	    source != NULL ? source : ".");

	the_time = NOON;
	snprintf(c->folder, sizeof(c->folder), "/tmp/assent-engine-XXXXXX");
	assert_non_null(mkdtemp(c->folder));
	c->templates = templates_load(templates, &errors);
	free(templates);
	if (c->templates == NULL)
		print_error("%s", buf_str(&errors));
	assert_non_null(c->templates);
	c->secret_fd = make_secret(c, "secret");
	set_list(&c->lists[0], weekly, true);
	set_list(&c->lists[1], daily, false);
	c->config.database = c->folder;
	c->config.secret_file = c->folder;
	c->config.base_url = base_url;
	c->config.map_size = 1 << 26;
	c->config.lists = c->lists;
	c->config.list_count = 2;
	c->config.mail.lifetime = 3 * 86400;
	c->config.mail.retry = retry;
	c->config.mail.retry_count = 2;
	limit_parse(slice_str("3/1d"), &c->config.limits.per_address);
	limit_parse(slice_str("off"), &c->config.limits.per_network);
	c->config.limits.interval = 600;
	memset(cookie_hash, 7, sizeof(cookie_hash));
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

static int
teardown(void **state)
{
	struct child *c = *state;

	nftw(c->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	close(c->secret_fd);
	templates_free(c->templates);
	free(c);
	return 0;
}

/* ---- the tests ---- */

static void
whole_way(struct child *c)
{
	struct taken mail, welcome;

	assert_int_equal(subscribe(c, "jo@example.org", "weekly", false),
	    ACCEPTED);
	assert_string_equal(show(c, "jo@example.org"),
	    "weekly=pending | subscribe");
	mail = take_mail(c, "confirm");
	assert_string_equal(show(c, "jo@example.org"),
	    "weekly=pending | subscribe mailed");
	assert_int_equal(visit(c, (struct visiting){
	    MESSAGE__VISIT__ACTION__LOOK_CONFIRM, mail.confirm, NULL, true,
	    true })->state, MESSAGE__VISITED__STATE__PENDING);
	assert_int_equal(press_confirm(c, mail.confirm), DONE);
	assert_int_equal(press_confirm(c, mail.confirm), DONE);
	assert_string_equal(show(c, "jo@example.org"),
	    "weekly=confirmed | subscribe mailed confirm");
	welcome = take_mail(c, "welcome");
	assert_null(next_mail(c));
	for (int i = 0; i < 3; i++)
		assert_int_equal(visit(c, (struct visiting){
		    MESSAGE__VISIT__ACTION__UNSUBSCRIBE, welcome.unsubscribe,
		    NULL, true, false })->outcome, DONE);
	assert_string_equal(show(c, "jo@example.org"), "weekly=unsubscribed "
	    "| subscribe mailed confirm mailed unsubscribe");
}

static void
test_the_whole_way(void **state)
{
	assert_int_equal(live(*state, whole_way), 0);
}

static void
proofs(struct child *c)
{
	struct taken mail;
	struct visiting nothing = { MESSAGE__VISIT__ACTION__CONFIRM, NULL,
		NULL, false, false }, code, wrong;

	subscribe(c, "jo@example.org", "daily", false);
	mail = take_mail(c, "confirm");
	nothing.token = mail.confirm;
	assert_int_equal(visit(c, nothing)->outcome,
	    MESSAGE__VISITED__OUTCOME__NEEDS_PROOF);
	wrong = (struct visiting){ MESSAGE__VISIT__ACTION__CONFIRM_CODE,
		NULL, "AAAA-AAAA", false, true };
	for (int i = 0; i < 5; i++)
		assert_int_equal(visit(c, wrong)->outcome,
		    MESSAGE__VISITED__OUTCOME__WRONG_CODE);
	/* Five tries a cookie: now even the right one is no use there. */
	code = wrong;
	code.code = mail.code;
	assert_int_equal(visit(c, code)->outcome,
	    MESSAGE__VISITED__OUTCOME__WRONG_CODE);
	assert_string_equal(show(c, "jo@example.org"),
	    "daily=pending | subscribe mailed");
	/* The link never dies of it. */
	nothing.cookie = true;
	assert_int_equal(visit(c, nothing)->outcome, DONE);
	assert_string_equal(show(c, "jo@example.org"),
	    "daily=confirmed | subscribe mailed confirm");
}

static void
test_proofs(void **state)
{
	assert_int_equal(live(*state, proofs), 0);
}

static void
right_code(struct child *c)
{
	struct taken mail;
	struct visiting code = { MESSAGE__VISIT__ACTION__CONFIRM_CODE, NULL,
		NULL, false, true };

	subscribe(c, "jo@example.org", "daily", false);
	mail = take_mail(c, "confirm");
	code.code = mail.code;
	code.cookie = false;
	assert_int_equal(visit(c, code)->outcome,
	    MESSAGE__VISITED__OUTCOME__WRONG_CODE);
	code.cookie = true;
	assert_int_equal(visit(c, code)->outcome, DONE);
	/* A second click on the button says so again, until it would have
	 * expired. */
	assert_int_equal(visit(c, code)->outcome, DONE);
	the_time += 4 * DAY;
	settle_due(c);
	assert_int_equal(visit(c, code)->outcome,
	    MESSAGE__VISITED__OUTCOME__WRONG_CODE);
	assert_string_equal(show(c, "jo@example.org"),
	    "daily=confirmed | subscribe mailed confirm");
}

static void
test_the_right_code_and_cookie(void **state)
{
	assert_int_equal(live(*state, right_code), 0);
}

static void
tokens_are_for_one_purpose(struct child *c)
{
	struct taken mail;
	static const Message__Visit__Action actions[] = {
		MESSAGE__VISIT__ACTION__CONFIRM,
		MESSAGE__VISIT__ACTION__NOTME,
		MESSAGE__VISIT__ACTION__UNSUBSCRIBE };

	subscribe(c, "jo@example.org", "daily", false);
	mail = take_mail(c, "confirm");
	const char *tokens[] = { mail.confirm, mail.notme,
		mail.unsubscribe };
	for (int a = 0; a < 3; a++) {
		for (int t = 0; t < 3; t++) {
			if (a != t)
				assert_int_equal(visit(c, (struct visiting){
				    actions[a], tokens[t], NULL, true,
				    false })->outcome,
				    MESSAGE__VISITED__OUTCOME__NOT_FOUND);
		}
	}
	assert_string_equal(show(c, "jo@example.org"),
	    "daily=pending | subscribe mailed");
}

static void
test_tokens_are_for_one_purpose(void **state)
{
	assert_int_equal(live(*state, tokens_are_for_one_purpose), 0);
}

static void
expiry(struct child *c)
{
	struct taken mail;

	subscribe(c, "jo@example.org", "daily", false);
	the_time += DAY;	/* in the queue: the time hasn't begun */
	mail = take_mail(c, "confirm");
	the_time += 3 * DAY - CLOCK_SECOND;
	assert_int_equal(visit(c, (struct visiting){
	    MESSAGE__VISIT__ACTION__LOOK_CONFIRM, mail.confirm, NULL, false,
	    false })->outcome, DONE);
	the_time += 2 * CLOCK_SECOND;
	assert_int_equal(press_confirm(c, mail.confirm),
	    MESSAGE__VISITED__OUTCOME__EXPIRED);
	settle(c);
	assert_string_equal(show(c, "jo@example.org"), "unknown");
	assert_int_equal(press_confirm(c, mail.confirm),
	    MESSAGE__VISITED__OUTCOME__EXPIRED);
	/* Leaving what is gone is done. */
	assert_int_equal(visit(c, (struct visiting){
	    MESSAGE__VISIT__ACTION__UNSUBSCRIBE, mail.unsubscribe, NULL,
	    true, false })->outcome, DONE);
}

static void
test_expiry(void **state)
{
	assert_int_equal(live(*state, expiry), 0);
}

static void
old_links(struct child *c)
{
	struct taken mail;

	subscribe(c, "jo@example.org", "daily", false);
	mail = take_mail(c, "confirm");
	press_confirm(c, mail.confirm);
	the_time += 100 * DAY;
	assert_int_equal(visit(c, (struct visiting){
	    MESSAGE__VISIT__ACTION__LOOK_CONFIRM, mail.confirm, NULL, false,
	    false })->state, MESSAGE__VISITED__STATE__CONFIRMED);
	assert_int_equal(press_confirm(c, mail.confirm), DONE);
	/* Until the contact has left: it doesn't bring them back. */
	visit(c, (struct visiting){ MESSAGE__VISIT__ACTION__NOTME, mail.notme,
	    NULL, true, false });
	for (int i = 0; i < 2; i++) {
		Message__Visit__Action action = i == 0 ?
		    MESSAGE__VISIT__ACTION__LOOK_CONFIRM :
		    MESSAGE__VISIT__ACTION__CONFIRM;

		assert_int_equal(visit(c, (struct visiting){ action,
		    mail.confirm, NULL, true, false })->state,
		    MESSAGE__VISITED__STATE__UNSUBSCRIBED);
	}
}

static void
test_a_confirmed_link_says_so_for_ever(void **state)
{
	assert_int_equal(live(*state, old_links), 0);
}

static void
budgets(struct child *c)
{
	for (int i = 0; i < 20; i++)
		assert_int_equal(subscribe(c, "jo@example.org", "daily",
		    false), ACCEPTED);
	take_mail(c, "confirm");
	assert_null(next_mail(c));
	/* Other lists and other spellings count against the same mailbox. */
	subscribe(c, "jo+x@example.org", "weekly", false);
	take_mail(c, "confirm");
	the_time += 700 * CLOCK_SECOND;
	subscribe(c, "jo@example.org", "daily", false);
	take_mail(c, "confirm");
	the_time += 700 * CLOCK_SECOND;
	subscribe(c, "jo@example.org", "daily", false);
	assert_null(next_mail(c));
}

static void
budgets_later(struct child *c)
{
	subscribe(c, "jo@example.org", "daily", false);
	assert_null(next_mail(c));
	the_time += DAY;
	subscribe(c, "jo@example.org", "daily", false);
	take_mail(c, "confirm");
}

static void
test_budgets_outlive_the_process(void **state)
{
	assert_int_equal(live(*state, budgets), 0);
	assert_int_equal(live(*state, budgets_later), 0);
}

static void
come_and_go(struct child *c)
{
	struct taken mail = { 0 };

	for (int i = 0; i < 5; i++) {
		subscribe(c, "jo@example.org", "weekly", false);
		mail = take_mail(c, "confirm");
		assert_int_equal(press_confirm(c, mail.confirm), DONE);
		mail = take_mail(c, "welcome");
		visit(c, (struct visiting){
		    MESSAGE__VISIT__ACTION__UNSUBSCRIBE, mail.unsubscribe,
		    NULL, true, false });
	}
}

/* Budgets are for mail that nobody acts on, in this life and the next. */
static void
test_who_acts_may_come_back_at_once(void **state)
{
	assert_int_equal(live(*state, come_and_go), 0);
	assert_int_equal(live(*state, come_and_go), 0);
}

static void
robots(struct child *c)
{
	assert_int_equal(subscribe(c, "jo@example.org", "daily", true),
	    ACCEPTED);
	assert_null(next_mail(c));
	assert_string_equal(show(c, "jo@example.org"), "unknown");
	/* It used up nothing of the mailbox's budget. */
	subscribe(c, "jo@example.org", "daily", false);
	take_mail(c, "confirm");
}

static void
test_robots_get_the_same_answer_and_no_mail(void **state)
{
	assert_int_equal(live(*state, robots), 0);
}

static void
known_address(struct child *c)
{
	char before[256];
	struct taken mail;

	subscribe(c, "jo@example.org", "daily", false);
	mail = take_mail(c, "confirm");
	press_confirm(c, mail.confirm);
	snprintf(before, sizeof(before), "%s", show(c, "jo@example.org"));
	the_time += DAY;
	subscribe(c, "jo@example.org", "weekly", false);
	mail = take_mail(c, "confirm");
	assert_string_equal(show(c, "jo@example.org"), before);
	subscribe(c, "jo@example.org", "daily", false);
	take_mail(c, "already");
	assert_string_equal(show(c, "jo@example.org"), before);
	/* That is told once in a week. */
	the_time += 2 * DAY;
	subscribe(c, "jo@example.org", "daily", false);
	assert_null(next_mail(c));
	press_confirm(c, mail.confirm);
	assert_string_equal(show(c, "jo@example.org"), "daily=confirmed "
	    "weekly=confirmed | subscribe mailed confirm subscribe mailed "
	    "confirm");
}

static void
test_a_post_changes_nothing_of_a_known_address(void **state)
{
	assert_int_equal(live(*state, known_address), 0);
}

static void
not_me(struct child *c)
{
	struct taken mail;
	struct visiting v = { MESSAGE__VISIT__ACTION__NOTME, NULL, NULL,
		true, false };

	subscribe(c, "jo@example.org", "daily", false);
	mail = take_mail(c, "confirm");
	v.token = mail.notme;
	assert_int_equal(visit(c, v)->state,
	    MESSAGE__VISITED__STATE__WITHDRAWN);
	assert_int_equal(press_confirm(c, mail.confirm),
	    MESSAGE__VISITED__OUTCOME__EXPIRED);
	the_time += DAY;
	subscribe(c, "jo@example.org", "daily", false);
	assert_null(next_mail(c));
	/* Undo: the first link is good again. */
	v.action = MESSAGE__VISIT__ACTION__NOTME_UNDO;
	assert_int_equal(visit(c, v)->state,
	    MESSAGE__VISITED__STATE__PENDING);
	assert_int_equal(press_confirm(c, mail.confirm), DONE);
	/* Of a confirmed one, not-me means leaving. */
	v.action = MESSAGE__VISIT__ACTION__NOTME;
	assert_int_equal(visit(c, v)->state,
	    MESSAGE__VISITED__STATE__UNSUBSCRIBED);
	assert_string_equal(show(c, "jo@example.org"), "daily=unsubscribed "
	    "| subscribe mailed not-me undo confirm not-me");
}

static void
test_not_me(void **state)
{
	assert_int_equal(live(*state, not_me), 0);
}

static void
not_me_ends(struct child *c)
{
	struct taken mail;

	subscribe(c, "jo@example.org", "daily", false);
	mail = take_mail(c, "confirm");
	visit(c, (struct visiting){ MESSAGE__VISIT__ACTION__NOTME,
	    mail.notme, NULL, true, false });
	the_time += 29 * DAY;
	subscribe(c, "jo@example.org", "daily", false);
	assert_null(next_mail(c));
	the_time += 2 * DAY;
	subscribe(c, "jo@example.org", "daily", false);
	take_mail(c, "confirm");
}

static void
test_not_me_lasts_thirty_days(void **state)
{
	assert_int_equal(live(*state, not_me_ends), 0);
}

static void
retries(struct child *c)
{
	const Message__Mail *mail;
	char id[128];

	subscribe(c, "jo@example.org", "daily", false);
	mail = next_mail(c);
	assert_non_null(mail);
	snprintf(id, sizeof(id), "%s", mail->message_id);
	tell_result(c, mail, MESSAGE__MAIL_RESULT__OUTCOME__RETRY);
	assert_null(next_mail(c));
	the_time += 599 * CLOCK_SECOND;
	assert_null(next_mail(c));
	the_time += 2 * CLOCK_SECOND;
	mail = next_mail(c);
	assert_non_null(mail);
	assert_string_equal(mail->message_id, id);
	assert_int_equal(mail->queued_at, NOON);
	assert_int_equal(mail->attempts, 1);
	/* After the list of times its last one repeats, until it is too old. */
	for (int i = 0; i < 200 && mail != NULL; i++) {
		tell_result(c, mail, MESSAGE__MAIL_RESULT__OUTCOME__RETRY);
		the_time += 1801 * CLOCK_SECOND;
		mail = next_mail(c);
	}
	assert_null(mail);
	assert_true(the_time - NOON > 3 * DAY - 3602 * CLOCK_SECOND);
	assert_string_equal(show(c, "jo@example.org"),
	    "daily=pending | subscribe refused");
}

static void
test_retries(void **state)
{
	assert_int_equal(live(*state, retries), 0);
}

static void
fast_click(struct child *c)
{
	const Message__Mail *mail;
	struct taken t;

	subscribe(c, "jo@example.org", "daily", false);
	mail = next_mail(c);
	assert_non_null(mail);
	snprintf(t.confirm, sizeof(t.confirm), "%s", mail->confirm_token);
	press_confirm(c, t.confirm);
	tell_result(c, mail, MESSAGE__MAIL_RESULT__OUTCOME__SENT);
	assert_string_equal(show(c, "jo@example.org"),
	    "daily=confirmed | subscribe confirm mailed");
	assert_null(next_mail(c));
}

static void
test_a_click_before_the_result(void **state)
{
	assert_int_equal(live(*state, fast_click), 0);
}

/* A post for the list "daily"; borrowed until the next call. */
static Message__Envelope *
simple_post(void)
{
	static Message__Envelope question;
	static Message__Subscribe s;
	static Fact__Evidence e;
	static char ip[] = "192.0.2.7", jo[] = "jo@example.org";
	static char *lists[] = { daily };

	fact__evidence__init(&e);
	message__subscribe__init(&s);
	message__envelope__init(&question);
	e.ip = ip;
	s.address = s.address_key = jo;
	s.n_lists = 1;
	s.lists = lists;
	s.lang = text_en;
	s.evidence = &e;
	question.body_case = MESSAGE__ENVELOPE__BODY_SUBSCRIBE;
	question.subscribe = &s;
	return &question;
}

static Message__Envelope *
copy_of(const Message__Envelope *envelope)
{
	size_t len = message__envelope__get_packed_size(envelope);
	uint8_t *packed = mem_new(1, len);
	Message__Envelope *copy;

	message__envelope__pack(envelope, packed);
	copy = message__envelope__unpack(NULL, len, packed);
	free(packed);
	assert_non_null(copy);
	return copy;
}

/* Ends the life when the post is on disk and before it was worked on. */
static void
post_and_die(struct child *c)
{
	struct engine *e = c->arg;

	turn_queue_question(e, &op_accept, engine_peer(e, ROLE_WEB, 0),
	    copy_of(simple_post()));
	turn_run(e);
	assert_int_equal(e->stats.subscribes, 1);
	assert_ptr_equal(e->first->class, &op_work);
}

static void
mail_comes(struct child *c)
{
	settle(c);
	take_mail(c, "confirm");
	assert_string_equal(show(c, "jo@example.org"),
	    "daily=pending | subscribe mailed");
}

static void
test_what_was_answered_outlives_the_process(void **state)
{
	assert_int_equal(live(*state, post_and_die), 0);
	assert_int_equal(live(*state, mail_comes), 0);
}

/* Asks to be shown an address in the very turn that works on its request. */
static void
show_at_once(struct child *c)
{
	static char jo[] = "jo@example.org";
	struct engine *e = c->arg;
	struct ipc *admin = connect_peer(c, ROLE_ADMIN, &web_callbacks);
	Message__Envelope question;
	Message__ShowQuery query;

	post_and_die(c);
	message__envelope__init(&question);
	message__show_query__init(&query);
	query.address = jo;
	question.body_case = MESSAGE__ENVELOPE__BODY_SHOW_QUERY;
	question.show_query = &query;
	turn_queue_question(e, &op_show, engine_peer(e, ROLE_ADMIN, 0),
	    copy_of(&question));
	turn_run(e);
	settle(c);
	assert_int_equal(c->reply->body_case,
	    MESSAGE__ENVELOPE__BODY_CONTACT);
	assert_true(c->reply->contact->found);
	assert_int_equal(c->reply->contact->n_events, 1);
	assert_string_equal(c->reply->contact->events[0]->consents[0],
	    consent);
	ipc_free(admin);
	settle(c);
}

static void
test_what_another_changed_is_gathered_anew(void **state)
{
	assert_int_equal(live(*state, show_at_once), 0);
}

/* A confirmation, and the result of the very mail it came from. */
static void
meet_in_one_turn(struct child *c)
{
	struct engine *e = c->arg;
	Message__Envelope first, second;
	Message__Visit click;
	Message__MailResult result;
	const Message__Mail *mail;

	subscribe(c, "jo@example.org", "daily", false);
	mail = next_mail(c);
	assert_non_null(mail);
	message__envelope__init(&first);
	message__visit__init(&click);
	first.body_case = MESSAGE__ENVELOPE__BODY_VISIT;
	first.visit = &click;
	click.action = MESSAGE__VISIT__ACTION__CONFIRM;
	click.token = mail->confirm_token;
	click.pressed = true;
	message__envelope__init(&second);
	message__mail_result__init(&result);
	second.body_case = MESSAGE__ENVELOPE__BODY_MAIL_RESULT;
	second.mail_result = &result;
	result.due = mail->due;
	result.sequence = mail->sequence;
	turn_queue_question(e, &op_visit, engine_peer(e, ROLE_WEB, 0),
	    copy_of(&first));
	turn_queue_question(e, &op_result, engine_peer(e, ROLE_MAILER, 0),
	    copy_of(&second));
	turn_run(e);
	settle(c);
	assert_string_equal(show(c, "jo@example.org"),
	    "daily=confirmed | subscribe confirm mailed");
}

static void
test_a_click_and_the_result_in_one_turn(void **state)
{
	assert_int_equal(live(*state, meet_in_one_turn), 0);
}

static void
hand_and_die(struct child *c)
{
	subscribe(c, "jo@example.org", "daily", false);
	assert_non_null(next_mail(c));
}

static void
test_a_claim_ends_with_the_process(void **state)
{
	assert_int_equal(live(*state, hand_and_die), 0);
	assert_int_equal(live(*state, mail_comes), 0);
}

static void
nothing(struct child *c)
{
	(void)c;
}

static void
test_another_secret_is_refused(void **state)
{
	struct child *c = *state;

	assert_int_equal(live(c, nothing), 0);
	close(c->secret_fd);
	c->secret_fd = make_secret(c, "another");
	assert_int_equal(live(c, nothing), 1);
	assert_false(c->ready);
}

static void
ignore_error(int error, void *arg)
{
	(void)arg;
	assert_int_equal(error, 0);
}

static void
test_a_newer_schema_is_refused(void **state)
{
	struct child *c = *state;
	struct store *store;
	struct turn turn = { .arena = arena_new() };
	Record__Schema schema;

	record__schema__init(&schema);
	schema.version = ENGINE_SCHEMA + 1;
	assert_int_equal(store_open(c->folder, 1 << 26, &store), 0);
	turn.store = store_turn_begin(store);
	rows_put(&turn, STORE_META, rows_key_meta("schema"), &schema.base);
	store_turn_commit(turn.store, ignore_error, NULL);
	store_close(store);
	arena_free(turn.arena);
	assert_int_equal(live(c, nothing), 1);
	assert_false(c->ready);
}

/* ---- what a hostile or unlucky neighbour does ---- */

static Message__Subscribed__Outcome
post(struct child *c, Message__Envelope *question)
{
	ask(c, question);
	assert_int_equal(c->reply->body_case,
	    MESSAGE__ENVELOPE__BODY_SUBSCRIBED);
	return c->reply->subscribed->outcome;
}

static void
doubled_lists(struct child *c)
{
	Message__Envelope *question = simple_post();
	char *twice[] = { daily, daily }, *thrice[] = { daily, weekly, daily };

	question->subscribe->lists = twice;
	question->subscribe->n_lists = 2;
	assert_int_equal(post(c, question),
	    MESSAGE__SUBSCRIBED__OUTCOME__UNAVAILABLE);
	question->subscribe->lists = thrice;
	question->subscribe->n_lists = 3;
	assert_int_equal(post(c, question),
	    MESSAGE__SUBSCRIBED__OUTCOME__UNAVAILABLE);
	assert_string_equal(show(c, "jo@example.org"), "unknown");
}

static void
test_a_list_asked_for_twice_is_refused(void **state)
{
	assert_int_equal(live(*state, doubled_lists), 0);
}

static void
many_webs(struct child *c)
{
	enum { LAST_WEB = 255 };
	struct engine *e = c->arg;
	int fds[2];

	for (unsigned i = 1; i <= LAST_WEB; i++) {
		assert_int_equal(ipc_pair(fds), 0);
		c->callbacks->on_peer(c, ROLE_WEB, i, fds[0], c->arg);
		assert_non_null(engine_peer(e, ROLE_WEB, i));
		close(fds[1]);
	}
	settle(c);
}

static void
test_as_many_webs_as_may_be_configured(void **state)
{
	assert_int_equal(live(*state, many_webs), 0);
}

static struct taken
subscribe_with(struct child *c, char *list, char *name, char *value)
{
	Message__Envelope *question = simple_post();
	Fact__Pair pair, *pairs[] = { &pair };
	char *lists[] = { list };
	struct taken mail;

	fact__pair__init(&pair);
	pair.name = name;
	pair.value = value;
	question->subscribe->lists = lists;
	question->subscribe->n_fields = 1;
	question->subscribe->fields = pairs;
	assert_int_equal(post(c, question), ACCEPTED);
	mail = take_mail(c, "confirm");
	assert_int_equal(press_confirm(c, mail.confirm), DONE);
	return mail;
}

static void
fields_of_two_lists(struct child *c)
{
	static char country[] = "country", city[] = "city", at[] = "at",
	    de[] = "de", graz[] = "Graz";
	const Message__Contact *contact;
	struct taken withdraw = subscribe_with(c, daily, country, at);

	(void)subscribe_with(c, weekly, city, graz);
	take_mail(c, "welcome");
	contact = ask_show(c, "jo@example.org");
	assert_int_equal(contact->n_fields, 2);
	assert_string_equal(contact->fields[0]->value, at);
	assert_string_equal(contact->fields[1]->name, city);
	assert_string_equal(contact->fields[1]->value, graz);
	visit(c, (struct visiting){ MESSAGE__VISIT__ACTION__UNSUBSCRIBE,
	    withdraw.unsubscribe, NULL, true, false });
	(void)subscribe_with(c, daily, country, de);
	contact = ask_show(c, "jo@example.org");
	assert_int_equal(contact->n_fields, 2);
	assert_string_equal(contact->fields[0]->value, de);
}

static void
test_a_list_keeps_the_fields_of_another(void **state)
{
	assert_int_equal(live(*state, fields_of_two_lists), 0);
}

static void
leave_while_it_retries(struct child *c)
{
	struct engine *e = c->arg;
	const Message__Mail *mail;
	struct taken confirm;
	char unsubscribe[64];

	subscribe(c, "jo@example.org", "weekly", false);
	confirm = take_mail(c, "confirm");
	press_confirm(c, confirm.confirm);
	mail = next_mail(c);
	assert_non_null(mail);
	assert_string_equal(mail->kind, "welcome");
	snprintf(unsubscribe, sizeof(unsubscribe), "%s",
	    mail->unsubscribe_token);
	tell_result(c, mail, MESSAGE__MAIL_RESULT__OUTCOME__RETRY);
	assert_int_equal(store_count(e->store, STORE_OUTBOX), 1);
	visit(c, (struct visiting){ MESSAGE__VISIT__ACTION__UNSUBSCRIBE,
	    unsubscribe, NULL, true, false });
	assert_int_equal(store_count(e->store, STORE_OUTBOX), 0);
}

static void
test_leaving_cancels_a_mail_that_retries(void **state)
{
	assert_int_equal(live(*state, leave_while_it_retries), 0);
}

static void
change_mind_for_ever(struct child *c)
{
	struct engine *e = c->arg;
	struct visiting notme = { MESSAGE__VISIT__ACTION__NOTME, NULL, NULL,
		true, false }, undo = notme;
	struct taken mail;

	subscribe(c, "jo@example.org", "daily", false);
	mail = take_mail(c, "confirm");
	undo.action = MESSAGE__VISIT__ACTION__NOTME_UNDO;
	notme.token = undo.token = mail.notme;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(visit(c, notme)->state,
		    MESSAGE__VISITED__STATE__WITHDRAWN);
		assert_int_equal(visit(c, undo)->state,
		    MESSAGE__VISITED__STATE__PENDING);
	}
	for (int i = 0; i < 50; i++) {
		visit(c, notme);
		visit(c, undo);
	}
	assert_int_equal(visit(c, undo)->state,
	    MESSAGE__VISITED__STATE__WITHDRAWN);
	assert_true(e->progress.next_event < 40);
}

static void
test_a_mind_is_not_changed_for_ever(void **state)
{
	assert_int_equal(live(*state, change_mind_for_ever), 0);
}

/* Comes and goes, each time telling a long story of itself. */
static void
talk_much(struct child *c)
{
	enum { STORY = 20000, TIMES = 60 };
	char *story = mem_new(1, STORY + 1);
	const Message__Contact *contact;
	struct taken mail;

	memset(story, 'x', STORY);
	for (int i = 0; i < TIMES; i++) {
		Message__Envelope *question = simple_post();

		question->subscribe->evidence->user_agent = story;
		assert_int_equal(post(c, question), ACCEPTED);
		mail = take_mail(c, "confirm");
		assert_int_equal(press_confirm(c, mail.confirm), DONE);
		visit(c, (struct visiting){
		    MESSAGE__VISIT__ACTION__UNSUBSCRIBE, mail.unsubscribe,
		    NULL, true, false });
		the_time += CLOCK_SECOND;
	}
	free(story);
	contact = ask_show(c, "jo@example.org");
	assert_true(contact->n_events > TIMES);
	assert_string_equal(contact->events[contact->n_events - 1]->event,
	    "unsubscribe");
}

static void
test_a_long_story_is_shown_from_its_end(void **state)
{
	assert_int_equal(live(*state, talk_much), 0);
}

static void
clock_goes_back(struct child *c)
{
	const Message__Contact *contact;
	struct taken mail;

	subscribe(c, "jo@example.org", "daily", false);
	mail = take_mail(c, "confirm");
	the_time -= 5 * CLOCK_SECOND;
	press_confirm(c, mail.confirm);
	contact = ask_show(c, "jo@example.org");
	assert_int_equal(contact->n_events, 3);
	assert_string_equal(contact->events[2]->event, "confirm");
	assert_int_equal(contact->events[2]->evidence->seconds_since_mail,
	    0);
}

static void
test_a_clock_that_went_back_is_no_age(void **state)
{
	assert_int_equal(live(*state, clock_goes_back), 0);
}

static void
test_stopping_hides_no_failure(void **state)
{
	struct child *c = *state;

	assert_int_equal(live(c, nothing), 0);
	close(c->secret_fd);
	c->secret_fd = make_secret(c, "another");
	c->stop_early = true;
	assert_int_equal(live(c, nothing), 1);
}

#define LIFE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		LIFE(test_the_whole_way),
		LIFE(test_proofs),
		LIFE(test_the_right_code_and_cookie),
		LIFE(test_tokens_are_for_one_purpose),
		LIFE(test_expiry),
		LIFE(test_a_confirmed_link_says_so_for_ever),
		LIFE(test_budgets_outlive_the_process),
		LIFE(test_who_acts_may_come_back_at_once),
		LIFE(test_robots_get_the_same_answer_and_no_mail),
		LIFE(test_a_post_changes_nothing_of_a_known_address),
		LIFE(test_not_me),
		LIFE(test_not_me_lasts_thirty_days),
		LIFE(test_retries),
		LIFE(test_a_click_before_the_result),
		LIFE(test_what_was_answered_outlives_the_process),
		LIFE(test_what_another_changed_is_gathered_anew),
		LIFE(test_a_click_and_the_result_in_one_turn),
		LIFE(test_a_claim_ends_with_the_process),
		LIFE(test_another_secret_is_refused),
		LIFE(test_a_newer_schema_is_refused),
		LIFE(test_a_list_asked_for_twice_is_refused),
		LIFE(test_as_many_webs_as_may_be_configured),
		LIFE(test_a_list_keeps_the_fields_of_another),
		LIFE(test_leaving_cancels_a_mail_that_retries),
		LIFE(test_a_mind_is_not_changed_for_ever),
		LIFE(test_a_long_story_is_shown_from_its_end),
		LIFE(test_a_clock_that_went_back_is_no_age),
		LIFE(test_stopping_hides_no_failure),
	};

	log_open("stderr", "test", LOG_LEVEL_ERROR);
	return cmocka_run_group_tests_name("engine", tests, NULL, NULL);
}
