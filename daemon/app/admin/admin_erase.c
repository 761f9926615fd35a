/* SPDX-License-Identifier: ISC */
/*
 * POST /erase, address=… and maybe all=1, suppress=1: everything about one
 * address goes.
 */
#include "app/admin/admin_order.h"

static void
on_answer(struct admin_call *call, const Message__Envelope *answer)
{
	static const struct admin_order_words words = { 0 };

	admin_order_answer(call, answer, &words);
}

void
admin_erase(struct admin_call *call)
{
	Message__Envelope question;
	Message__Erase order;

	message__envelope__init(&question);
	message__erase__init(&order);
	order.address = admin_order_address(call);
	if (order.address == NULL)
		return;
	order.all = admin_order_flag(call, "all");
	order.suppress = admin_order_flag(call, "suppress");
	order.uid = http_exchange_request(call->exchange)->uid;
	question.body_case = MESSAGE__ENVELOPE__BODY_ERASE;
	question.erase = &order;
	admin_call_ask(call, &question, MESSAGE__ENVELOPE__BODY_ACTED,
	    on_answer);
}
