/* SPDX-License-Identifier: ISC */
/*
 * The DNS is this file's own: it answers when a test says so.
 */
#include "app/mailer/domains.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/mem.h"
#include "io/dns_mail.h"

enum { MANY = 5000, SECOND = 1000, HOUR = 3600 * SECOND };

struct dns_mail_query {
	dns_mail_answer *on_answer;
	void *arg;
};

static struct event_base *base;
static struct dns_mail_query *last;	/* the one asked last */
static unsigned asked, cancelled;
static int64_t now;

int64_t __wrap_clock_monotonic_ms(void);

int64_t
__wrap_clock_monotonic_ms(void)
{
	return now;
}

struct dns_mail_query *
dns_mail_ask(struct event_base *on, const char *resolver,
    const char *domain, dns_mail_answer *on_answer, void *arg)
{
	assert_ptr_equal(on, base);
	assert_string_equal(resolver, "127.0.0.1:53");
	assert_non_null(strstr(domain, "example"));
	last = MEM_NEW(struct dns_mail_query);
	*last = (struct dns_mail_query){ on_answer, arg };
	asked++;
	return last;
}

void
dns_mail_cancel(struct dns_mail_query *q)
{
	cancelled += q != NULL;
	free(q);
}

static void
reply(enum dns_mail found)
{
	struct dns_mail_query *q = last;

	last = NULL;
	assert_non_null(q);
	q->on_answer(found, q->arg);
	free(q);
}

struct told {
	unsigned times;
	const char *why;
};

static void
on_answer(const char *why, void *arg)
{
	struct told *told = arg;

	told->times++;
	told->why = why;
}

static int
set_up(void **state)
{
	(void)state;
	base = event_base_new();
	return base != NULL ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	event_base_free(base);
	return 0;
}

static struct domains *
begin(void)
{
	enum { PATIENCE = 1 };

	asked = cancelled = 0;
	now = SECOND;
	return domains_new(base, "127.0.0.1:53", PATIENCE);
}

static void
one_question_serves_all_who_wait(void **state)
{
	struct domains *d = begin();
	struct told one = { 0 }, two = { 0 };
	const char *why = NULL;

	(void)state;
	domains_ask(d, "example.org", on_answer, &one);
	assert_false(domains_know(d, "example.org", &why));
	domains_ask(d, "example.org", on_answer, &two);
	assert_int_equal(asked, 1);
	reply(DNS_MAIL_NULL_MX);
	assert_int_equal(one.times + two.times, 2);
	assert_string_equal(one.why, "the domain takes no mail");
	assert_string_equal(two.why, one.why);
	assert_true(domains_know(d, "example.org", &why));
	assert_string_equal(why, one.why);
	assert_false(domains_know(d, "example.com", &why));
	domains_free(d);
}

static void
what_the_dns_says_counts_for_a_while(void **state)
{
	static const struct {
		enum dns_mail found;
		int64_t ms;
		const char *why;
	} cases[] = {
		{ DNS_MAIL_UNKNOWN, 10 * SECOND, NULL },
		{ DNS_MAIL_TAKEN, HOUR, NULL },
		{ DNS_MAIL_NO_DOMAIN, 300 * SECOND,
		    "there is no such domain" },
		{ DNS_MAIL_NO_HOST, 300 * SECOND,
		    "the domain has no mail server" },
		{ DNS_MAIL_NULL_MX, 300 * SECOND,
		    "the domain takes no mail" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct domains *d = begin();
		struct told told = { 0 };
		const char *why = "";

		domains_ask(d, "example.org", on_answer, &told);
		reply(cases[i].found);
		assert_int_equal(told.times, 1);
		assert_true((told.why != NULL) == (cases[i].why != NULL));
		now += cases[i].ms;
		assert_true(domains_know(d, "example.org", &why));
		if (cases[i].why != NULL)
			assert_string_equal(why, cases[i].why);
		else
			assert_null(why);
		now++;
		assert_false(domains_know(d, "example.org", &why));
		domains_ask(d, "example.org", on_answer, &told);
		assert_int_equal(asked, 2);
		domains_hurry(d);
		domains_free(d);
		assert_int_equal(cancelled, 1);
	}
}

static void
nobody_waits_at_the_end(void **state)
{
	struct domains *d = begin();
	struct told told = { .why = "" };

	(void)state;
	domains_ask(d, "example.org", on_answer, &told);
	domains_hurry(d);
	assert_int_equal(told.times, 1);
	assert_null(told.why);
	reply(DNS_MAIL_NULL_MX);
	assert_int_equal(told.times, 1);
	domains_hurry(d);
	domains_free(d);
	domains_free(NULL);
}

static void
patience_ends(void **state)
{
	struct domains *d = begin();
	struct told told = { .why = "" };
	const char *why;

	(void)state;
	domains_ask(d, "example.org", on_answer, &told);
	(void)event_base_loop(base, EVLOOP_ONCE);
	assert_int_equal(told.times, 1);
	assert_null(told.why);
	assert_false(domains_know(d, "example.org", &why));
	reply(DNS_MAIL_NULL_MX);
	assert_int_equal(told.times, 1);
	assert_true(domains_know(d, "example.org", &why));
	assert_string_equal(why, "the domain takes no mail");
	domains_free(d);
}

static void
silent_domains_hold_up_no_other(void **state)
{
	struct domains *d = begin();
	struct told told = { .times = 0 };
	const char *why = "";
	unsigned waiting = 0;
	char name[32];

	(void)state;
	for (int i = 0; i < MANY; i++) {
		(void)snprintf(name, sizeof(name), "%d.example", i);
		if (domains_know(d, name, &why)) {
			assert_null(why);
			continue;
		}
		domains_ask(d, name, on_answer, &told);
		waiting++;
	}
	assert_int_equal(waiting, 32);
	reply(DNS_MAIL_TAKEN);
	assert_false(domains_know(d, "honest.example", &why));
	domains_hurry(d);
	assert_int_equal(told.times, waiting);
	domains_free(d);
	assert_int_equal(cancelled, waiting - 1);
}

static void
those_asked_for_long_ago_are_forgotten(void **state)
{
	struct domains *d = begin();
	struct told told = { 0 };
	const char *why;
	unsigned known = 0;
	char name[32];

	(void)state;
	domains_ask(d, "often.example", on_answer, &told);
	reply(DNS_MAIL_TAKEN);
	for (int i = 0; i < MANY; i++) {
		(void)snprintf(name, sizeof(name), "%d.example", i);
		domains_ask(d, name, on_answer, &told);
		reply(DNS_MAIL_TAKEN);
		assert_true(domains_know(d, "often.example", &why));
	}
	for (int i = 0; i < MANY; i++) {
		(void)snprintf(name, sizeof(name), "%d.example", i);
		known += domains_know(d, name, &why);
	}
	assert_int_equal(known, 1023);
	domains_free(d);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(one_question_serves_all_who_wait),
		TEST(what_the_dns_says_counts_for_a_while),
		TEST(nobody_waits_at_the_end),
		TEST(patience_ends),
		TEST(silent_domains_hold_up_no_other),
		TEST(those_asked_for_long_ago_are_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
