/* SPDX-License-Identifier: ISC */
/*
 * GET /attack: what the watch for attacks has found.  POST /attack/mode with
 * mode=…: what is done about it.
 */
#include "app/admin/admin.h"
#include "app/admin/admin_json.h"

static void
on_answer(struct admin_call *call, const Message__Envelope *answer)
{
	if (answer == NULL)
		admin_call_unavailable(call);
	else
		admin_call_answer(call, 200,
		    admin_json_attack(answer->attack));
}

static void
ask(struct admin_call *call, char *mode)
{
	Message__Envelope question;
	Message__AttackQuery query;

	message__envelope__init(&question);
	message__attack_query__init(&query);
	query.mode = mode;
	query.uid = http_exchange_request(call->exchange)->uid;
	question.body_case = MESSAGE__ENVELOPE__BODY_ATTACK_QUERY;
	question.attack_query = &query;
	admin_call_ask(call, &question, MESSAGE__ENVELOPE__BODY_ATTACK,
	    on_answer);
}

static void
look(struct admin_call *call)
{
	ask(call, call->none);
}

static void
set(struct admin_call *call)
{
	static const char *const modes[] = { "auto", "on", "off" };
	char *mode = admin_call_get(call, "mode");

	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		if (strcmp(mode, modes[i]) == 0) {
			ask(call, mode);
			return;
		}
	}
	admin_call_refuse(call, 400, "bad_request",
	    "mode is on, off or auto");
}

const struct admin_command admin_attack[] = {
	{ HTTP_GET, "/attack", false, "", look, NULL },
	{ HTTP_POST, "/attack/mode", true, "mode", set, NULL },
	{ .path = NULL },
};
