/* SPDX-License-Identifier: ISC */
/*
 * The mood from the budgets and from the watch for attacks.
 */
#include "app/engine/mood.h"

#include "app/engine/budgets.h"
#include "app/engine/engine.h"
#include "app/engine/terms.h"
#include "app/engine/watch.h"

static enum price_mood
worse(enum price_mood mood, bool is_strained)
{
	return is_strained && mood == PRICE_CALM ? PRICE_STRAINED : mood;
}

enum price_mood
mood_of_post(struct engine *e, const Message__Subscribe *s, int64_t now)
{
	uint64_t domain = budgets_domain_key(e, s->address);

	return worse(watch_mood_of_post(e, s),
	    budgets_are_strained(e, domain, now));
}

void
mood_look(struct engine *e, int64_t now)
{
	terms_set_mood(e, worse(watch_mood(e),
	    budgets_total_percent(e, now) > 50));
}
