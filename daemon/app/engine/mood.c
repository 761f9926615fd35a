/* SPDX-License-Identifier: ISC */
/*
 * The mood from the budgets.
 */
#include "app/engine/mood.h"

#include "app/engine/budgets.h"
#include "app/engine/engine.h"
#include "app/engine/terms.h"

enum price_mood
mood_of_post(struct engine *e, const Message__Subscribe *s, int64_t now)
{
	uint64_t domain = budgets_domain_key(e, s->address);

	return budgets_are_strained(e, domain, now) ? PRICE_STRAINED :
	    PRICE_CALM;
}

void
mood_look(struct engine *e, int64_t now)
{
	terms_set_mood(e, budgets_total_percent(e, now) > 50 ?
	    PRICE_STRAINED : PRICE_CALM);
}
