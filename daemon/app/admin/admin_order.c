/* SPDX-License-Identifier: ISC */
/*
 * Parameters in, one JSON object or a refusal out.
 */
#include "app/admin/admin_order.h"

#include "app/admin/admin_json.h"
#include "app/contact_json.h"
#include "core/address.h"
#include "core/config.h"
#include "io/json.h"

char *
admin_order_address(struct admin_call *call)
{
	char *text = admin_call_get(call, "address");
	struct address address;

	if (text[0] == '\0')
		admin_call_refuse(call, 400, "missing_email",
		    "which address? (address=…)");
	else if (address_parse(slice_str(text), &address) != ADDRESS_OK)
		admin_call_refuse(call, 400, "invalid_email",
		    "that is not an email address");
	else
		return text;
	return NULL;
}

char *
admin_order_list(struct admin_call *call)
{
	char *text = admin_call_get(call, "list");
	const struct config_list *list;

	if (text[0] == '\0')
		return text;
	list = config_list_find(call->admin->config, slice_str(text));
	if (list != NULL)
		return list->name;
	admin_call_refuse(call, 400, "unknown_list",
	    "there is no such list");
	return NULL;
}

bool
admin_order_flag(struct admin_call *call, const char *name)
{
	const char *value = admin_call_get(call, name);

	return value[0] != '\0' && strcmp(value, "0") != 0;
}

static void
answer_done(struct admin_call *call, const Message__Acted *acted)
{
	struct json *object = json_new_object();

	json_put_text(object, "address",
	    slice_str(admin_call_get(call, "address")));
	json_put_number(object, "changed", acted->changed);
	if (acted->proof_until != 0)
		contact_json_put_time(object, "proof_until",
		    acted->proof_until);
	admin_call_answer(call, 200, object);
}

void
admin_order_answer(struct admin_call *call, const Message__Envelope *answer,
    const struct admin_order_words *words)
{
	if (answer == NULL) {
		admin_call_unavailable(call);
		return;
	}
	switch (answer->acted->outcome) {
	case MESSAGE__ACTED__OUTCOME__DONE:
	case MESSAGE__ACTED__OUTCOME__NOTHING:
		answer_done(call, answer->acted);
		return;
	case MESSAGE__ACTED__OUTCOME__NOT_FOUND:
		admin_call_refuse(call, 404, "not_found",
		    words->not_found != NULL ? words->not_found :
		    "nothing is known of this address");
		return;
	case MESSAGE__ACTED__OUTCOME__FORBIDDEN:
		admin_call_refuse(call, 409, "suppressed",
		    words->forbidden);
		return;
	case MESSAGE__ACTED__OUTCOME__OVER_BUDGET:
		admin_call_refuse(call, 409, "over_budget",
		    words->over_budget);
		return;
	case MESSAGE__ACTED__OUTCOME__INVALID:
	case _MESSAGE__ACTED__OUTCOME_IS_INT_SIZE:
		break;
	}
	admin_call_refuse(call, 400, "bad_request",
	    "the parameters make no sense");
}
