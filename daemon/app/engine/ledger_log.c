/* SPDX-License-Identifier: ISC */
/*
 * The log of events: appended to, walked, erased from; never reordered.
 */
#include "app/engine/ledger_log.h"

#include "app/engine/budgets_replay.h"
#include "app/engine/engine.h"
#include "app/metrics/metrics.h"
#include "base/clock.h"
#include "core/evidence_ip.h"
#include "core/ledger.h"

uint64_t
ledger_append(struct turn *turn, Record__Event *event)
{
	struct engine_progress *p = &turn->engine->progress;
	uint64_t sequence = p->next_event++;
	uint8_t *salt = arena_alloc(turn->arena, LEDGER_SALT_SIZE);

	p->changed = true;
	metrics_add(turn->engine->metrics, METRICS_EVENTS,
	    METRICS_AT(event->kind), 1);
	event->time = turn->now;
	crypto_random(salt, LEDGER_SALT_SIZE);
	event->salt = (ProtobufCBinaryData){ LEDGER_SALT_SIZE, salt };
	rows_put(turn, STORE_LEDGER, rows_key_u64(sequence), &event->base);
	return sequence;
}

uint64_t
ledger_walk(struct turn *turn, uint64_t last, size_t max,
    void (*on_event)(struct turn *, uint64_t, Record__Event *, void *),
    void *arg)
{
	while (last != 0 && max-- > 0) {
		Record__Event *event = rows_event(turn, last);
		uint64_t previous;

		if (event == NULL)
			return 0;
		previous = event->previous;
		ledger_walk(turn, event->request_event, LEDGER_CHAIN_MAX,
		    on_event, arg);
		if (on_event != NULL)
			on_event(turn, last, event, arg);
		last = previous;
	}
	return last;
}

void
ledger_gather_chain(struct turn *turn, uint64_t last, size_t max)
{
	(void)ledger_walk(turn, last, max, NULL, NULL);
}

struct erasing {
	size_t left;		/* events that this turn sees */
	bool changed;
	int64_t until;		/* some budget needs a key of theirs; 0: none */
};

static void
erase_event(struct turn *turn, uint64_t sequence, const Record__Event *event,
    struct erasing *erasing)
{
	int64_t until = event->time +
	    (int64_t)budgets_window(turn->engine) * CLOCK_SECOND;
	bool counts = event->budget_key != 0 && until > turn->past;
	uint8_t leaf[CRYPTO_HASH_SIZE];
	Record__Event erased;

	if (counts && until > erasing->until)
		erasing->until = until;
	if (event->erased && (counts || event->budget_key == 0))
		return;
	erased = event->erased ? *event :
	    ledger_erased(sequence, event, leaf);
	if (!counts)
		erased.budget_key = 0;
	rows_put(turn, STORE_LEDGER, rows_key_u64(sequence), &erased.base);
	erasing->changed = true;
}

static void
erase_later(struct turn *turn, uint64_t last, int64_t when)
{
	Record__Due due;

	record__due__init(&due);
	rows_put(turn, STORE_DUE, rows_key_due(when, ROWS_DUE_ERASE, last),
	    &due.base);
}

static void
erase_some(struct turn *turn, uint64_t last, struct erasing *erasing)
{
	while (last != 0 && erasing->left > 0) {
		Record__Event *event = rows_event(turn, last);

		if (event == NULL)
			return;
		erasing->left--;
		erase_event(turn, last, event, erasing);
		erase_some(turn, event->request_event, erasing);
		last = event->previous;
	}
	/* What is behind them has a row of its own, if there was nothing left
	 * to do here. */
	if (last != 0 && erasing->changed)
		erase_later(turn, last, turn->now);
}

void
ledger_erase_chain(struct turn *turn, uint64_t last)
{
	struct erasing erasing = { .left = LEDGER_ERASE_MAX };

	erase_some(turn, last, &erasing);
	if (erasing.until != 0)
		erase_later(turn, last, erasing.until);
}

Fact__Evidence *
ledger_evidence(struct turn *turn, const Fact__Evidence *came)
{
	char *ip = arena_alloc(turn->arena, IP_TEXT_SIZE);
	Fact__Evidence *kept;

	if (came == NULL)
		return NULL;
	kept = arena_alloc(turn->arena, sizeof(*kept));
	*kept = *came;
	evidence_ip_write(slice_str(came->ip),
	    turn->engine->config->retain.log_ip, ip);
	kept->ip = ip;
	return kept;
}
