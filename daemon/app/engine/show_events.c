/* SPDX-License-Identifier: ISC */
/*
 * Records of events to messages.
 */
#include "app/engine/show_events.h"

#include <stdlib.h>
#include <string.h>

#include "app/engine/engine.h"
#include "app/engine/rows.h"
#include "core/ledger.h"
#include "io/ipc.h"

/* Leaves room in a frame for one more event, and all that isn't events. */
enum { BYTES_MAX = IPC_FRAME_MAX / 2 };

bool
show_events_has_room(const struct show_events *events)
{
	return events->bytes < BYTES_MAX;
}

void
show_events_add(struct show_events *events, uint64_t sequence,
    const Record__Event *event)
{
	events->list = turn_grow(events->turn, events->list, events->count,
	    sizeof(*events->list));
	events->list[events->count++] = (struct show_event){ sequence,
		event };
	events->bytes += record__event__get_packed_size(event);
}

/* The first event of the i-th one's request; NULL: it is none of one's. */
static const Record__Event *
first_of_request(const struct show_events *events, size_t i)
{
	uint64_t request = events->list[i].event->request;

	while (request != 0 && i-- > 0) {
		const Record__Event *event = events->list[i].event;

		if (event->request == request &&
		    event->kind == RECORD__EVENT__KIND__SUBSCRIBE)
			return event;
	}
	return NULL;
}

static ProtobufCBinaryData
consent_of(const Record__Wish *wish, const Record__Event *first)
{
	if (wish->consent.len > 0 || first == NULL)
		return wish->consent;
	for (size_t i = 0; i < first->n_wishes; i++) {
		if (first->wishes[i]->list == wish->list)
			return first->wishes[i]->consent;
	}
	return wish->consent;
}

static Fact__Evidence *
evidence_of(struct turn *turn, const Record__Event *event,
    const Record__Event *first)
{
	Fact__Evidence *whole;

	if (event->evidence == NULL || !event->same_agent || first == NULL ||
	    first->evidence == NULL)
		return event->evidence;
	whole = arena_alloc(turn->arena, sizeof(*whole));
	*whole = *event->evidence;
	whole->user_agent = first->evidence->user_agent;
	return whole;
}

static void
add_list(struct turn *turn, Message__Event *to, const Record__Wish *wish,
    const Record__Event *first)
{
	const struct engine_list *l = engine_list_by_id(turn->engine,
	    wish->list);
	const char *consent = rows_text(turn, consent_of(wish, first));

	to->lists[to->n_lists++] = turn_text(turn, l != NULL ? l->name : "");
	if (consent != NULL)
		to->consents[to->n_consents++] = turn_text(turn, consent);
}

static Message__Event *
make_event(const struct show_events *events, size_t i)
{
	struct turn *turn = events->turn;
	const Record__Event *from = events->list[i].event;
	const Record__Event *first = first_of_request(events, i);
	Message__Event *to = arena_alloc(turn->arena, sizeof(*to));

	message__event__init(to);
	to->sequence = events->list[i].sequence;
	to->time = from->time;
	to->event = turn_text(turn, ledger_event_name(from->kind));
	to->lists = arena_alloc(turn->arena,
	    from->n_wishes * sizeof(*to->lists));
	to->consents = arena_alloc(turn->arena,
	    from->n_wishes * sizeof(*to->consents));
	for (size_t w = 0; w < from->n_wishes; w++)
		add_list(turn, to, from->wishes[w], first);
	to->evidence = evidence_of(turn, from, first);
	to->detail = from->reply[0] != '\0' ? from->reply : from->by;
	to->message_id = from->message_id;
	to->mail = from->mail_kind;
	to->reason = from->reason;
	return to;
}

static int
by_sequence(const void *a, const void *b)
{
	const struct show_event *x = a, *y = b;

	return (x->sequence > y->sequence) - (x->sequence < y->sequence);
}

void
show_events_tell(struct show_events *events, Message__Contact *out)
{
	size_t i = events->count, bytes = 0;

	if (events->count == 0)
		return;
	qsort(events->list, events->count, sizeof(*events->list),
	    by_sequence);
	out->events = arena_alloc(events->turn->arena,
	    events->count * sizeof(*out->events));
	while (i > 0 && bytes < BYTES_MAX) {
		i--;
		out->events[i] = make_event(events, i);
		bytes += message__event__get_packed_size(out->events[i]);
	}
	out->events += i;
	out->n_events = events->count - i;
}
