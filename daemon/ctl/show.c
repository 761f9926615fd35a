/* SPDX-License-Identifier: ISC */
/*
 * assentctl show: all that is known of one address.
 */
#include <stdio.h>

#include "ctl/ctl.h"
#include "ctl/print.h"
#include "io/json.h"

static void
add_pair(const char *name, const struct json *value, void *arg)
{
	struct buf *out = arg;

	buf_printf(out, "%s%s=", out->len > 0 ? " " : "", name);
	json_add_plain(value, out);
}

/* Texts as they are, objects as name=value pairs. */
static void
print_value(const struct json *value)
{
	struct buf plain = { 0 };

	json_each(value, add_pair, &plain);
	if (plain.len == 0)
		json_add_plain(value, &plain);
	print_clean(buf_slice(&plain), 0);
	buf_fini(&plain);
}

static void
print_field(const char *name, const struct json *value, void *arg)
{
	(void)arg;
	print_clean(slice_str(name), 14);
	printf("  ");
	print_value(value);
	putchar('\n');
}

static void
print_person(const struct json *contact)
{
	struct slice name = json_text(json_get(contact, "name"));
	struct slice lang = json_text(json_get(contact, "lang"));

	print_clean(json_text(json_get(contact, "address")), 0);
	putchar('\n');
	if (name.len > 0)
		print_field("name", json_get(contact, "name"), NULL);
	if (lang.len > 0)
		print_field("language", json_get(contact, "lang"), NULL);
	json_each(json_get(contact, "fields"), print_field, NULL);
}

static void
print_subscriptions(const struct json *rows)
{
	static const char *const heads[] = { "LIST", "STATE", "SINCE",
		"SOURCE" };
	struct table *table = table_new(heads, 4);

	for (size_t i = 0; i < json_count(rows); i++) {
		for (size_t j = 0; j < 4; j++) {
			static const char *const names[] = { "list", "state",
				"since", "source" };

			table_add_member(table, json_at(rows, i), names[j]);
		}
	}
	putchar('\n');
	table_print(table);
}

static void
print_proof(const struct json *contact)
{
	struct slice until = json_text(json_get(contact, "proof_until"));

	if (until.len == 0)
		return;
	printf("\nwas erased; the proof of consent stays sealed until ");
	print_clean(until, 0);
	puts(" (--proof shows it)");
}

static void
print_suppressions(const struct json *rows)
{
	for (size_t i = 0; i < json_count(rows); i++) {
		printf("%ssuppressed: ", i == 0 ? "\n" : "");
		print_clean(json_text(json_at(rows, i)), 0);
		putchar('\n');
	}
}

/* Evidence: all members that say something and aren't told already. */
static void
print_evidence(const char *name, const struct json *value, void *arg)
{
	static const char *const told[] = { "time", "event", "list",
		"lists" };
	struct slice text = json_text(value);

	(void)arg;
	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++) {
		if (strcmp(name, told[i]) == 0)
			return;
	}
	if (text.p != NULL && text.len == 0)
		return;
	printf("    ");
	print_clean(slice_str(name), 18);
	printf("  ");
	print_value(value);
	putchar('\n');
}

/* One list, or several. */
static void
print_lists(const struct json *event)
{
	const struct json *lists = json_get(event, "lists");

	if (lists == NULL)
		print_clean(json_text(json_get(event, "list")), 0);
	for (size_t i = 0; i < json_count(lists); i++) {
		printf("%s", i > 0 ? ", " : "");
		print_clean(json_text(json_at(lists, i)), 0);
	}
}

static void
print_events(const struct json *events)
{
	for (size_t i = 0; i < json_count(events); i++) {
		const struct json *event = json_at(events, i);

		putchar('\n');
		print_clean(json_text(json_get(event, "time")), 0);
		printf("  ");
		print_clean(json_text(json_get(event, "event")), 0);
		printf("  ");
		print_lists(event);
		putchar('\n');
		json_each(event, print_evidence, NULL);
	}
}

static int
show(const struct ctl *ctl)
{
	struct buf form = { 0 };
	struct json *contact;
	int answer;

	client_add_parameter(&form, "address", ctl->args[0]);
	ctl_add_options(ctl, &form);
	answer = client_get(ctl->client, "/show", buf_slice(&form), NULL,
	    NULL);
	buf_fini(&form);
	if (answer != 200)
		return ctl_refused(ctl, answer);
	if (ctl->json)
		return ctl_print_answer(ctl);
	contact = json_read(client_body(ctl->client));
	if (contact == NULL)
		return ctl_fail("the daemon's answer can't be read");
	print_person(contact);
	print_subscriptions(json_get(contact, "subscriptions"));
	print_suppressions(json_get(contact, "suppressions"));
	print_proof(contact);
	print_events(json_get(contact, "events"));
	json_free(contact);
	return CTL_DONE;
}

const struct ctl_command ctl_show[] = {
	{ .name = "show", .usage = "ADDRESS [--proof]",
	    .what = "all that is known of an address", .options = "proof",
	    .min_args = 1, .max_args = 1, .run = show },
	{ .name = NULL },
};
