/* SPDX-License-Identifier: ISC */
/*
 * The administrator confirms for somebody who asked for it in another way: a
 * request that waits, or an address that is known.  The reason and the uid
 * are the evidence.
 */
#include "app/engine/op_admin.h"

#include "app/engine/engine.h"
#include "app/engine/leave.h"
#include "app/engine/request.h"
#include "app/engine/suppress.h"
#include "app/engine/visit.h"
#include "core/form_value.h"

enum { REASON_MAX = 500 };

static void
admit_gather(struct turn *turn, struct op *op)
{
	const Message__Admit *ask = op->question->admit;
	const struct engine_list *l = engine_list_by_name(turn->engine,
	    ask->list);
	struct person p;

	if (l == NULL || !person_read(turn, ask->address, &p))
		return;
	(void)suppress_holds(turn, &p, l->id, true);
	for (size_t i = 0; i < p.entry->n_requests; i++) {
		Record__Request *r = rows_request(turn,
		    p.entry->requests[i]);

		if (r != NULL)
			(void)request_person(turn, r);
	}
}

/* The newest request that waits for that list. */
static Record__Request *
find_request(struct turn *turn, const struct person *p, uint32_t list,
    uint64_t *ret_id)
{
	for (size_t i = p->entry->n_requests; i-- > 0;) {
		uint64_t id = p->entry->requests[i];
		Record__Request *r = rows_request(turn, id);

		if (r == NULL || r->state != RECORD__REQUEST__STATE__WAITING ||
		    r->expires_at <= turn->past)
			continue;
		for (size_t k = 0; k < r->n_wishes; k++) {
			if (r->wishes[k]->list != list)
				continue;
			*ret_id = id;
			return r;
		}
	}
	return NULL;
}

static void
admit(struct visit *v, const Message__Admit *ask,
    const struct engine_list *l)
{
	Fact__Evidence evidence;
	Record__Event event;
	char by[LEAVE_BY_SIZE];

	leave_by(ask->uid, by);
	fact__evidence__init(&evidence);
	evidence.way = turn_text(v->turn, "admin");
	record__event__init(&event);
	event.evidence = &evidence;
	event.by = turn_text(v->turn, by);
	event.reason = ask->reason;
	/* What else a request asks for still waits for its owner. */
	if (v->request != NULL && v->request->n_wishes == 1)
		visit_confirm_request(v, &event);
	else
		visit_confirm_list(v, l, "admin", &event);
}

static Message__Acted__Outcome
try_to_admit(struct turn *turn, const Message__Admit *ask)
{
	const struct engine_list *l = engine_list_by_name(turn->engine,
	    ask->list);
	struct visit v = { .turn = turn };

	if (l == NULL || l->config == NULL || ask->reason[0] == '\0' ||
	    !form_value_is_text(slice_str(ask->reason), REASON_MAX) ||
	    !person_read(turn, ask->address, &v.person))
		return MESSAGE__ACTED__OUTCOME__INVALID;
	v.has_person = true;
	v.request = find_request(turn, &v.person, l->id, &v.id);
	if (v.request == NULL && v.person.contact == NULL)
		return MESSAGE__ACTED__OUTCOME__NOT_FOUND;
	switch (person_state(turn, &v.person, l->id, true)) {
	case SUB_CONFIRMED:
		return MESSAGE__ACTED__OUTCOME__NOTHING;
	case SUB_SUPPRESSED:
		return MESSAGE__ACTED__OUTCOME__FORBIDDEN;
	case SUB_NONE:
	case SUB_PENDING:
	case SUB_UNSUBSCRIBED:
	case SUB_STATES:
		break;
	}
	admit(&v, ask, l);
	return MESSAGE__ACTED__OUTCOME__DONE;
}

static void
admit_apply(struct turn *turn, struct op *op)
{
	Message__Acted *acted = op_admin_acted(turn, op);

	acted->outcome = try_to_admit(turn, op->question->admit);
	acted->changed = acted->outcome == MESSAGE__ACTED__OUTCOME__DONE;
}

const struct op_class op_admit = {
	.name = "admit",
	.gather = admit_gather,
	.apply = admit_apply,
};
