/* SPDX-License-Identifier: ISC */
/*
 * Events, as people are shown them: oldest first, and whole, whatever they
 * leave out because their request's first event says it.
 */
#ifndef APP_SHOW_EVENTS_H
#define APP_SHOW_EVENTS_H

#include "app/engine/turn.h"
#include "core/message.pb-c.h"
#include "core/record.pb-c.h"

struct show_event {
	uint64_t sequence;
	const Record__Event *event;
};

/* Zero but for the turn, whose arena all of it is in. */
struct show_events {
	struct turn *turn;
	struct show_event *list;
	size_t count, bytes;
};

/* Does an answer hold more than was added so far? */
bool show_events_has_room(const struct show_events *);
/* In any order.  Borrowed. */
void show_events_add(struct show_events *, uint64_t sequence,
    const Record__Event *);
/*
 * Puts them into an answer: as many of the newest as it holds.  Reads (and so
 * wants, while gathering) their texts.
 */
void show_events_tell(struct show_events *, Message__Contact *);

#endif
