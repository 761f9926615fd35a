/* SPDX-License-Identifier: ISC */
/*
 * POST /reload: the parent loads the config anew.  The process that took the
 * call is replaced by that, and stays until it has given the answer.
 */
#include "app/admin/admin_reload.h"

#include <stdlib.h>

#include "app/admin/admin.h"
#include "app/admin/admin_json.h"
#include "base/mem.h"
#include "io/json.h"

/* The message is the first line; all of them stand in `load`. */
static struct json *
refusal(const struct child_load *load)
{
	struct json *object = json_new_object(), *error = json_new_object();
	struct slice rest = slice_str(load->why), first;

	(void)slice_split(&rest, '\n', &first);
	json_put_text(error, "code", slice_str("refused"));
	json_put_text(error, "message", first);
	json_put(object, "error", error);
	json_put(object, "load", admin_json_load(load));
	return object;
}

static void
answer(struct admin_call *call, const struct child_load *load)
{
	struct json *object;

	LIST_REMOVE(call, link);
	call->serial = 0;
	if (load->why[0] != '\0') {
		admin_call_answer(call, 409, refusal(load));
		return;
	}
	object = json_new_object();
	json_put(object, "load", admin_json_load(load));
	admin_call_answer(call, 200, object);
}

void
admin_reload_done(struct admin *admin, const struct child_load *load)
{
	struct admin_call *call, *next;

	free(admin->load_why);
	admin->load_why = mem_strdup(load->why);
	admin->load = *load;
	admin->load.why = admin->load_why;
	for (call = LIST_FIRST(&admin->reloading); call != NULL; call = next) {
		next = LIST_NEXT(call, link);
		if (call->serial <= load->answered)
			answer(call, &admin->load);
	}
}

static void
reload(struct admin_call *call)
{
	struct admin *admin = call->admin;

	call->serial = ++admin->reloads;
	LIST_INSERT_HEAD(&admin->reloading, call, link);
	child_ask_reload(admin->child);
}

const struct admin_command admin_reload[] = {
	{ HTTP_POST, "/reload", true, "", reload, NULL },
	{ .path = NULL },
};
