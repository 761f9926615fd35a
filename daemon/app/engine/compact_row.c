/* SPDX-License-Identifier: ISC */
/*
 * What is known of compactions between two lives of the engine: its row in
 * meta.
 */
#include "app/engine/compact_private.h"

#include <stdio.h>

#include "app/engine/engine.h"
#include "app/engine/rows.h"

static Fact__Compaction *
get_row(struct turn *turn)
{
	return rows_get(turn, STORE_META, rows_key_meta("compaction"),
	    &fact__compaction__descriptor);
}

void
compact_put_row(struct turn *turn)
{
	rows_put(turn, STORE_META, rows_key_meta("compaction"),
	    &turn->engine->compact->last.base);
}

void
compact_gather(struct turn *turn)
{
	(void)get_row(turn);
}

void
compact_set_why(struct compact *c, const char *why)
{
	(void)snprintf(c->why, sizeof(c->why), "%s", why);
	c->last.why = c->why;
}

void
compact_load(struct turn *turn)
{
	struct compact *c = turn->engine->compact;
	const Fact__Compaction *known = get_row(turn);

	if (known == NULL)
		return;
	c->last = *known;
	/* What a later version wrote ends with this turn. */
	c->last.base.n_unknown_fields = 0;
	c->last.base.unknown_fields = NULL;
	compact_set_why(c, known->why);
}

void
compact_note(struct turn *turn)
{
	struct compact *c = turn->engine->compact;

	if (store_turn_forgets(turn->store) == 0)
		return;
	if (c->phase != PHASE_IDLE && c->since == 0)
		c->since = turn->now;
	if (c->last.since != 0)
		return;
	c->last.since = turn->now;
	compact_put_row(turn);
}
