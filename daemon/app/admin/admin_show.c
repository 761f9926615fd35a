/* SPDX-License-Identifier: ISC */
/*
 * GET /show?address=…: all that is known of one address; with proof=1 also
 * what is kept sealed.
 */
#include "app/admin/admin_json.h"
#include "app/admin/admin_parameter.h"
#include "app/contact_json.h"

static void
on_answer(struct admin_call *call, const Message__Envelope *answer)
{
	if (answer == NULL)
		admin_call_unavailable(call);
	else if (!answer->contact->found)
		admin_call_refuse(call, 404, "not_found",
		    "nothing is known of this address");
	else
		admin_call_answer(call, 200,
		    contact_json(answer->contact));
}

static void
show(struct admin_call *call)
{
	Message__ShowQuery query;
	Message__Envelope question;
	char *address = admin_call_get(call, "address");

	if (address[0] == '\0') {
		admin_call_refuse(call, 400, "missing_email",
		    "which address? (address=…)");
		return;
	}
	message__show_query__init(&query);
	query.address = address;
	query.proof = admin_parameter_flag(call, "proof");
	message__envelope__init(&question);
	question.body_case = MESSAGE__ENVELOPE__BODY_SHOW_QUERY;
	question.show_query = &query;
	admin_call_ask(call, &question, MESSAGE__ENVELOPE__BODY_CONTACT,
	    on_answer);
}

const struct admin_command admin_show[] = {
	{ HTTP_GET, "/show", false, "address proof", show, NULL },
	{ .path = NULL },
};
