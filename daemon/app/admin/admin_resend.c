/* SPDX-License-Identifier: ISC */
/*
 * POST /resend, address=… and maybe force=1: the confirmation mail once more.
 */
#include "app/admin/admin_order.h"

static void
on_answer(struct admin_call *call, const Message__Envelope *answer)
{
	static const struct admin_order_words words = {
		.not_found = "no request of this address waits for its "
		    "confirmation",
		.forbidden = "the address is suppressed, so it is not mailed",
		.over_budget = "it was mailed just now, or as often as the "
		    "limits allow: force=1 (--force) mails it all the same",
	};

	admin_order_answer(call, answer, &words);
}

void
admin_resend(struct admin_call *call)
{
	Message__Envelope question;
	Message__Resend order;

	message__envelope__init(&question);
	message__resend__init(&order);
	order.address = admin_order_address(call);
	if (order.address == NULL)
		return;
	order.force = admin_order_flag(call, "force");
	order.uid = http_exchange_request(call->exchange)->uid;
	question.body_case = MESSAGE__ENVELOPE__BODY_RESEND;
	question.resend = &order;
	admin_call_ask(call, &question, MESSAGE__ENVELOPE__BODY_ACTED,
	    on_answer);
}
