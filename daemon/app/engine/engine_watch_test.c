/* SPDX-License-Identifier: ISC */
/*
 * The watch for attacks within the engine: what it has posts cost, what is
 * told of it and to whom, and what outlives a process.
 */
#include "app/engine/engine_world_admin.h"
#include "app/engine/engine_world_held.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "app/engine/engine.h"
#include "app/engine/watch.h"
#include "base/clock.h"
#include "base/log.h"
#include "io/ipc.h"

#define CHALLENGED MESSAGE__SUBSCRIBED__OUTCOME__CHALLENGED
#define SITE "https://www.example.org"
#define MINUTE (60 * CLOCK_SECOND)
#define HOUR (60 * MINUTE)

static void
fail_test(const char *what, const char *file, int line)
{
	fail_msg("%s:%d: %s", file, line, what);
}

static int
setup(void **state)
{
	static char site[] = SITE, owner[] = "owner@example.org";
	static char *sites[] = { site };
	struct child *c;
	int error = world_setup(state);

	c = *state;
	c->config.limits.challenge = CONFIG_CHALLENGE_AUTO;
	c->config.admin.notify = owner;
	for (int i = 0; i < WORLD_LISTS; i++)
		c->lists[i].origins = (struct config_strings){ sites, 1 };
	world_limit(c, "off", "off");
	return error;
}

/* All that comes now, each delivered: how many of that kind; of `attack` the
 * last one's alarm is told as text. */
static unsigned
take_all(struct child *c, const char *kind, char ret_alarm[128])
{
	const Message__Mail *mail;
	unsigned n = 0;

	while ((mail = world_next_mail(c)) != NULL) {
		n += strcmp(mail->kind, kind) == 0;
		if (mail->alarm != NULL) {
			assert_string_equal(mail->address,
			    "owner@example.org");
			snprintf(ret_alarm, 128, "%s %s: %s, %u %u %u",
			    mail->alarm->of, mail->alarm->name,
			    mail->alarm->why, mail->alarm->asked,
			    mail->alarm->confirmed, mail->alarm->notme);
		}
		world_tell_result(c, mail,
		    MESSAGE__MAIL_RESULT__OUTCOME__SENT);
	}
	return n;
}

/* Each from a network of its own. */
static void
post_many(struct child *c, unsigned from, unsigned n, const char *origin)
{
	char address[32], ip[32], unused[128];

	for (unsigned i = from; i < from + n; i++) {
		snprintf(address, sizeof(address), "u%u@example.net", i);
		snprintf(ip, sizeof(ip), "10.%u.%u.7", i / 256, i % 256);
		world_post_from(c, address, ip, origin);
	}
	assert_int_equal(take_all(c, "confirm", unused), n);
}

static Message__Subscribed__Outcome
post_to(struct child *c, int list, const char *ip)
{
	Message__Envelope *question = world_simple_post(c);
	static char site[] = SITE;
	char text[32];

	snprintf(text, sizeof(text), "%s", ip);
	question->subscribe->lists = &c->lists[list].name;
	question->subscribe->evidence->origin = site;
	question->subscribe->evidence->ip = text;
	return world_post(c, question);
}

static void
pass(struct child *c, int64_t us)
{
	world_pass(us);
	watch_look(c->arg, world_now());
	world_settle_due(c);
}

/* ---- nobody confirms ---- */

static void
nobody_confirms(struct child *c)
{
	char alarm[128] = "";

	post_many(c, 0, 60, SITE);
	assert_int_equal(post_to(c, WORLD_DAILY, "192.0.2.1"), ACCEPTED);
	pass(c, 2 * HOUR);
	assert_int_equal(post_to(c, WORLD_DAILY, "192.0.2.1"), CHALLENGED);
	assert_int_equal(c->reply->subscribed->level, PRICE_ATTACK);
	/* The owner is told of the list and of the page, once each. */
	assert_int_equal(take_all(c, "attack", alarm), 2);
	assert_string_equal(alarm, "origin " SITE ": unconfirmed, 60 0 0");
	/* Of all together there are too few to say. */
	assert_int_equal(c->level, PRICE_CALM);
}

static void
still_known(struct child *c)
{
	char alarm[128] = "";

	assert_int_equal(post_to(c, WORLD_DAILY, "192.0.2.1"), CHALLENGED);
	assert_int_equal(c->reply->subscribed->level, PRICE_ATTACK);
	assert_int_equal(take_all(c, "attack", alarm), 0);
	/* And when it is over, it is over. */
	pass(c, 25 * HOUR);
	assert_int_equal(post_to(c, WORLD_DAILY, "192.0.2.1"), ACCEPTED);
}

static void
test_what_nobody_confirms(void **state)
{
	assert_int_equal(world_live(*state, nobody_confirms), 0);
	assert_int_equal(world_live(*state, still_known), 0);
}

/* ---- only where it is ---- */

static void
from_elsewhere(struct child *c)
{
	char alarm[128] = "";

	c->config.limits.challenge = CONFIG_CHALLENGE_OFF;
	post_many(c, 0, 60, "https://evil.example.net");
	c->config.limits.challenge = CONFIG_CHALLENGE_AUTO;
	pass(c, 2 * HOUR);
	/* What a post says of its page isn't told to anybody. */
	assert_int_equal(take_all(c, "attack", alarm), 2);
	assert_string_equal(alarm, "origin : unconfirmed, 60 0 0");
	assert_int_equal(post_to(c, WORLD_WEEKLY, "192.0.2.1"), ACCEPTED);
	assert_int_equal(post_to(c, WORLD_DAILY, "192.0.2.1"), CHALLENGED);
}

