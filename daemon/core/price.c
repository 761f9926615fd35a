/* SPDX-License-Identifier: ISC */
/*
 * The price as a table: the least proof that each page has to bring.
 */
#include "core/price.h"

static const enum price_proof calm[PAGES] = {
	[PAGE_OWN] = PRICE_FORM,
	[PAGE_NAMED] = PRICE_NOTHING,
	[PAGE_UNKNOWN] = PRICE_WAIT,
};

static enum price_proof
wanted(const struct price_facts *f)
{
	switch (f->mode) {
	case CONFIG_CHALLENGE_OFF:
		return PRICE_NOTHING;
	case CONFIG_CHALLENGE_ALWAYS:
		return PRICE_WAIT;
	case CONFIG_CHALLENGE_AUTO:
		break;
	}
	/* Whoever falls into a trap may still be a person with a helpful
	 * program: it costs what it costs a stranger. */
	return f->mood == PRICE_CALM && !f->robot ? calm[f->page] :
	    PRICE_WAIT;
}

bool
price_is_paid(const struct price_facts *f, unsigned *ret_level)
{
	*ret_level = f->mood;
	/* One solved before it got worse is asked for once more. */
	if (f->proof == PRICE_SOLVED && f->level < *ret_level)
		return wanted(f) < PRICE_WAIT;
	return f->proof >= wanted(f);
}
