/* SPDX-License-Identifier: ISC */
/*
 * The first of these that holds is the reason: we refused, the server can't be
 * believed, it has answered, or it has not.
 */
#include "smtp/verdict.h"

#include <stdio.h>

/* What the mailer calls each step. */
static const Session__Result__Stage stages[] = {
	[WIRE_GREETING] = SESSION__RESULT__STAGE__CONNECT,
	[WIRE_EHLO] = SESSION__RESULT__STAGE__CONNECT,
	[WIRE_AUTH] = SESSION__RESULT__STAGE__AUTH,
	[WIRE_MAIL] = SESSION__RESULT__STAGE__MAIL,
	[WIRE_RCPT] = SESSION__RESULT__STAGE__RCPT,
	[WIRE_DATA] = SESSION__RESULT__STAGE__DATA,
	[WIRE_BODY] = SESSION__RESULT__STAGE__DATA,
	[WIRE_DOT] = SESSION__RESULT__STAGE__DATA,
	[WIRE_OTHER] = SESSION__RESULT__STAGE__CONNECT,
	[WIRE_QUIT] = SESSION__RESULT__STAGE__CONNECT,
};
_Static_assert(sizeof(stages) / sizeof(stages[0]) == WIRE_STEPS,
    "each step has a stage");

static void
say(struct verdict *v, Session__Result__Stage stage, const char *text)
{
	v->stage = stage;
	(void)snprintf(v->text, sizeof(v->text), "%s", text);
}

static void
say_no_login(const struct wire *w, struct verdict *v)
{
	if (w->reply_to == WIRE_AUTH && w->code >= 400)
		say(v, SESSION__RESULT__STAGE__AUTH, w->text);
	else
		say(v, SESSION__RESULT__STAGE__NO_AUTH, "the server offers "
		    "no login that is known here");
}

/* Was the last reply one to the mail, and whole, only not to the library? */
static bool
has_answer(const struct wire *w)
{
	bool waits = w->asked_count > 0 && wire_awaited(w) != WIRE_QUIT;

	if (w->code >= 400)
		return !waits || w->reply_to != wire_awaited(w);
	return w->code / 100 == 2 && w->reply_to == WIRE_DOT && !waits;
}

static void
say_what_is_missing(enum wire_step step, bool too_late, struct verdict *v)
{
	v->stage = stages[step];
	(void)snprintf(v->text, sizeof(v->text), too_late ?
	    "%s didn't come in time" : "the server hung up instead of %s",
	    wire_step_name(step));
}

void
verdict_at_end(const struct wire *w, bool no_login, bool too_late,
    struct verdict *ret_verdict)
{
	enum wire_step step = wire_awaited(w) == WIRE_QUIT ? w->step :
	    wire_awaited(w);

	if (no_login)
		say_no_login(w, ret_verdict);
	else if (w->fault != NULL)
		say(ret_verdict, stages[step], w->fault);
	else if (has_answer(w))
		say(ret_verdict, stages[w->reply_to], w->text);
	else
		say_what_is_missing(step, too_late, ret_verdict);
}
