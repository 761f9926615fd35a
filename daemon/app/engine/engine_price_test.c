/* SPDX-License-Identifier: ISC */
/*
 * What a post has to show, through the whole engine: who is let in, that a
 * proof is good once, and that nothing is kept of whoever is asked for more.
 */
#include "app/engine/engine_world_held.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "app/engine/engine.h"
#include "app/engine/op_accept.h"
#include "app/engine/store.h"
#include "base/clock.h"
#include "base/log.h"
#include "core/form_token.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define CHALLENGED MESSAGE__SUBSCRIBED__OUTCOME__CHALLENGED
#define SITE "https://www.example.org"
#define OWN "https://news.example.org"
#define SECOND CLOCK_SECOND

static void
fail_test(const char *what, const char *file, int line)
{
	fail_msg("%s:%d: %s", file, line, what);
}

/* What a post brings; the nonce is a number. */
struct post {
	const char *address, *ip, *origin;
	enum price_proof proof;
	unsigned level;
	uint8_t nonce;
	int64_t age;		/* of the proof, seconds */
	bool robot, manage;
};

static const int64_t lives[PRICE_PROOFS] = {
	[PRICE_WAIT] = FORM_TOKEN_WAIT_MAX,
	[PRICE_SOLVED] = CHALLENGE_SECONDS };
static const size_t nonce_sizes[PRICE_PROOFS] = {
	[PRICE_WAIT] = FORM_TOKEN_NONCE_SIZE,
	[PRICE_SOLVED] = CHALLENGE_NONCE_SIZE };

/* The question for it, in parts that last until the next one. */
static Message__Envelope *
question_of(struct child *c, struct post p)
{
	static char texts[3][64];
	static uint8_t nonce[CHALLENGE_NONCE_SIZE];
	static Message__Proof proof;
	Message__Envelope *question = world_simple_post(c);
	Message__Subscribe *s = question->subscribe;

	snprintf(texts[0], 64, "%s", p.address != NULL ? p.address :
	    "jo@example.org");
	snprintf(texts[1], 64, "%s", p.ip != NULL ? p.ip : "192.0.2.7");
	snprintf(texts[2], 64, "%s", p.origin != NULL ? p.origin : "");
	message__proof__init(&proof);
	nonce[0] = p.nonce;
	proof.kind = (Message__Proof__Kind)p.proof;
	proof.level = p.level;
	proof.nonce = (ProtobufCBinaryData){ nonce_sizes[p.proof], nonce };
	proof.expires_at = world_now() / SECOND + lives[p.proof] - p.age;
	s->address = s->address_key = texts[0];
	s->evidence->ip = texts[1];
	s->evidence->origin = texts[2];
	s->robot = p.robot;
	s->manage = p.manage;
	if (p.manage)
		s->n_lists = 0;
	s->proof = &proof;
	return question;
}

static Message__Subscribed__Outcome
post(struct child *c, struct post p)
{
	return world_post(c, question_of(c, p));
}

static int
setup(void **state)
{
	static char site[] = SITE;
	static char *sites[] = { site };
	struct child *c;
	int error = world_setup(state);

	c = *state;
	c->config.limits.challenge = CONFIG_CHALLENGE_AUTO;
	c->lists[WORLD_DAILY].origins = (struct config_strings){ sites, 1 };
	world_limit(c, "off", "off");
	return error;
}

static const struct engine_stats *
stats(struct child *c)
{
	return &((const struct engine *)c->arg)->stats;
}

static uint64_t
requests(struct child *c)
{
	return store_count(((struct engine *)c->arg)->store, STORE_REQUEST);
}

/* ---- who is let in ---- */

static const struct {
	struct post post;
	bool is_taken;
} calm[] = {
	{ { .origin = SITE }, true },
	{ { .origin = SITE, .proof = PRICE_SOLVED, .nonce = 1 }, true },
	{ { .origin = "" }, false },
	{ { .origin = "null" }, false },
	{ { .origin = "", .proof = PRICE_FORM }, false },
	{ { .origin = "", .proof = PRICE_SOLVED, .nonce = 2 }, true },
	{ { .origin = "", .proof = PRICE_WAIT, .nonce = 3 }, true },
	{ { .origin = OWN }, false },
	{ { .origin = OWN, .proof = PRICE_FORM }, true },
	{ { .origin = SITE, .robot = true }, false },
	{ { .origin = OWN, .manage = true }, false },
	{ { .origin = OWN, .manage = true, .proof = PRICE_FORM }, true },
	{ { .origin = SITE, .manage = true }, false },
	{ { .origin = SITE, .manage = true, .proof = PRICE_SOLVED,
	    .nonce = 4 }, true },
	/* No longer good, or not yet of this world. */
	{ { .origin = "", .proof = PRICE_SOLVED, .nonce = 5,
	    .age = CHALLENGE_SECONDS + 1 }, false },
	{ { .origin = "", .proof = PRICE_SOLVED, .nonce = 6,
	    .age = -1 }, false },
	{ { .origin = "", .proof = PRICE_WAIT, .nonce = 7,
	    .age = FORM_TOKEN_WAIT_MAX + 1 }, false },
};

