/* SPDX-License-Identifier: ISC */
/*
 * What leaving does to each request and each subscription.
 */
#include "app/engine/leave.h"

#include <stdio.h>

#include "app/engine/ledger_log.h"
#include "app/engine/request.h"
#include "app/engine/visit.h"

void
leave_by(uint32_t uid, char ret_by[LEAVE_BY_SIZE])
{
	snprintf(ret_by, LEAVE_BY_SIZE, "admin uid %u", uid);
}

void
leave_gather(struct turn *turn, const struct person *p)
{
	for (size_t i = 0; i < p->entry->n_requests; i++) {
		Record__Request *r = rows_request(turn,
		    p->entry->requests[i]);

		if (r != NULL)
			ledger_gather_chain(turn, r->last_event,
			    LEDGER_ERASE_MAX);
	}
}

static bool
wishes_are_among(const Record__Request *r, uint32_t list)
{
	for (size_t i = 0; i < r->n_wishes && list != 0; i++) {
		if (r->wishes[i]->list != list)
			return false;
	}
	return true;
}

uint32_t
leave_requests(struct turn *turn, struct person *p, uint32_t list)
{
	size_t count = p->entry->n_requests;
	uint64_t *ids = turn_grow(turn, p->entry->requests, count,
	    sizeof(*ids));
	uint32_t changed = 0;

	for (size_t i = 0; i < count; i++) {
		Record__Request *r = rows_request(turn, ids[i]);

		if (r == NULL || !wishes_are_among(r, list))
			continue;
		request_forget(turn, ids[i], r, p);
		changed++;
	}
	return changed;
}

uint32_t
leave_lists(struct turn *turn, struct person *p, uint32_t list,
    const char *by)
{
	struct visit v = { .turn = turn, .person = *p, .has_person = true };
	Fact__Evidence evidence;
	uint32_t changed = 0;

	fact__evidence__init(&evidence);
	evidence.way = turn_text(turn, "admin");
	for (size_t i = 0; p->contact != NULL &&
	    i < p->contact->n_subscriptions; i++) {
		uint32_t id = p->contact->subscriptions[i]->list;

		if ((list == 0 || list == id) && visit_leave(&v, id,
		    SUB_UNSUBSCRIBE, RECORD__EVENT__KIND__UNSUBSCRIBE,
		    &evidence, by))
			changed++;
	}
	return changed;
}
