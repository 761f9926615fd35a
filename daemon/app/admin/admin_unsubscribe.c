/* SPDX-License-Identifier: ISC */
/*
 * POST /unsubscribe, address=… and maybe list=…: the administrator ends one
 * subscription of an address, or all.
 */
#include "app/admin/admin.h"
#include "core/config.h"
#include "io/json.h"

static void
on_answer(struct admin_call *call, const Message__Envelope *answer)
{
	struct json *object;

	if (answer == NULL) {
		admin_call_unavailable(call);
		return;
	}
	if (!answer->left->found) {
		admin_call_refuse(call, 404, "not_found",
		    "nothing is known of this address");
		return;
	}
	object = json_new_object();
	json_put_text(object, "address",
	    slice_str(admin_call_get(call, "address")));
	json_put_number(object, "changed", answer->left->changed);
	admin_call_answer(call, 200, object);
}

static void
unsubscribe(struct admin_call *call)
{
	Message__Leave leave;
	Message__Envelope question;
	char *list = admin_call_get(call, "list");

	message__leave__init(&leave);
	leave.address = admin_call_get(call, "address");
	leave.uid = http_exchange_request(call->exchange)->uid;
	if (leave.address[0] == '\0') {
		admin_call_refuse(call, 400, "missing_email",
		    "which address? (address=…)");
		return;
	}
	if (list[0] != '\0') {
		const struct config_list *found =
		    config_list_find(call->admin->config, slice_str(list));

		if (found == NULL) {
			admin_call_refuse(call, 400, "unknown_list",
			    "there is no such list");
			return;
		}
		leave.list = found->name;
	}
	message__envelope__init(&question);
	question.body_case = MESSAGE__ENVELOPE__BODY_LEAVE;
	question.leave = &leave;
	admin_call_ask(call, &question, MESSAGE__ENVELOPE__BODY_LEFT,
	    on_answer);
}

const struct admin_command admin_unsubscribe[] = {
	{ HTTP_POST, "/unsubscribe", true, "address list", unsubscribe, NULL },
	{ .path = NULL },
};
