/* SPDX-License-Identifier: ISC */
/*
 * The commands that tell the daemon to do one thing about one address: each is
 * a POST of that name, with the options as its parameters, and one line of
 * what became of it.
 */
#include <stdio.h>

#include "ctl/ctl.h"
#include "ctl/print.h"
#include "io/json.h"

static void
print_done(const struct ctl *ctl, const struct json *answer)
{
	bool changed = json_number(json_get(answer, "changed")) > 0;
	struct slice until = json_text(json_get(answer, "proof_until"));

	print_clean(slice_str(ctl->args[0]), 0);
	printf(": %s", changed ? ctl->command->done : ctl->command->nothing);
	if (until.len > 0) {
		printf("; the proof of consent stays sealed until ");
		print_clean(until, 0);
	}
	putchar('\n');
}

static int
order(const struct ctl *ctl)
{
	struct buf form = { 0 }, path = { 0 };
	struct json *body;
	int answer;

	buf_printf(&path, "/%s", ctl->command->name);
	ctl_add_options(ctl, &form);
	client_add_parameter(&form, "address", ctl->args[0]);
	answer = client_post(ctl->client, buf_str(&path), buf_slice(&form));
	buf_fini(&path);
	buf_fini(&form);
	if (answer != 200)
		return ctl_refused_for(ctl, answer, ctl->args[0]);
	if (ctl->json)
		return ctl_print_answer(ctl);
	body = json_read(client_body(ctl->client));
	print_done(ctl, body);
	json_free(body);
	return CTL_DONE;
}

const struct ctl_command ctl_orders[] = {
	{ .name = "resend", .usage = "ADDRESS [--force]",
	    .what = "mail a confirmation link once more", .options = "force",
	    .done = "is mailed its confirmation link once more",
	    .nothing = "its mail still waits to be sent (see assentctl "
	    "queue)",
	    .min_args = 1, .max_args = 1, .run = order },
	{ .name = "confirm",
	    .usage = "ADDRESS --list LIST --reason TEXT",
	    .what = "subscribe an address by your own word",
	    .options = "list reason", .needs = "list reason",
	    .done = "is subscribed", .nothing = "was subscribed already",
	    .min_args = 1, .max_args = 1, .run = order },
	{ .name = "suppress",
	    .usage = "ADDRESS [--reason admin|complaint|bounce]",
	    .what = "never mail an address", .options = "reason",
	    .done = "will not be mailed any more",
	    .nothing = "was suppressed already",
	    .min_args = 1, .max_args = 1, .run = order },
	{ .name = "unsuppress", .usage = "ADDRESS",
	    .what = "let it be mailed again",
	    .done = "may be mailed again, once it asks",
	    .nothing = "was not suppressed",
	    .min_args = 1, .max_args = 1, .run = order },
	{ .name = "erase", .usage = "ADDRESS [--all] [--suppress]",
	    .what = "forget an address", .options = "all suppress",
	    .done = "is erased",
	    .nothing = "was not known, and is suppressed already",
	    .min_args = 1, .max_args = 1, .run = order },
	{ .name = NULL },
};
