/* SPDX-License-Identifier: ISC */
/*
 * assentctl compact: has the database moved into a file without what was
 * deleted, and waits for that.
 */
#include <stdio.h>

#include "ctl/ctl.h"
#include "ctl/print.h"
#include "io/json.h"

static int
compact(const struct ctl *ctl)
{
	int answer = client_post(ctl->client, "/compact",
	    (struct slice){ 0 });
	struct buf text = { 0 };
	const struct json *last;
	struct json *body;

	if (answer != 200)
		return ctl_refused(ctl, answer);
	if (ctl->json)
		return ctl_print_answer(ctl);
	body = json_read(client_body(ctl->client));
	last = json_get(body, "compaction");
	print_add_size(&text, json_number(json_get(last, "bytes_after")));
	buf_add_str(&text, ", was ");
	print_add_size(&text, json_number(json_get(last, "bytes_before")));
	printf("compacted: %s\n", buf_str(&text));
	buf_fini(&text);
	json_free(body);
	return CTL_DONE;
}

const struct ctl_command ctl_compact[] = {
	{ .name = "compact", .what = "leave nothing of what was deleted",
	    .run = compact },
	{ .name = NULL },
};
