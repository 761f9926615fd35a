/* SPDX-License-Identifier: ISC */
/*
 * The commands that change something about one address, and are answered
 * Acted: what each asks of the engine, and what is said when it won't.
 */
#include "app/admin/admin_parameter.h"
#include "app/contact_json.h"
#include "core/form_value.h"
#include "io/json.h"

enum { REASON_MAX = 500 };

/* Why not; NULL: that can't be. */
struct words {
	const char *not_found, *forbidden, *over_budget;
};

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

static void
on_answer(struct admin_call *call, const Message__Envelope *answer)
{
	const struct words *words = call->command->arg;

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

static void
ask(struct admin_call *call, Message__Envelope *question)
{
	admin_call_ask(call, question, MESSAGE__ENVELOPE__BODY_ACTED,
	    on_answer);
}

static uint32_t
uid_of(const struct admin_call *call)
{
	return http_exchange_request(call->exchange)->uid;
}

static void
resend(struct admin_call *call)
{
	Message__Resend order;
	Message__Envelope question;

	message__envelope__init(&question);
	message__resend__init(&order);
	if ((order.address = admin_parameter_address(call)) == NULL)
		return;
	order.force = admin_parameter_flag(call, "force");
	order.uid = uid_of(call);
	question.body_case = MESSAGE__ENVELOPE__BODY_RESEND;
	question.resend = &order;
	ask(call, &question);
}

static const struct words resend_words = {
	.not_found = "no request of this address waits for its confirmation",
	.forbidden = "the address is suppressed, so it is not mailed",
	.over_budget = "it was mailed just now, or as often as the limits "
	    "allow: force=1 (--force) mails it all the same",
};

/* NULL after having refused it. */
static char *
read_list(struct admin_call *call)
{
	char *list = admin_parameter_list(call);

	if (list == NULL || list[0] != '\0')
		return list;
	admin_call_refuse(call, 400, "unknown_list",
	    "on which list? (list=…)");
	return NULL;
}

/* NULL after having refused it. */
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

static void
confirm(struct admin_call *call)
{
	Message__Admit order;
	Message__Envelope question;

	message__envelope__init(&question);
	message__admit__init(&order);
	if ((order.address = admin_parameter_address(call)) == NULL ||
	    (order.list = read_list(call)) == NULL ||
	    (order.reason = read_reason(call)) == NULL)
		return;
	order.uid = uid_of(call);
	question.body_case = MESSAGE__ENVELOPE__BODY_ADMIT;
	question.admit = &order;
	ask(call, &question);
}

static const struct words confirm_words = {
	.not_found = "this address asked for nothing and is not known: it has "
	    "to ask first",
	.forbidden = "the address is suppressed: unsuppress it first",
};

static void
ask_suppress(struct admin_call *call, char *reason, bool lift)
{
	Message__Suppress order;
	Message__Envelope question;

	message__envelope__init(&question);
	message__suppress__init(&order);
	if ((order.address = admin_parameter_address(call)) == NULL)
		return;
	order.reason = reason;
	order.lift = lift;
	order.uid = uid_of(call);
	question.body_case = MESSAGE__ENVELOPE__BODY_SUPPRESS;
	question.suppress = &order;
	ask(call, &question);
}

static void
suppress(struct admin_call *call)
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
		ask_suppress(call, reason, false);
		return;
	}
	admin_call_refuse(call, 400, "bad_request",
	    "a reason is admin, complaint or bounce");
}

static void
unsuppress(struct admin_call *call)
{
	ask_suppress(call, call->none, true);
}

static const struct words suppress_words = {
	.forbidden = "the person asked never to be mailed again, and that "
	    "stays",
};

static void
erase(struct admin_call *call)
{
	Message__Erase order;
	Message__Envelope question;

	message__envelope__init(&question);
	message__erase__init(&order);
	if ((order.address = admin_parameter_address(call)) == NULL)
		return;
	order.all = admin_parameter_flag(call, "all");
	order.suppress = admin_parameter_flag(call, "suppress");
	order.uid = uid_of(call);
	question.body_case = MESSAGE__ENVELOPE__BODY_ERASE;
	question.erase = &order;
	ask(call, &question);
}

static const struct words erase_words = { .not_found = NULL };

const struct admin_command admin_orders[] = {
	{ HTTP_POST, "/resend", true, "address force", resend,
	    &resend_words },
	{ HTTP_POST, "/confirm", true, "address list reason", confirm,
	    &confirm_words },
	{ HTTP_POST, "/suppress", true, "address reason", suppress,
	    &suppress_words },
	{ HTTP_POST, "/unsuppress", true, "address", unsuppress,
	    &suppress_words },
	{ HTTP_POST, "/erase", true, "address all suppress", erase,
	    &erase_words },
	{ .path = NULL },
};
