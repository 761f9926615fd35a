/* SPDX-License-Identifier: ISC */
/*
 * POST /compact: the database is compacted now, and the answer comes when it
 * is.
 */
#include "app/admin/admin.h"
#include "app/admin/admin_json.h"
#include "io/json.h"

/* As long as a disk may take to write what LMDB may hold. */
enum { PATIENCE_MS = 24 * 3600 * 1000 };

static void
on_answer(struct admin_call *call, const Message__Envelope *answer)
{
	struct json *object;

	if (answer == NULL) {
		admin_call_unavailable(call);
		return;
	}
	if (!answer->compacted->done) {
		admin_call_refuse(call, 409, "not_compacted",
		    answer->compacted->last->why);
		return;
	}
	object = json_new_object();
	json_put(object, "compaction",
	    admin_json_compaction(answer->compacted->last));
	admin_call_answer(call, 200, object);
}

static void
compact(struct admin_call *call)
{
	Message__Envelope question;
	Message__Compact order;

	message__envelope__init(&question);
	message__compact__init(&order);
	question.body_case = MESSAGE__ENVELOPE__BODY_COMPACT;
	question.compact = &order;
	call->patience_ms = PATIENCE_MS;
	admin_call_ask(call, &question, MESSAGE__ENVELOPE__BODY_COMPACTED,
	    on_answer);
}

const struct admin_command admin_compact[] = {
	{ HTTP_POST, "/compact", true, "", compact, NULL },
	{ .path = NULL },
};
