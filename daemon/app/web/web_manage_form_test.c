/* SPDX-License-Identifier: ISC */
/*
 * What somebody enters about themselves becomes a question, or a mistake in a
 * named field.
 */
#include "app/web/web_manage_form.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/mem.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define HASH "00112233445566778899aabbccddeeff" \
    "00112233445566778899aabbccddeeff"

static char weekly[] = "weekly", daily[] = "daily", country[] = "country",
    size[] = "size";
static struct config_field weekly_fields[] = {
	{ .name = country, .type = CONFIG_FIELD_TEXT, .max = 2 },
	{ .name = size, .type = CONFIG_FIELD_NUMBER, .max = 9,
	    .required = true },
};
static struct config_field daily_fields[] = {
	{ .name = size, .type = CONFIG_FIELD_TEXT, .max = 5 },
};
static struct config_list lists[] = {
	{ .name = weekly, .fields = weekly_fields, .field_count = 2 },
	{ .name = daily, .fields = daily_fields, .field_count = 1 },
};
static const struct config config = { .lists = lists, .list_count = 2 };

/* "name=Ada leave:daily join:weekly size=4": what the message says. */
static char *
write_message(const Message__Manage *m)
{
	struct buf out = { 0 };

	buf_printf(&out, "name=%s", m->name);
	for (size_t i = 0; i < m->n_leave; i++)
		buf_printf(&out, " leave:%s", m->leave[i]);
	for (size_t i = 0; i < m->n_join; i++) {
		buf_printf(&out, " join:%s:", m->join[i]->list);
		bytes_add_hex(&out, m->join[i]->consent.data, 2);
	}
	for (size_t i = 0; i < m->n_fields; i++)
		buf_printf(&out, " %s=%s", m->fields[i]->name,
		    m->fields[i]->value);
	return buf_take(&out);
}

static void
test_forms(void **state)
{
	static const struct {
		const char *form;
		const char *message;	/* NULL: a mistake, in … */
		const char *field;
	} cases[] = {
		{ "name=", "name=", NULL },
		{ "name=+Ada+", "name=Ada", NULL },
		{ "", NULL, "name" },
		{ "name=a%0Ab", NULL, "name" },
		{ "name=A&had_daily=1&had_weekly=1&list_weekly=1",
		    "name=A leave:daily", NULL },
		{ "name=A&list_daily=1", "name=A", NULL },
		{ "name=A&join_weekly=" HASH, "name=A join:weekly:0011",
		    NULL },
		{ "name=A&join_weekly=1", NULL, "join" },
		{ "name=A&field_country=+NO+", "name=A country=NO", NULL },
		{ "name=A&field_country=", "name=A country=", NULL },
		{ "name=A&field_country=NOR", NULL, "country" },
		/* A number to one, a short text to the other. */
		{ "name=A&field_size=123456", "name=A size=123456", NULL },
		{ "name=A&field_size=large", "name=A size=large", NULL },
		{ "name=A&field_size=larger", NULL, "size" },
		/* Required of those only who stay on that list. */
		{ "name=A&field_size=&had_weekly=1",
		    "name=A leave:weekly size=", NULL },
		{ "name=A&field_size=&had_weekly=1&list_weekly=1", NULL,
		    "size" },
		/* What nobody declared is nobody's. */
		{ "name=A&field_shoe=44&shoe=44&had=x", "name=A", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		Message__Manage *m = MEM_NEW(Message__Manage);
		struct http_form *form;
		const char *field;
		char *said;
		enum web_error error;

		message__manage__init(m);
		assert_int_equal(http_form_parse_query(
		    slice_str(cases[i].form), &form), HTTP_FORM_OK);
		error = web_manage_form_read(&config, form, m, &field);
		said = write_message(m);
		if ((error == WEB_OK) != (cases[i].message != NULL))
			fail_msg("%s: %d", cases[i].form, error);
		if (cases[i].message != NULL)
			assert_string_equal(said, cases[i].message);
		else
			assert_string_equal(field, cases[i].field);
		free(said);
		http_form_free(form);
		message__manage__free_unpacked(m, NULL);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forms),
	};

	return cmocka_run_group_tests_name("web_manage_form", tests, NULL,
	    NULL);
}
