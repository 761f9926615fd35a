/* SPDX-License-Identifier: ISC */
/*
 * Changes, one event each.
 */
#include "app/engine/manage_change.h"

#include "app/engine/engine.h"
#include "app/engine/ledger_log.h"
#include "app/engine/suppress.h"
#include "app/engine/visit.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "core/form.h"
#include "core/form_value.h"

/* Events within an hour: nobody fills the ledger by their own hand. */
enum { FIELDS_MAX = 64, EVENTS_MAX = 60, EVENTS_SECONDS = 3600 };

void
manage_change_gather(struct turn *turn)
{
	const struct engine *e = turn->engine;

	/* Shown with the event that cites it. */
	for (size_t i = 0; i < e->list_count; i++)
		(void)rows_exists(turn, STORE_TEXT,
		    rows_key_bytes(e->lists[i].consent,
		    sizeof(e->lists[i].consent)));
}

/* ---- lists ---- */

void
manage_leave(struct turn *turn, struct person *p, uint32_t list,
    Fact__Evidence *evidence)
{
	struct visit v = { .turn = turn, .person = *p, .has_person = true };

	visit_leave(&v, list, SUB_UNSUBSCRIBE,
	    RECORD__EVENT__KIND__UNSUBSCRIBE, evidence, NULL);
}

static bool
may_join(struct turn *turn, const struct person *p,
    const struct engine_list *l)
{
	const Record__Subscription *s = person_subscription(p, l->id);

	return l->config != NULL && s != NULL &&
	    s->state == RECORD__SUBSCRIPTION__STATE__UNSUBSCRIBED &&
	    !suppress_holds(turn, p, l->id, true);
}

static void
join(struct turn *turn, struct person *p, const Message__Manage__Join *ask,
    Fact__Evidence *evidence)
{
	const struct engine_list *l = engine_list_by_name(turn->engine,
	    ask->list);
	struct visit v = { .turn = turn, .person = *p, .has_person = true };
	Record__Event event;

	/* A text that changed meanwhile is none that was agreed to. */
	if (l == NULL || !may_join(turn, p, l) ||
	    ask->consent.len != sizeof(l->consent) ||
	    !crypto_equal(ask->consent.data, l->consent, sizeof(l->consent)))
		return;
	record__event__init(&event);
	event.evidence = evidence;
	visit_confirm_list(&v, l, "manage", &event);
}

void
manage_add_joinable(struct turn *turn, const struct person *p,
    Message__Managed *out)
{
	const struct engine *e = turn->engine;

	for (size_t i = 0; i < e->list_count; i++) {
		if (!may_join(turn, p, &e->lists[i]))
			continue;
		out->may_join = turn_grow(turn, out->may_join,
		    out->n_may_join, sizeof(*out->may_join));
		out->may_join[out->n_may_join++] = e->lists[i].name;
	}
}

/* ---- name and fields ---- */

static Fact__Pair **
find_field(const Record__Contact *c, const char *name)
{
	for (size_t i = 0; i < c->n_fields; i++) {
		if (strcmp(c->fields[i]->name, name) == 0)
			return &c->fields[i];
	}
	return NULL;
}

/* True when it changes anything. */
static bool
set_field(struct turn *turn, Record__Contact *c, Fact__Pair *pair)
{
	Fact__Pair **at = find_field(c, pair->name);

	if (pair->value[0] == '\0') {
		if (at == NULL)
			return false;
		*at = c->fields[--c->n_fields];
		return true;
	}
	if (at != NULL && strcmp((*at)->value, pair->value) == 0)
		return false;
	if (at != NULL) {
		*at = pair;
		return true;
	}
	if (c->n_fields >= FIELDS_MAX)
		return false;
	c->fields = turn_grow(turn, c->fields, c->n_fields,
	    sizeof(*c->fields));
	c->fields[c->n_fields++] = pair;
	return true;
}

static void
add_word(struct buf *words, const char *word)
{
	buf_printf(words, "%s%s", words->len > 0 ? ", " : "", word);
}

/* Only a field that some list declares can be set, as web has checked. */
static bool
is_declared(const struct engine *e, const Fact__Pair *pair)
{
	for (size_t i = 0; i < e->config->list_count; i++) {
		const struct config_list *l = &e->config->lists[i];

		for (size_t k = 0; k < l->field_count; k++) {
			if (strcmp(l->fields[k].name, pair->name) == 0 &&
			    (pair->value[0] == '\0' || form_value_fits(
			    &l->fields[k], slice_str(pair->value))))
				return true;
		}
	}
	return false;
}

/* The names of what changed. */
static void
change_data(struct turn *turn, Record__Contact *c, const Message__Manage *ask,
    struct buf *names)
{
	if (strcmp(c->name, ask->name) != 0 &&
	    form_value_is_text(slice_str(ask->name), FORM_NAME_MAX)) {
		c->name = ask->name;
		add_word(names, "name");
	}
	for (size_t i = 0; i < ask->n_fields; i++) {
		if (is_declared(turn->engine, ask->fields[i]) &&
		    set_field(turn, c, ask->fields[i]))
			add_word(names, ask->fields[i]->name);
	}
}

static void
log_change(struct turn *turn, struct person *p, const struct buf *names,
    Fact__Evidence *evidence)
{
	Record__Event event;

	record__event__init(&event);
	event.kind = RECORD__EVENT__KIND__CHANGE;
	event.evidence = evidence;
	event.reason = turn_text(turn, buf_str(names));
	person_add_event(turn, p, &event);
}

static void
count_event(struct turn *turn, uint64_t sequence, Record__Event *event,
    void *arg)
{
	size_t *count = arg;

	(void)sequence;
	if (event->time > turn->now - EVENTS_SECONDS * CLOCK_SECOND)
		++*count;
}

static bool
has_changed_enough(struct turn *turn, const struct person *p)
{
	size_t count = 0;

	ledger_walk(turn, p->contact->last_event, EVENTS_MAX, count_event,
	    &count);
	return count >= EVENTS_MAX;
}

static void
change_name_and_fields(struct turn *turn, struct person *p,
    const Message__Manage *ask, Fact__Evidence *evidence)
{
	struct buf names = { 0 };

	change_data(turn, p->contact, ask, &names);
	if (names.len > 0)
		log_change(turn, p, &names, evidence);
	buf_fini(&names);
}

bool
manage_change(struct turn *turn, struct person *p, const Message__Manage *ask,
    Fact__Evidence *evidence)
{
	bool enough = has_changed_enough(turn, p);

	for (size_t i = 0; i < ask->n_leave; i++) {
		const struct engine_list *l = engine_list_by_name(
		    turn->engine, ask->leave[i]);

		if (l != NULL)
			manage_leave(turn, p, l->id, evidence);
	}
	if (enough)
		return false;
	change_name_and_fields(turn, p, ask, evidence);
	for (size_t i = 0; i < ask->n_join; i++)
		join(turn, p, ask->join[i], evidence);
	return true;
}
