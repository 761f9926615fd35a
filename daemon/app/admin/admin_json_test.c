/* SPDX-License-Identifier: ISC */
/*
 * What the admin socket says, word for word: the engine's messages as JSON
 * and as CSV.
 */
#include "app/admin/admin_json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "app/admin/admin_listing.h"
#include "app/contact_json.h"
#include "core/config.h"
#include "io/json.h"

#define SECOND INT64_C(1000000)
#define AT (INT64_C(1795411920) * SECOND)	/* 2026-11-23T05:32:00Z */

static char weekly[] = "weekly", daily[] = "daily";
static char address[] = "jo@example.org", name[] = "=Jo, \"J\"";
static char confirmed[] = "confirmed", country[] = "country", de[] = "DE";
static char ip[] = "192.0.2.1", agent[] = "Mozilla/5.0", way[] = "click";
static char blog[] = "blog", token[] = "TOKEN", base[] = "https://n.example";

static void
assert_json(struct json *value, const char *expected)
{
	struct buf out = { 0 };

	json_write(value, &out);
	json_free(value);
	assert_string_equal(buf_str(&out), expected);
	buf_fini(&out);
}

static void
test_contact(void **state)
{
	static char subscribe[] = "subscribe", confirm[] = "confirm";
	Fact__Pair field, *fields[] = { &field };
	Message__Subscription sub, *subs[] = { &sub };
	Fact__Evidence evidence;
	Message__Event first, second, *events[] = { &first, &second };
	Message__Contact contact;
	char *lists[] = { weekly, daily };

	(void)state;
	fact__pair__init(&field);
	field.name = country;
	field.value = de;
	message__subscription__init(&sub);
	sub.list = weekly;
	sub.state = confirmed;
	sub.since = AT;
	sub.source = blog;
	fact__evidence__init(&evidence);
	evidence.ip = ip;
	evidence.user_agent = agent;
	evidence.way = way;
	evidence.seconds_since_mail = 41;
	message__event__init(&first);
	first.time = AT;
	first.event = subscribe;
	first.lists = lists;
	first.n_lists = 2;
	message__event__init(&second);
	second.time = AT + 61 * SECOND;
	second.event = confirm;
	second.lists = lists;
	second.n_lists = 1;
	second.evidence = &evidence;
	message__contact__init(&contact);
	contact.found = true;
	contact.address = address;
	contact.fields = fields;
	contact.n_fields = 1;
	contact.subscriptions = subs;
	contact.n_subscriptions = 1;
	contact.events = events;
	contact.n_events = 2;
	assert_json(contact_json(&contact),
	    "{\"address\":\"jo@example.org\",\"name\":\"\",\"lang\":\"\","
	    "\"fields\":{\"country\":\"DE\"},\"subscriptions\":[{\"list\":"
	    "\"weekly\",\"state\":\"confirmed\","
	    "\"since\":\"2026-11-23T05:32:00Z\",\"source\":\"blog\"}],"
	    "\"suppressions\":[],\"events\":["
	    "{\"time\":\"2026-11-23T05:32:00Z\",\"event\":\"subscribe\","
	    "\"list\":\"weekly\",\"lists\":[\"weekly\",\"daily\"],"
	    "\"ip\":\"\",\"user_agent\":\"\",\"method\":\"\"},"
	    "{\"time\":\"2026-11-23T05:33:01Z\",\"event\":\"confirm\","
	    "\"list\":\"weekly\",\"ip\":\"192.0.2.1\","
	    "\"user_agent\":\"Mozilla/5.0\",\"method\":\"click\","
	    "\"seconds_since_mail\":41}]}");
}

/* A row with everything; `ret` borrows the rest. */
static void
make_row(Message__Subscription *ret, Fact__Pair *field,
    Fact__Pair **fields, char **tags)
{
	static char a[] = "a", b[] = "b";

	fact__pair__init(field);
	field->name = country;
	field->value = de;
	fields[0] = field;
	tags[0] = a;
	tags[1] = b;
	message__subscription__init(ret);
	ret->address = address;
	ret->name = name;
	ret->list = weekly;
	ret->state = confirmed;
	ret->since = ret->confirmed_at = AT;
	ret->fields = fields;
	ret->n_fields = 1;
	ret->tags = tags;
	ret->n_tags = 2;
	ret->unsubscribe_token = token;
}