static void
each_pays(struct child *c)
{
	uint64_t taken = 0;

	world_pass(3600 * SECOND);
	for (size_t i = 0; i < COUNT(calm); i++) {
		taken += calm[i].is_taken;
		assert_int_equal(post(c, calm[i].post), calm[i].is_taken ?
		    ACCEPTED : CHALLENGED);
		assert_int_equal(c->reply->subscribed->level, 0);
		assert_int_equal(stats(c)->subscribes, taken);
	}
	assert_int_equal(stats(c)->challenged, COUNT(calm) - taken);
}

static void
test_each_pays_its_price(void **state)
{
	assert_int_equal(world_live(*state, each_pays), 0);
}

static void
nothing_is_kept(struct child *c)
{
	const struct engine *e = c->arg;
	uint64_t next = e->progress.next_request;

	assert_int_equal(post(c, (struct post){ 0 }), CHALLENGED);
	assert_int_equal(requests(c), 0);
	assert_int_equal(e->progress.next_request, next);
	assert_null(world_next_mail(c));
	/* It hasn't used up what its mailbox may get. */
	for (int i = 0; i < 100; i++)
		assert_int_equal(post(c, (struct post){ 0 }), CHALLENGED);
	assert_int_equal(post(c, (struct post){ .origin = SITE }), ACCEPTED);
	world_take_mail(c, "confirm");
}

static void
test_nothing_is_kept_of_whoever_must_show_more(void **state)
{
	assert_int_equal(world_live(*state, nothing_is_kept), 0);
}

static void
trapped(struct child *c)
{
	world_pass(SECOND);
	assert_int_equal(post(c, (struct post){ .robot = true }), CHALLENGED);
	assert_int_equal(post(c, (struct post){ .robot = true,
	    .proof = PRICE_SOLVED, .nonce = 1 }), ACCEPTED);
	world_take_mail(c, "confirm");
	assert_int_equal(stats(c)->robots, 0);
}

/* A person whose program filled in a field that isn't to be seen. */
static void
test_who_is_trapped_and_solves_is_a_person(void **state)
{
	assert_int_equal(world_live(*state, trapped), 0);
}

static void
trapped_in_vain(struct child *c)
{
	assert_int_equal(post(c, (struct post){ .robot = true }), ACCEPTED);
	assert_null(world_next_mail(c));
	assert_int_equal(stats(c)->robots, 1);
}

static void
test_off_a_trap_is_a_trap(void **state)
{
	struct child *c = *state;

	c->config.limits.challenge = CONFIG_CHALLENGE_OFF;
	assert_int_equal(world_live(c, trapped_in_vain), 0);
}

/* ---- once ---- */

#define SOLVED { .proof = PRICE_SOLVED, .nonce = 9, .age = 10 }

static void
use_it(struct child *c)
{
	world_pass(60 * SECOND);
	assert_int_equal(post(c, (struct post)SOLVED), ACCEPTED);
	for (int i = 0; i < 64; i++)
		assert_int_equal(post(c, (struct post)SOLVED), CHALLENGED);
	assert_int_equal(stats(c)->replayed, 64);
	assert_int_equal(stats(c)->solved, 1);
	/* Where none is needed it does no harm, but it isn't worth a thing. */
	assert_int_equal(post(c, (struct post){ .origin = SITE,
	    .proof = PRICE_SOLVED, .nonce = 9 }), ACCEPTED);
	assert_int_equal(stats(c)->solved, 1);
}

static void
use_it_again(struct child *c)
{
	assert_int_equal(post(c, (struct post){ .proof = PRICE_SOLVED,
	    .nonce = 9, .age = 30 }), CHALLENGED);
	world_pass(10 * SECOND);
	assert_int_equal(post(c, (struct post){ .proof = PRICE_SOLVED,
	    .nonce = 10, .age = 5 }), ACCEPTED);
}

static void
test_a_proof_is_good_once(void **state)
{
	assert_int_equal(world_live(*state, use_it), 0);
	/* The next process doesn't know of it, and takes none of that time. */
	assert_int_equal(world_live(*state, use_it_again), 0);
}

static void
all_at_once(struct child *c)
{
	world_pass(60 * SECOND);
	for (int i = 0; i < 64; i++)
		world_queue(c, &op_accept, ROLE_WEB, question_of(c,
		    (struct post)SOLVED));
	world_settle(c);
	assert_int_equal(stats(c)->subscribes, 1);
	assert_int_equal(stats(c)->replayed, 63);
	world_take_mail(c, "confirm");
	assert_null(world_next_mail(c));
}

static void
test_once_within_a_turn_too(void **state)
{
	assert_int_equal(world_live(*state, all_at_once), 0);
}

/* ---- waiting ---- */

static Message__Subscribed__Outcome
wait_and_post(struct child *c, const char *ip, uint8_t nonce)
{
	return post(c, (struct post){ .ip = ip, .proof = PRICE_WAIT,
	    .nonce = nonce });
}

