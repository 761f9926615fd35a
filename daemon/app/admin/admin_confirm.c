/* SPDX-License-Identifier: ISC */
/*
 * POST /confirm, address=…, list=… and reason=…: the administrator confirms.
 */
#include "app/admin/admin_order.h"
#include "core/form_value.h"

enum { REASON_MAX = 500 };

static void
on_answer(struct admin_call *call, const Message__Envelope *answer)
{
	static const struct admin_order_words words = {
		.not_found = "this address asked for nothing and is not "
		    "known: it has to ask first",
		.forbidden = "the address is suppressed: unsuppress it "
		    "first",
	};

	admin_order_answer(call, answer, &words);
}

/* "" when it wasn't given; NULL after having refused it. */
static char *
read_reason(struct admin_call *call)
{
	char *reason = admin_call_get(call, "reason");

	if (reason[0] != '\0' &&
	    form_value_is_text(slice_str(reason), REASON_MAX))
		return reason;
	admin_call_refuse(call, 400, "bad_request", reason[0] == '\0' ?
	    "why? (reason=…)" : "a reason is one line of at most 500 bytes");
	return NULL;
}

void
admin_confirm(struct admin_call *call)
{
	Message__Envelope question;
	Message__Admit order;

	message__envelope__init(&question);
	message__admit__init(&order);
	if ((order.address = admin_order_address(call)) == NULL ||
	    (order.list = admin_order_list(call)) == NULL)
		return;
	if (order.list[0] == '\0') {
		admin_call_refuse(call, 400, "unknown_list",
		    "on which list? (list=…)");
		return;
	}
	if ((order.reason = read_reason(call)) == NULL)
		return;
	order.uid = http_exchange_request(call->exchange)->uid;
	question.body_case = MESSAGE__ENVELOPE__BODY_ADMIT;
	question.admit = &order;
	admin_call_ask(call, &question, MESSAGE__ENVELOPE__BODY_ACTED,
	    on_answer);
}
