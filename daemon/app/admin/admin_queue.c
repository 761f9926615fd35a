/* SPDX-License-Identifier: ISC */
/*
 * GET /queue, POST /queue/retry, POST /queue/drop: the mails that wait to be
 * delivered.  id=… is a mail's number as the queue shows it.
 */
#include "app/admin/admin.h"
#include "app/admin/admin_json.h"
#include "base/num.h"
#include "io/json.h"

enum { ROWS_DEFAULT = 1000, ROWS_MAX = 2000 };

/* A number, or `fallback` when it wasn't given; false when it is none. */
static bool
read_number(struct admin_call *call, const char *name, uint64_t max,
    uint64_t fallback, uint64_t *ret_number)
{
	struct slice text = slice_str(admin_call_get(call, name));

	*ret_number = fallback;
	if (text.len == 0 || num_parse_range(text, 1, max, ret_number) == 0)
		return true;
	admin_call_refuse(call, 400, "bad_request",
	    "want id as a number from 1, limit from 1 to 2000");
	return false;
}

static void
on_rows(struct admin_call *call, const Message__Envelope *answer)
{
	if (answer == NULL)
		admin_call_unavailable(call);
	else
		admin_call_answer(call, 200, admin_json_queue(answer->queue));
}

static void
on_changed(struct admin_call *call, const Message__Envelope *answer)
{
	struct json *object;

	if (answer == NULL) {
		admin_call_unavailable(call);
		return;
	}
	if (answer->queue->is_tried) {
		admin_call_refuse(call, 409, "being_tried",
		    "this mail is just being tried: look again in a while");
		return;
	}
	if (answer->queue->changed == 0 &&
	    admin_call_get(call, "id")[0] != '\0') {
		admin_call_refuse(call, 404, "not_found",
		    "no such mail waits to be sent");
		return;
	}
	object = json_new_object();
	json_put_number(object, "changed", answer->queue->changed);
	admin_call_answer(call, 200, object);
}

static void
ask(struct admin_call *call, Message__QueueQuery__Action action,
    admin_on_answer on_answer)
{
	Message__QueueQuery query;
	Message__Envelope question;
	uint64_t limit;

	message__queue_query__init(&query);
	query.action = action;
	if (!read_number(call, "id", INT64_MAX, 0, &query.sequence) ||
	    !read_number(call, "limit", ROWS_MAX, ROWS_DEFAULT, &limit))
		return;
	query.limit = (uint32_t)limit;
	message__envelope__init(&question);
	question.body_case = MESSAGE__ENVELOPE__BODY_QUEUE_QUERY;
	question.queue_query = &query;
	admin_call_ask(call, &question, MESSAGE__ENVELOPE__BODY_QUEUE,
	    on_answer);
}

static void
queue(struct admin_call *call)
{
	ask(call, MESSAGE__QUEUE_QUERY__ACTION__LIST, on_rows);
}

/* Without an id: all of them. */
static void
retry(struct admin_call *call)
{
	ask(call, MESSAGE__QUEUE_QUERY__ACTION__RETRY, on_changed);
}

static void
drop(struct admin_call *call)
{
	if (admin_call_get(call, "id")[0] == '\0') {
		admin_call_refuse(call, 400, "bad_request",
		    "which mail? (id=…)");
		return;
	}
	ask(call, MESSAGE__QUEUE_QUERY__ACTION__DROP, on_changed);
}

const struct admin_command admin_queue[] = {
	{ HTTP_GET, "/queue", false, "limit", queue, NULL },
	{ HTTP_POST, "/queue/retry", true, "id", retry, NULL },
	{ HTTP_POST, "/queue/drop", true, "id", drop, NULL },
	{ .path = NULL },
};
