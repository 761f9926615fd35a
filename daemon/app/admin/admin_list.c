/* SPDX-License-Identifier: ISC */
/*
 * GET /list and GET /export: subscriptions, streamed page by page, so that a
 * listing of any size takes a page's memory, and the engine does other work
 * in between.  A listing that can't be finished is cut off without its last
 * chunk, so that nobody takes a part for the whole.
 */
#include "app/admin/admin.h"

#include <stdlib.h>

#include "app/admin/admin_listing.h"
#include "base/clock.h"
#include "base/mem.h"
#include "core/config.h"
#include "core/sub.h"

/* Contacts a page, and bytes that may wait for the client. */
enum { PAGE = 200, BACKLOG = 256 * 1024 };

struct listing {
	const struct listing_format *format;
	const struct config_list *list;	/* NULL: all */
	unsigned states;		/* 1 << enum sub_state; those wanted */
	int64_t since;
	uint64_t after;
	bool started, asking, done;
};

static void ask(struct admin_call *);

static void
go_on(struct admin_call *call)
{
	struct listing *listing = call->data;

	if (listing->asking)
		return;
	if (listing->done || http_exchange_is_dead(call->exchange)) {
		admin_call_log(call, 200);
		http_stream_end(call->exchange);
	} else if (http_stream_chunk(call->exchange,
	    (struct slice){ 0 }) < BACKLOG) {
		ask(call);
	}
}

static void
on_room(struct http_exchange *exchange, void *arg)
{
	(void)exchange;
	go_on(arg);
}

static void
start(struct admin_call *call, struct buf *out)
{
	struct listing *listing = call->data;

	listing->started = true;
	http_answer_header(call->exchange, "Content-Type",
	    slice_str(listing->format->type));
	listing->format->add_header(out, call->admin->config, listing->list);
	/* No answer can be out: on_room is for the next pages. */
	http_stream_start(call->exchange, 200, on_room, call);
}

static bool
is_wanted(const struct listing *listing, const char *state)
{
	for (enum sub_state i = SUB_NONE; i < SUB_STATES; i++) {
		if (strcmp(sub_state_name(i), state) == 0)
			return (listing->states & 1U << i) != 0;
	}
	return false;
}

static void
on_answer(struct admin_call *call, const Message__Envelope *answer)
{
	struct listing *listing = call->data;
	const Message__Listing *page;
	struct buf out = { 0 };

	listing->asking = false;
	if (answer == NULL && listing->started) {
		admin_call_log(call, 503);
		http_stream_abort(call->exchange);
		return;
	}
	if (answer == NULL) {
		admin_call_unavailable(call);
		return;
	}
	page = answer->listing;
	if (!listing->started)
		start(call, &out);
	for (size_t i = 0; i < page->n_rows; i++) {
		if (is_wanted(listing, page->rows[i]->state))
			listing->format->add_row(&out, call->admin->config,
			    listing->list, page->rows[i]);
	}
	listing->done = !page->more || page->next <= listing->after;
	listing->after = page->next;
	http_stream_chunk(call->exchange, buf_slice(&out));
	buf_fini(&out);
	go_on(call);
}

static void
ask(struct admin_call *call)
{
	struct listing *listing = call->data;
	Message__ListQuery query;
	Message__Envelope question;
	char *state = NULL;	/* when just one is wanted */

	message__list_query__init(&query);
	if (listing->list != NULL)
		query.list = listing->list->name;
	for (enum sub_state i = SUB_PENDING; i < SUB_STATES; i++) {
		if (listing->states == 1U << i)
			query.state = state = mem_strdup(sub_state_name(i));
	}
	query.since = listing->since;
	query.after = listing->after;
	query.limit = PAGE;
	message__envelope__init(&question);
	question.body_case = MESSAGE__ENVELOPE__BODY_LIST_QUERY;
	question.list_query = &query;
	listing->asking = true;
	admin_call_ask(call, &question, MESSAGE__ENVELOPE__BODY_LISTING,
	    on_answer);
	free(state);
}

/* Whoever is suppressed has no subscription left, and is shown as that. */
static bool
is_listed(enum sub_state state)
{
	return state == SUB_PENDING || state == SUB_CONFIRMED ||
	    state == SUB_UNSUBSCRIBED;
}

/* "confirmed,unsubscribed" as bits; 0 when one of them is no such state. */
static unsigned
read_states(struct slice text)
{
	unsigned states = 0;
	struct slice name;

	while (slice_split(&text, ',', &name)) {
		enum sub_state i = SUB_PENDING;

		while (i < SUB_STATES && !(is_listed(i) &&
		    slice_eq_str(name, sub_state_name(i))))
			i++;
		if (i == SUB_STATES)
			return 0;
		states |= 1U << i;
	}
	return states;
}

/* What is wrong with the parameters; NULL when nothing is. */
static const char *
read_parameters(struct admin_call *call, const char *states,
    struct listing *listing)
{
	const char *list = admin_call_get(call, "list");
	const char *since = admin_call_get(call, "since");

	if (admin_call_get(call, "state")[0] != '\0')
		states = admin_call_get(call, "state");
	listing->states = states[0] == '\0' ? ~0U :
	    read_states(slice_str(states));
	if (listing->states == 0)
		return "a state is pending, confirmed or unsubscribed";
	if (list[0] != '\0') {
		listing->list = config_list_find(call->admin->config,
		    slice_str(list));
		if (listing->list == NULL)
			return "there is no such list";
	}
	if (since[0] != '\0' &&
	    clock_parse_rfc3339(since, &listing->since) != 0)
		return "since is a date or a time as in 2026-11-23 or "
		    "2026-11-23T05:32:00Z";
	listing->format = listing_format_find(admin_call_get(call, "format"));
	return listing->format == NULL ? "a format is jsonl or csv" : NULL;
}

static void
run(struct admin_call *call, const char *states)
{
	struct listing *listing = MEM_NEW(struct listing);
	const char *wrong;

	call->data = listing;
	wrong = read_parameters(call, states, listing);
	if (wrong != NULL)
		admin_call_refuse(call, 400, "bad_request", wrong);
	else
		ask(call);
}

static void
list(struct admin_call *call)
{
	run(call, "");
}

/* The confirmed; since a time also those who left meanwhile. */
static void
export(struct admin_call *call)
{
	run(call, admin_call_get(call, "since")[0] == '\0' ? "confirmed" :
	    "confirmed,unsubscribed");
}

const struct admin_command admin_list[] = {
	{ HTTP_GET, "/list", false, "list state since format", list, NULL },
	{ HTTP_GET, "/export", false, "list state since format", export,
	    NULL },
	{ .path = NULL },
};