static void
many_wait(struct child *c)
{
	world_pass(3600 * SECOND);
	for (uint8_t i = 0; i < 5; i++)
		assert_int_equal(wait_and_post(c, "192.0.2.7", i), ACCEPTED);
	assert_int_equal(wait_and_post(c, "192.0.2.7", 6), CHALLENGED);
	assert_in_range(c->reply->subscribed->retry_after, 1, 600);
	assert_int_equal(wait_and_post(c, "192.0.2.8", 7), ACCEPTED);
	assert_int_equal(post(c, (struct post){ .proof = PRICE_SOLVED,
	    .nonce = 8 }), ACCEPTED);
	/* Where it isn't needed it isn't counted. */
	assert_int_equal(post(c, (struct post){ .origin = SITE,
	    .proof = PRICE_WAIT, .nonce = 9 }), ACCEPTED);
	world_pass(600 * SECOND);
	assert_int_equal(wait_and_post(c, "192.0.2.7", 10), ACCEPTED);
}

static void
test_few_of_a_network_may_wait(void **state)
{
	assert_int_equal(world_live(*state, many_wait), 0);
}

/* ---- the mood ---- */

static void
half_used(struct child *c)
{
	world_pass(SECOND);
	assert_int_equal(c->level, PRICE_CALM);
	for (int i = 'a'; i < 'd'; i++) {
		char address[] = { (char)i, '@', 'o', 'n', 'e', '.', 'o', 'r',
			'g', '\0' };

		assert_int_equal(post(c, (struct post){ .address = address,
		    .origin = SITE }), ACCEPTED);
	}
	assert_string_equal(world_all_mail(c), "a b c");
	assert_int_equal(post(c, (struct post){ .address = "d@one.org",
	    .origin = SITE }), CHALLENGED);
	assert_int_equal(c->reply->subscribed->level, PRICE_STRAINED);
	assert_int_equal(post(c, (struct post){ .address = "d@one.org",
	    .origin = SITE, .proof = PRICE_SOLVED, .level = PRICE_STRAINED,
	    .nonce = 1 }), ACCEPTED);
	/* Another domain's is as full as it was. */
	assert_int_equal(post(c, (struct post){ .address = "e@two.org",
	    .origin = SITE }), ACCEPTED);
	assert_int_equal(c->level, PRICE_CALM);
	assert_string_equal(world_all_mail(c), "d e");
	assert_int_equal(post(c, (struct post){ .address = "f@three.org",
	    .origin = SITE }), ACCEPTED);
	assert_int_equal(c->level, PRICE_STRAINED);
	assert_int_equal(post(c, (struct post){ .address = "g@four.org",
	    .origin = SITE }), CHALLENGED);
	world_pass(3600 * SECOND);
	assert_int_equal(post(c, (struct post){ .address = "g@four.org",
	    .origin = SITE }), ACCEPTED);
	assert_int_equal(c->level, PRICE_CALM);
}

static void
test_half_a_budget_raises_the_price(void **state)
{
	struct child *c = *state;

	world_limit(c, "5/1h", "10/1h");
	assert_int_equal(world_live(c, half_used), 0);
}

/* ---- who solved something goes first ---- */

static void
solved_first(struct child *c)
{
	world_pass(SECOND);
	assert_int_equal(post(c, (struct post){ .address = "z@ex.org",
	    .proof = PRICE_WAIT, .nonce = 1 }), ACCEPTED);
	assert_int_equal(post(c, (struct post){ .address = "a@ex.org",
	    .proof = PRICE_WAIT, .nonce = 2 }), ACCEPTED);
	assert_int_equal(post(c, (struct post){ .address = "b@ex.org",
	    .proof = PRICE_SOLVED, .level = PRICE_STRAINED, .nonce = 3 }),
	    ACCEPTED);
	assert_string_equal(world_all_mail(c), "z");
}

static void
in_their_order(struct child *c)
{
	assert_string_equal(world_mail_after(c, 3600 * SECOND), "b");
	assert_string_equal(world_mail_after(c, 3600 * SECOND), "a");
}

static void
test_who_solved_goes_first(void **state)
{
	struct child *c = *state;

	world_limit(c, "off", "1/1h");
	assert_int_equal(world_live(c, solved_first), 0);
	assert_int_equal(world_live(c, in_their_order), 0);
}

#define LIFE(test) cmocka_unit_test_prestate_setup_teardown(test, \
    setup, world_teardown, &judge)

int
main(void)
{
	struct world_judge judge = { fail_test };
	const struct CMUnitTest tests[] = {
		LIFE(test_each_pays_its_price),
		LIFE(test_nothing_is_kept_of_whoever_must_show_more),
		LIFE(test_who_is_trapped_and_solves_is_a_person),
		LIFE(test_off_a_trap_is_a_trap),
		LIFE(test_a_proof_is_good_once),
		LIFE(test_once_within_a_turn_too),
		LIFE(test_few_of_a_network_may_wait),
		LIFE(test_half_a_budget_raises_the_price),
		LIFE(test_who_solved_goes_first),
	};

	log_open("stderr", "test", LOG_LEVEL_ERROR);
	return cmocka_run_group_tests_name("engine_price", tests, NULL, NULL);
}
