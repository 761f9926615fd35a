/* SPDX-License-Identifier: ISC */
/*
 * Which budgets there are and what counts against them.
 */
#include "app/engine/budgets.h"

#include <stdlib.h>

#include "app/engine/engine.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/mem.h"
#include "core/address.h"
#include "core/budget.h"

const uint32_t budgets_no_list = 0;

enum { NETWORKS_MAX = 1 << 16, ADDRESSES_MAX = 1 << 18 };

void
budgets_open(struct engine *e)
{
	const struct config *c = e->config;
	struct limit interval = { 0 };
	uint8_t seed[CRYPTO_HASH_SIZE];

	if (c->limits.interval > 0) {
		interval.count = 1;
		interval.window[0].count = 1;
		interval.window[0].seconds = (uint32_t)c->limits.interval;
	}
	e->per_network = budget_new(&c->limits.per_network, NETWORKS_MAX);
	e->per_address = budget_new(&c->limits.per_address, ADDRESSES_MAX);
	e->per_request = budget_new(&interval, ADDRESSES_MAX);
	/* Fixed for a database: keys are kept in the ledger. */
	crypto_hmac(slice_of(e->secret->index, sizeof(e->secret->index)),
	    slice_str("assent budget seed"), seed);
	e->budget_seed = bytes_get_be(seed, 8);
}

void
budgets_close(struct engine *e)
{
	budget_free(e->per_network);
	budget_free(e->per_address);
	budget_free(e->per_request);
}

uint64_t
budgets_window(const struct engine *e)
{
	const struct config *c = e->config;
	const struct limit *limits[] = { &c->limits.per_address,
		&c->limits.per_network };
	uint64_t longest = c->limits.interval;

	for (size_t i = 0; i < 2; i++) {
		for (size_t w = 0; w < limits[i]->count; w++) {
			if (limits[i]->window[w].seconds > longest)
				longest = limits[i]->window[w].seconds;
		}
	}
	return longest;
}

/* An address's key with a list's number mixed in. */
static uint64_t
request_key(uint64_t address_key, uint32_t list)
{
	return address_key ^ (uint64_t)list * UINT64_C(0x9e3779b97f4a7c15);
}

void
budgets_forget_mail(struct engine *e, uint64_t address_key,
    Record__Wish *const *wishes, size_t count)
{
	budget_forget(e->per_address, address_key);
	for (size_t i = 0; i < count; i++)
		budget_forget(e->per_request, request_key(address_key,
		    wishes[i]->list));
}

void
budgets_forget_manage(struct engine *e, uint64_t address_key)
{
	budget_forget(e->per_address, address_key);
	budget_forget(e->per_request, request_key(address_key,
	    budgets_no_list));
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

void
budgets_replay(struct engine *e, const Record__Event *event)
{
	int64_t when = event->time / CLOCK_SECOND;

	if (event->kind == RECORD__EVENT__KIND__OPEN)
		budgets_forget_manage(e, event->budget_key);
	if (event->kind == RECORD__EVENT__KIND__CONFIRM)
		budgets_forget_mail(e, event->budget_key, event->wishes,
		    event->n_wishes);
	if (!is_mail(event))
		return;
	budget_note(e->per_address, event->budget_key, when);
	if (event->kind == RECORD__EVENT__KIND__MANAGE)
		budget_note(e->per_request, request_key(event->budget_key,
		    budgets_no_list), when);
	for (size_t i = 0; i < event->n_wishes; i++)
		budget_note(e->per_request, request_key(event->budget_key,
		    event->wishes[i]->list), when);
	if (event->evidence != NULL && event->evidence->ip[0] != '\0')
		budget_note(e->per_network, budget_network_key(
		    event->evidence->ip, e->budget_seed), when);
}

bool
budgets_take_network(struct engine *e, const char *ip, int64_t now,
    uint32_t *ret_retry_after)
{
	return budget_take(e->per_network,
	    budget_network_key(ip, e->budget_seed), now / CLOCK_SECOND,
	    ret_retry_after);
}

uint64_t
budgets_address_key(const struct engine *e, const char *address)
{
	struct address parsed;
	char key[ADDRESS_MAX + 1];

	if (address_parse(slice_str(address), &parsed) != ADDRESS_OK)
		return 0;
	address_budget_key(&parsed, key);
	return budget_text_key(slice_str(key), e->budget_seed);
}

bool
budgets_take_mail(struct engine *e, uint64_t address_key,
    const uint32_t *lists, size_t count, int64_t now)
{
	int64_t second = now / CLOCK_SECOND;
	uint32_t retry_after;
	bool fresh = false;

	for (size_t i = 0; i < count && !fresh; i++)
		fresh = budget_peek(e->per_request, request_key(address_key,
		    lists[i]), second, &retry_after);
	if (!fresh || !budget_take(e->per_address, address_key, second,
	    &retry_after))
		return false;
	for (size_t i = 0; i < count; i++)
		budget_note(e->per_request, request_key(address_key,
		    lists[i]), second);
	return true;
}

bool
budgets_take_request(struct engine *e, const Record__Request *r, int64_t now,
    uint64_t *ret_key)
{
	uint32_t *lists = mem_new(r->n_wishes, sizeof(*lists));
	bool taken;

	for (size_t i = 0; i < r->n_wishes; i++)
		lists[i] = r->wishes[i]->list;
	*ret_key = budgets_address_key(e, r->address);
	taken = budgets_take_mail(e, *ret_key, lists, r->n_wishes, now);
	free(lists);
	return taken;
}
