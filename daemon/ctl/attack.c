/* SPDX-License-Identifier: ISC */
/*
 * assentctl attack: what looks like an attack, and whether the daemon shall
 * believe it.
 */
#include <stdio.h>

#include "ctl/ctl.h"
#include "ctl/print.h"
#include "io/json.h"

static void
print_mode(struct slice mode)
{
	if (slice_eq_str(mode, "on"))
		puts("Everybody has to solve a challenge: attack mode is on "
		    "by your word, until \"attack auto\".");
	else if (slice_eq_str(mode, "off"))
		puts("Whatever is found is ignored: attack mode is off by "
		    "your word, until \"attack auto\".");
}

static void
print_sources(const struct json *sources)
{
	static const char *const heads[] = { "WHAT", "NAME", "STATE", "WHY",
		"SINCE", ">POSTS/H", ">USUAL", ">ASKED", ">CONFIRMED",
		">NOT ME" };
	static const char *const names[] = { "of", "name", "state", "why",
		"since", "posts_in_hour", "usual", "asked", "confirmed",
		"not_me" };
	enum { COLUMNS = sizeof(names) / sizeof(names[0]) };
	struct table *table;

	if (json_count(sources) == 0) {
		puts("Nothing looks like an attack.");
		return;
	}
	table = table_new(heads, COLUMNS);
	for (size_t i = 0; i < json_count(sources); i++) {
		for (size_t j = 0; j < COLUMNS; j++)
			table_add_member(table, json_at(sources, i),
			    names[j]);
	}
	table_print(table);
}

static int
send(const struct ctl *ctl)
{
	struct buf form = { 0 };
	int answer;

	if (ctl->arg_count == 0)
		return client_get(ctl->client, "/attack", (struct slice){ 0 },
		    NULL, NULL);
	client_add_parameter(&form, "mode", ctl->args[0]);
	answer = client_post(ctl->client, "/attack/mode", buf_slice(&form));
	buf_fini(&form);
	return answer;
}

static int
attack(const struct ctl *ctl)
{
	int answer = send(ctl);
	struct json *value;

	if (answer != 200)
		return ctl_refused(ctl, answer);
	if (ctl->json)
		return ctl_print_answer(ctl);
	value = json_read(client_body(ctl->client));
	if (value == NULL)
		return ctl_fail("the daemon's answer can't be read");
	print_mode(json_text(json_get(value, "mode")));
	print_sources(json_get(value, "sources"));
	json_free(value);
	return CTL_DONE;
}

const struct ctl_command ctl_attack[] = {
	{ .name = "attack", .usage = "[on | off | auto]",
	    .what = "what looks like an attack, and what is done about it",
	    .max_args = 1, .run = attack },
	{ .name = NULL },
};
