/* SPDX-License-Identifier: ISC */
/*
 * What domains of all kinds say about mail, by a name server of the test's.
 */
#include "io/dns_mail.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <event2/event.h>

#include <cmocka.h>

#include "io/dns_fake.h"

enum { NO_ANSWER = -1 };

static void
on_answer(enum dns_mail found, void *arg)
{
	int *answer = arg;

	*answer = (int)found;
}

static int
ask(const char *resolver, const char *domain)
{
	struct event_base *base = event_base_new();
	int answer = NO_ANSWER;

	(void)dns_mail_ask(base, resolver, domain, on_answer, &answer);
	assert_int_equal(answer, NO_ANSWER);
	while (answer == NO_ANSWER)
		(void)event_base_loop(base, EVLOOP_ONCE);
	event_base_free(base);
	return answer;
}

static void
a_domain_says_whether_it_takes_mail(void **state)
{
	static const struct {
		const char *domain;
		enum dns_mail found;
		unsigned questions;
	} cases[] = {
		{ "mx.assent.test", DNS_MAIL_TAKEN, 1 },
		{ "null.assent.test", DNS_MAIL_NULL_MX, 1 },
		{ "dots.assent.test", DNS_MAIL_TAKEN, 1 },
		{ "four.assent.test", DNS_MAIL_TAKEN, 2 },
		{ "six.assent.test", DNS_MAIL_TAKEN, 3 },
		{ "empty.assent.test", DNS_MAIL_NO_HOST, 3 },
		{ "none.assent.test", DNS_MAIL_NO_DOMAIN, 1 },
		{ "fails.assent.test", DNS_MAIL_UNKNOWN, 1 },
		{ "silent.assent.test", DNS_MAIL_UNKNOWN, 1 },
	};
	struct dns_fake server = dns_fake_start();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int found = ask(server.resolver, cases[i].domain);
		unsigned questions = dns_fake_questions(&server);

		if (found != (int)cases[i].found)
			fail_msg("%s: %d", cases[i].domain, found);
		/* What isn't answered well is asked again. */
		if (cases[i].found != DNS_MAIL_UNKNOWN &&
		    questions != cases[i].questions)
			fail_msg("%s: %u questions", cases[i].domain,
			    questions);
	}
	dns_fake_stop(&server);
}

static void
without_a_server_nothing_is_known(void **state)
{
	(void)state;
	assert_int_equal(ask("127.0.0.1:1", "mx.assent.test"),
	    DNS_MAIL_UNKNOWN);
	assert_int_equal(ask("nonsense", "mx.assent.test"),
	    DNS_MAIL_UNKNOWN);
}

static void
a_query_can_be_given_up(void **state)
{
	struct dns_fake server = dns_fake_start();
	struct event_base *base = event_base_new();
	int answer = NO_ANSWER;
	struct dns_mail_query *q = dns_mail_ask(base, server.resolver,
	    "silent.assent.test", on_answer, &answer);

	(void)state;
	(void)event_base_loop(base, EVLOOP_NONBLOCK);
	dns_mail_cancel(q);
	dns_mail_cancel(NULL);
	(void)event_base_loop(base, EVLOOP_NONBLOCK);
	assert_int_equal(answer, NO_ANSWER);
	event_base_free(base);
	dns_fake_stop(&server);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_domain_says_whether_it_takes_mail),
		cmocka_unit_test(without_a_server_nothing_is_known),
		cmocka_unit_test(a_query_can_be_given_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