static void
test_row(void **state)
{
	Message__Subscription row, bare;
	Fact__Pair field, *fields[1];
	char *tags[2];

	(void)state;
	make_row(&row, &field, fields, tags);
	assert_json(admin_json_row(&row, "https://n.example"),
	    "{\"address\":\"jo@example.org\",\"name\":\"=Jo, \\\"J\\\"\","
	    "\"list\":\"weekly\",\"state\":\"confirmed\","
	    "\"fields\":{\"country\":\"DE\"},\"tags\":[\"a\",\"b\"],"
	    "\"since\":\"2026-11-23T05:32:00Z\","
	    "\"confirmed_at\":\"2026-11-23T05:32:00Z\","
	    "\"unsubscribe_url\":\"https://n.example/unsubscribe/TOKEN\"}");
	message__subscription__init(&bare);
	assert_json(admin_json_row(&bare, "https://n.example"),
	    "{\"address\":\"\",\"name\":\"\",\"list\":\"\",\"state\":\"\","
	    "\"fields\":{},\"tags\":[],\"since\":null,"
	    "\"confirmed_at\":null,\"unsubscribe_url\":\"\"}");
}

static void
test_csv(void **state)
{
	static char vip[] = "vip";
	struct config_field of_weekly[] = { { .name = country } };
	struct config_field of_daily[] = { { .name = country },
		{ .name = vip } };
	struct config_list lists[] = {
		{ .name = weekly, .fields = of_weekly, .field_count = 1 },
		{ .name = daily, .fields = of_daily, .field_count = 2 },
	};
	struct config config = { .base_url = base, .lists = lists,
		.list_count = 2 };
	const struct listing_format *csv = listing_format_find("csv");
	Message__Subscription row;
	Fact__Pair field, *fields[1];
	char *tags[2];
	struct buf out = { 0 };

	(void)state;
	make_row(&row, &field, fields, tags);
	csv->add_header(&out, &config, NULL);
	csv->add_row(&out, &config, NULL, &row);
	csv->add_header(&out, &config, &lists[0]);
	assert_string_equal(buf_str(&out),
	    "address,name,list,state,since,confirmed_at,tags,country,vip,"
	    "unsubscribe_url\r\n"
	    "jo@example.org,\"'=Jo, \"\"J\"\"\",weekly,confirmed,"
	    "2026-11-23T05:32:00Z,2026-11-23T05:32:00Z,\"a,b\",DE,,"
	    "https://n.example/unsubscribe/TOKEN\r\n"
	    "address,name,list,state,since,confirmed_at,tags,country,"
	    "unsubscribe_url\r\n");
	buf_fini(&out);
	assert_string_equal(listing_format_find("")->name, "jsonl");
	assert_null(listing_format_find("xml"));
}

static void
test_cell(void **state)
{
	static const struct {
		struct slice text;
		const char *cell;
	} t[] = {
		{ SLICE(""), "" }, { SLICE("plain text"), "plain text" },
		{ SLICE("a,b"), "\"a,b\"" },
		{ SLICE("a\"b"), "\"a\"\"b\"" },
		{ SLICE("a\nb"), "\"a\nb\"" }, { SLICE("a\rb"), "\"a\rb\"" },
		{ SLICE("=1+1"), "\"'=1+1\"" }, { SLICE("+1"), "\"'+1\"" },
		{ SLICE("-1"), "\"'-1\"" }, { SLICE("@SUM"), "\"'@SUM\"" },
		{ SLICE("\tx"), "\"'\tx\"" }, { SLICE("a=1"), "a=1" },
		{ SLICE("'x"), "'x" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct buf out = { 0 };

		listing_add_cell(&out, t[i].text);
		assert_string_equal(buf_str(&out), t[i].cell);
		buf_fini(&out);
	}
}

static void
test_queue(void **state)
{
	static char confirm[] = "confirm", reply[] = "451 later";
	Message__Queue__Row row, *rows[] = { &row };
	Message__Queue queue;

	(void)state;
	message__queue__row__init(&row);
	row.due = (uint64_t)AT;
	row.sequence = 7;
	row.kind = confirm;
	row.list = weekly;
	row.address = address;
	row.attempts = 2;
	row.queued_at = AT;
	row.last_reply = reply;
	message__queue__init(&queue);
	queue.total = 3;
	queue.rows = rows;
	queue.n_rows = 1;
	assert_json(admin_json_queue(&queue),
	    "{\"total\":3,\"mails\":[{\"id\":7,\"kind\":\"confirm\","
	    "\"list\":\"weekly\",\"address\":\"jo@example.org\","
	    "\"attempts\":2,\"queued_at\":\"2026-11-23T05:32:00Z\","
	    "\"due\":\"2026-11-23T05:32:00Z\","
	    "\"last_reply\":\"451 later\"}]}");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_contact),
		cmocka_unit_test(test_row),
		cmocka_unit_test(test_csv),
		cmocka_unit_test(test_cell),
		cmocka_unit_test(test_queue),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
