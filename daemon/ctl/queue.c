/* SPDX-License-Identifier: ISC */
/*
 * assentctl queue: the mails that wait to be sent: list them, have them tried
 * now, or drop one.
 */
#include <inttypes.h>
#include <stdio.h>

#include "ctl/ctl.h"
#include "ctl/print.h"
#include "io/json.h"

/* When it is due, or which limit holds it back. */
static void
add_due(struct table *table, const struct json *mail)
{
	struct slice limit = json_text(json_get(mail, "held_by"));
	struct buf text = { 0 };

	if (limit.p == NULL) {
		table_add_member(table, mail, "due");
		return;
	}
	buf_add_str(&text, "over ");
	buf_add_slice(&text, limit);
	table_add(table, buf_slice(&text));
	buf_fini(&text);
}

static void
print_queue(const struct json *queue)
{
	static const char *const heads[] = { ">ID", "KIND", "LIST", "ADDRESS",
		">TRIES", "DUE", "LAST REPLY" };
	static const char *const names[] = { "id", "kind", "list", "address",
		"attempts" };
	const struct json *mails = json_get(queue, "mails");
	int64_t total = json_number(json_get(queue, "total"));
	struct table *table;

	if (total == 0) {
		puts("No mail waits to be sent.");
		return;
	}
	table = table_new(heads, 7);
	for (size_t i = 0; i < json_count(mails); i++) {
		for (size_t j = 0; j < 5; j++)
			table_add_member(table, json_at(mails, i), names[j]);
		add_due(table, json_at(mails, i));
		table_add_member(table, json_at(mails, i), "last_reply");
	}
	table_print(table);
	if ((int64_t)json_count(mails) < total)
		printf("… and %" PRId64 " more\n",
		    total - (int64_t)json_count(mails));
}

static int
print_answer(const struct ctl *ctl, int answer,
    void (*print)(const struct json *))
{
	struct json *value;

	if (answer != 200)
		return ctl_refused(ctl, answer);
	if (ctl->json)
		return ctl_print_answer(ctl);
	value = json_read(client_body(ctl->client));
	if (value == NULL)
		return ctl_fail("the daemon's answer can't be read");
	print(value);
	json_free(value);
	return CTL_DONE;
}

static int
list(const struct ctl *ctl)
{
	return print_answer(ctl, client_get(ctl->client, "/queue",
	    (struct slice){ 0 }, NULL, NULL), print_queue);
}

static int
change(const struct ctl *ctl, const char *path,
    void (*print)(const struct json *))
{
	struct buf form = { 0 };
	int answer;

	if (ctl->arg_count > 1)
		client_add_parameter(&form, "id", ctl->args[1]);
	answer = client_post(ctl->client, path, buf_slice(&form));
	buf_fini(&form);
	return print_answer(ctl, answer, print);
}

static void
print_retry(const struct json *answer)
{
	int64_t changed = json_number(json_get(answer, "changed"));

	if (changed == 0)
		puts("No mail waits to be sent.");
	else
		printf("%" PRId64 " will be tried now.\n", changed);
}

static int
retry(const struct ctl *ctl)
{
	return change(ctl, "/queue/retry", print_retry);
}

static void
print_drop(const struct json *answer)
{
	printf("%" PRId64 " dropped.\n",
	    json_number(json_get(answer, "changed")));
}

static int
drop(const struct ctl *ctl)
{
	return change(ctl, "/queue/drop", print_drop);
}

static int
queue(const struct ctl *ctl)
{
	static const struct {
		const char *name;
		size_t min_args, max_args;
		int (*run)(const struct ctl *);
	} actions[] = {
		{ "list", 0, 1, list },
		{ "retry", 1, 2, retry },
		{ "drop", 2, 2, drop },
	};
	const char *name = ctl->arg_count > 0 ? ctl->args[0] : "list";

	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		if (strcmp(actions[i].name, name) == 0 &&
		    ctl->arg_count >= actions[i].min_args &&
		    ctl->arg_count <= actions[i].max_args)
			return actions[i].run(ctl);
	}
	ctl_fail("queue takes: list, retry [ID] or drop ID");
	return CTL_USAGE;
}

const struct ctl_command ctl_queue[] = {
	{ .name = "queue", .usage = "[list | retry [ID] | drop ID]",
	    .what = "the mails that wait to be sent", .max_args = 2,
	    .run = queue },
	{ .name = NULL },
};
