/* SPDX-License-Identifier: ISC */
/*
 * assentctl unsubscribe: ends subscriptions of one address, or of each
 * address on stdin.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "ctl/ctl.h"
#include "ctl/print.h"
#include "io/json.h"

static void
print_done(const struct ctl *ctl, const char *address)
{
	struct json *body = json_read(client_body(ctl->client));
	int64_t changed = json_number(json_get(body, "changed"));
	struct buf line = { 0 };

	if (ctl->json) {
		json_write(body, &line);
		puts(buf_str(&line));
	} else {
		print_clean(slice_str(address), 0);
		printf(changed == 0 ? ": had no subscription left\n" :
		    changed == 1 ? ": %" PRId64 " subscription ended\n" :
		    ": %" PRId64 " subscriptions ended\n", changed);
	}
	buf_fini(&line);
	json_free(body);
}

static int
unsubscribe_one(const struct ctl *ctl, const char *address)
{
	struct buf form = { 0 };
	int answer, status = CTL_DONE;

	client_add_parameter(&form, "address", address);
	ctl_add_options(ctl, &form);
	answer = client_post(ctl->client, "/unsubscribe", buf_slice(&form));
	buf_fini(&form);
	if (answer == 200)
		print_done(ctl, address);
	else
		status = ctl_refused_for(ctl, answer, address);
	return status;
}

/* All lines, those that fail too; the worst of their results. */
static int
unsubscribe_all(const struct ctl *ctl)
{
	char *line = NULL;
	size_t cap = 0;
	int status = CTL_DONE;

	while (getline(&line, &cap, stdin) >= 0) {
		char *start = line + strspn(line, " \t");
		size_t end = strlen(start);

		while (end > 0 && strchr(" \t\r\n", start[end - 1]) != NULL)
			start[--end] = '\0';
		if (end > 0 && unsubscribe_one(ctl, start) != CTL_DONE)
			status = CTL_FAILED;
	}
	free(line);
	if (ferror(stdin))
		return ctl_fail("stdin can't be read to its end");
	return status;
}

static int
unsubscribe(const struct ctl *ctl)
{
	if (strcmp(ctl->args[0], "-") == 0)
		return unsubscribe_all(ctl);
	return unsubscribe_one(ctl, ctl->args[0]);
}

const struct ctl_command ctl_unsubscribe[] = {
	{ .name = "unsubscribe", .usage = "ADDRESS|- [--list LIST]",
	    .what = "end subscriptions; - reads addresses from stdin",
	    .options = "list", .min_args = 1, .max_args = 1,
	    .run = unsubscribe },
	{ .name = NULL },
};
