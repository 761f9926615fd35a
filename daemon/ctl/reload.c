/* SPDX-License-Identifier: ISC */
/*
 * assentctl reload: has the daemon load its config anew, and says how that
 * went.
 */
#include "ctl/ctl.h"
#include "io/json.h"

/* Each mistake as an error of its own. */
static int
refused(const struct ctl *ctl, int answer)
{
	struct json *body = json_read(client_body(ctl->client));
	const struct json *errors = json_get(json_get(body, "load"),
	    "errors");
	size_t count = json_count(errors);

	for (size_t i = 0; i < count; i++) {
		struct slice line = json_text(json_at(errors, i));

		ctl_fail("%.*s", SLICE_FMT(line));
	}
	json_free(body);
	return count > 0 ? CTL_FAILED : ctl_refused(ctl, answer);
}

static int
reload(const struct ctl *ctl)
{
	int answer = client_post(ctl->client, "/reload", (struct slice){ 0 });

	if (answer < 0)
		return CTL_FAILED;
	if (ctl->json)
		(void)ctl_print_answer(ctl);
	if (answer == 200)
		return CTL_DONE;
	return ctl->json ? CTL_FAILED : refused(ctl, answer);
}

const struct ctl_command ctl_reload[] = {
	{ .name = "reload",
	    .what = "load config, templates and certificates anew",
	    .run = reload },
	{ .name = NULL },
};
