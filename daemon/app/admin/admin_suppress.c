/* SPDX-License-Identifier: ISC */
/*
 * POST /suppress, address=… and maybe reason=…, and POST /unsuppress: who is
 * never mailed, by the administrator's word.
 */
#include "app/admin/admin_order.h"

static void
on_answer(struct admin_call *call, const Message__Envelope *answer)
{
	static const struct admin_order_words words = {
		.forbidden = "the person asked never to be mailed again, "
		    "and that stays",
	};

	admin_order_answer(call, answer, &words);
}

static void
ask(struct admin_call *call, char *reason, bool lift)
{
	Message__Envelope question;
	Message__Suppress order;

	message__envelope__init(&question);
	message__suppress__init(&order);
	order.address = admin_order_address(call);
	if (order.address == NULL)
		return;
	order.reason = reason;
	order.lift = lift;
	order.uid = http_exchange_request(call->exchange)->uid;
	question.body_case = MESSAGE__ENVELOPE__BODY_SUPPRESS;
	question.suppress = &order;
	admin_call_ask(call, &question, MESSAGE__ENVELOPE__BODY_ACTED,
	    on_answer);
}

void
admin_suppress(struct admin_call *call)
{
	static char usual[] = "admin";
	static const char *const reasons[] = { "admin", "complaint",
		"bounce" };
	char *reason = admin_call_get(call, "reason");

	if (reason[0] == '\0')
		reason = usual;
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		if (strcmp(reasons[i], reason) != 0)
			continue;
		ask(call, reason, false);
		return;
	}
	admin_call_refuse(call, 400, "bad_request",
	    "a reason is admin, complaint or bounce");
}

void
admin_unsuppress(struct admin_call *call)
{
	ask(call, call->none, true);
}