static void
test_others_are_left_alone(void **state)
{
	assert_int_equal(world_live(*state, from_elsewhere), 0);
}

/* ---- not me ---- */

static void
not_me(struct child *c)
{
	char alarm[128] = "";

	for (int i = 'a'; i < 'd'; i++) {
		char address[] = { (char)i, '@', 'e', 'x', '.', 'o', 'r', 'g',
			'\0' };
		struct world_mail mail;

		world_post_from(c, address, "192.0.2.7", SITE);
		mail = world_take_mail(c, "confirm");
		world_visit(c, (struct world_visit){
		    .action = MESSAGE__VISIT__ACTION__NOTME,
		    .token = mail.notme, .pressed = true });
	}
	assert_int_equal(post_to(c, WORLD_DAILY, "192.0.2.200"), CHALLENGED);
	assert_int_equal(post_to(c, WORLD_DAILY, "192.0.3.1"), ACCEPTED);
	assert_int_equal(take_all(c, "attack", alarm), 1);
	assert_string_equal(alarm, "network 192.0.2.0/24: not-me, 3 0 3");
}

static void
test_not_me(void **state)
{
	assert_int_equal(world_live(*state, not_me), 0);
}

/* ---- whoever is known costs the same ---- */

/* One asks for mailboxes that may not be mailed, another for such that may:
 * both see the same price afterwards. */
static void
same_price(struct child *c)
{
	struct world_mail mail;
	char alarm[128] = "";

	assert_int_equal(post_to(c, WORLD_WEEKLY, "192.0.2.9"), ACCEPTED);
	mail = world_take_mail(c, "confirm");
	world_press_confirm(c, mail.confirm);
	world_take_mail(c, "welcome");
	pass(c, HOUR);
	for (int i = 0; i < 20; i++) {
		assert_int_equal(post_to(c, WORLD_WEEKLY, "198.51.100.1"),
		    ACCEPTED);
		world_post_from(c, i % 2 ? "x@ex.org" : "y@ex.org",
		    "203.0.113.1", SITE);
		(void)take_all(c, "confirm", alarm);
		pass(c, MINUTE);
	}
	pass(c, 2 * HOUR);
	assert_int_equal(post_to(c, WORLD_WEEKLY, "198.51.100.1"),
	    CHALLENGED);
	assert_int_equal(post_to(c, WORLD_WEEKLY, "203.0.113.1"), CHALLENGED);
	assert_int_equal(post_to(c, WORLD_WEEKLY, "203.0.113.99"),
	    CHALLENGED);
	assert_int_equal(post_to(c, WORLD_WEEKLY, "203.0.114.1"), ACCEPTED);
}

static void
test_the_price_tells_nothing_of_an_address(void **state)
{
	assert_int_equal(world_live(*state, same_price), 0);
}

/* ---- the administrator's word ---- */

static const char *
set_mode(struct child *c, const char *mode)
{
	struct ipc *admin = world_connect(c, ROLE_ADMIN);
	Message__Envelope question;
	Message__AttackQuery query;
	char text[8];

	snprintf(text, sizeof(text), "%s", mode);
	message__envelope__init(&question);
	message__attack_query__init(&query);
	query.mode = text;
	question.body_case = MESSAGE__ENVELOPE__BODY_ATTACK_QUERY;
	question.attack_query = &query;
	world_ask(c, admin, &question, MESSAGE__ENVELOPE__BODY_ATTACK);
	ipc_free(admin);
	return c->reply->attack->mode;
}

static void
by_word(struct child *c)
{
	assert_string_equal(set_mode(c, ""), "auto");
	assert_string_equal(set_mode(c, "on"), "on");
	assert_int_equal(c->level, PRICE_ATTACK);
	assert_int_equal(post_to(c, WORLD_DAILY, "192.0.2.1"), CHALLENGED);
}

static void
by_word_still(struct child *c)
{
	world_settle(c);
	assert_int_equal(post_to(c, WORLD_DAILY, "192.0.2.1"), CHALLENGED);
	assert_int_equal(c->level, PRICE_ATTACK);
	assert_string_equal(set_mode(c, "nonsense"), "on");
	assert_string_equal(set_mode(c, "auto"), "auto");
	assert_int_equal(c->level, PRICE_CALM);
	assert_int_equal(post_to(c, WORLD_DAILY, "192.0.2.1"), ACCEPTED);
	/* Off: whatever is found. */
	world_take_mail(c, "confirm");
	post_many(c, 0, 60, SITE);
	pass(c, 2 * HOUR);
	assert_int_equal(post_to(c, WORLD_DAILY, "192.0.2.1"), CHALLENGED);
	assert_string_equal(set_mode(c, "off"), "off");
	assert_int_equal(c->reply->attack->n_sources, 2);
	assert_string_equal(c->reply->attack->sources[0]->name, "daily");
	assert_int_equal(post_to(c, WORLD_DAILY, "192.0.2.1"), ACCEPTED);
}

static void
test_the_last_word(void **state)
{
	assert_int_equal(world_live(*state, by_word), 0);
	assert_int_equal(world_live(*state, by_word_still), 0);
}

#define LIFE(test) cmocka_unit_test_prestate_setup_teardown(test, \
    setup, world_teardown, &judge)

int
main(void)
{
	struct world_judge judge = { fail_test };
	const struct CMUnitTest tests[] = {
		LIFE(test_what_nobody_confirms),
		LIFE(test_others_are_left_alone),
		LIFE(test_not_me),
		LIFE(test_the_price_tells_nothing_of_an_address),
		LIFE(test_the_last_word),
	};

	log_open("stderr", "test", LOG_LEVEL_ERROR);
	return cmocka_run_group_tests_name("engine_watch", tests, NULL, NULL);
}
