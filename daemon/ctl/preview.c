/* SPDX-License-Identifier: ISC */
/*
 * assentctl preview: a mail as it would be sent, or a part of it.
 */
#include <stdio.h>

#include "ctl/ctl.h"
#include "io/json.h"

/* The member of the daemon's answer that is wanted; NULL: none is. */
static const char *
find_member(const char *part)
{
	static const char *const parts[] = { "text", "html", "subject" };

	if (part == NULL)
		return "message";
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (strcmp(part, parts[i]) == 0)
			return parts[i];
	}
	return NULL;
}

static int
print_member(struct slice body, const char *member)
{
	struct json *mail = json_read(body);
	struct slice text = json_text(json_get(mail, member));

	if (text.p == NULL) {
		json_free(mail);
		return ctl_fail("the daemon's answer can't be read");
	}
	fwrite(text.p, 1, text.len, stdout);
	if (!slice_ends(text, "\n"))
		putchar('\n');
	json_free(mail);
	return CTL_DONE;
}

static int
preview(const struct ctl *ctl)
{
	const char *member = find_member(ctl_option(ctl, "part"));
	struct buf form = { 0 };
	int answer;

	if (member == NULL) {
		ctl_fail("--part takes: text, html or subject");
		return CTL_USAGE;
	}
	client_add_parameter(&form, "kind", ctl->args[0]);
	client_add_parameter(&form, "list", ctl_option(ctl, "list"));
	client_add_parameter(&form, "lang", ctl_option(ctl, "lang"));
	answer = client_get(ctl->client, "/preview", buf_slice(&form), NULL,
	    NULL);
	buf_fini(&form);
	if (answer != 200)
		return ctl_refused(ctl, answer);
	if (ctl->json)
		return ctl_print_answer(ctl);
	return print_member(client_body(ctl->client), member);
}

const struct ctl_command ctl_preview[] = {
	{ .name = "preview", .usage = "KIND [--list LIST] [--lang LANG] "
	    "[--part text|html|subject]",
	    .what = "a mail as it would be sent", .options = "list lang part",
	    .min_args = 1, .max_args = 1, .run = preview },
	{ .name = NULL },
};
