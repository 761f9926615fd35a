/* SPDX-License-Identifier: ISC */
/*
 * Which budgets an event of the past counts against.
 */
#include "app/engine/budgets_replay.h"

#include "app/engine/engine.h"
#include "base/clock.h"
#include "core/budget.h"

/* Seconds; what is older counts no more. */
static uint64_t
longest_window(const struct limit *limit)
{
	uint64_t longest = 0;

	for (size_t w = 0; w < limit->count; w++) {
		if (limit->window[w].seconds > longest)
			longest = limit->window[w].seconds;
	}
	return longest;
}

uint64_t
budgets_window(const struct engine *e)
{
	const struct config *c = e->config;
	const uint64_t windows[] = { c->limits.interval,
		longest_window(&c->limits.per_address),
		longest_window(&c->limits.per_network),
		longest_window(&c->limits.per_domain),
		longest_window(&c->limits.total) };
	uint64_t longest = 0;

	for (size_t i = 0; i < sizeof(windows) / sizeof(windows[0]); i++) {
		if (windows[i] > longest)
			longest = windows[i];
	}
	return longest;
}

static bool
tells_of_a_mail(const Record__Event *event)
{
	return event->kind == RECORD__EVENT__KIND__MAILED ||
	    event->kind == RECORD__EVENT__KIND__REFUSED;
}

/* Did it have a mail sent? */
static bool
is_mail(const Record__Event *event)
{
	return event->kind == RECORD__EVENT__KIND__SUBSCRIBE ||
	    event->kind == RECORD__EVENT__KIND__RESEND ||
	    event->kind == RECORD__EVENT__KIND__ALREADY ||
	    event->kind == RECORD__EVENT__KIND__MANAGE;
}

static bool
still_counts(const struct budget *b, int64_t when, int64_t now)
{
	return budget_counts(b, when / CLOCK_SECOND, now / CLOCK_SECOND);
}

bool
budgets_want_whole(const struct engine *e, int64_t when, int64_t now)
{
	return still_counts(e->budgets.per_request, when, now) ||
	    still_counts(e->budgets.per_network, when, now);
}

static void
replay_network(struct engine *e, const Record__Event *event, int64_t now)
{
	if (event->evidence == NULL || event->evidence->ip[0] == '\0' ||
	    !still_counts(e->budgets.per_network, event->time, now))
		return;
	budget_note(e->budgets.per_network, budget_network_key(
	    event->evidence->ip, e->budgets.seed),
	    event->time / CLOCK_SECOND);
}

static void
replay_lists(struct engine *e, const Record__Event *event, int64_t now)
{
	if (!still_counts(e->budgets.per_request, event->time, now))
		return;
	if (event->kind == RECORD__EVENT__KIND__MANAGE)
		budgets_note_about(e, event->budget_key, budgets_no_list,
		    event->time);
	for (size_t i = 0; i < event->n_wishes; i++)
		budgets_note_about(e, event->budget_key,
		    event->wishes[i]->list, event->time);
}

/* Its key is the domain's, if it was a stranger who had it sent. */
static void
replay_sent(struct engine *e, const Record__Event *event, int64_t now)
{
	const struct budgets *b = &e->budgets;

	if (event->budget_key != 0 &&
	    (still_counts(b->per_domain, event->time, now) ||
	    still_counts(b->total, event->time, now)))
		budgets_note_sent(e, event->budget_key, event->time);
}

void
budgets_replay(struct engine *e, const Record__Event *event, int64_t now)
{
	if (tells_of_a_mail(event))
		replay_sent(e, event, now);
	if (event->kind == RECORD__EVENT__KIND__OPEN)
		budgets_forget_manage(e, event->budget_key);
	if (event->kind == RECORD__EVENT__KIND__CONFIRM)
		budgets_forget_mail(e, event->budget_key, event->wishes,
		    event->n_wishes);
	if (!is_mail(event))
		return;
	if (still_counts(e->budgets.per_address, event->time, now))
		budget_note(e->budgets.per_address, event->budget_key,
		    event->time / CLOCK_SECOND);
	replay_lists(e, event, now);
	replay_network(e, event, now);
}
