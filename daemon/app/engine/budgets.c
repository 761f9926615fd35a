/* SPDX-License-Identifier: ISC */
/*
 * Which budgets there are and what counts against them.
 */
#include "app/engine/budgets.h"

#include <stdlib.h>

#include "app/engine/engine.h"
#include "app/metrics/metrics.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/mem.h"
#include "core/address.h"
#include "core/budget.h"

const uint32_t budgets_no_list = 0;

enum { NETWORKS_MAX = 1 << 16, ADDRESSES_MAX = 1 << 18,
	DOMAINS_MAX = 1 << 16 };
enum { TOTAL_KEY = 1 };		/* the only one of its budget */
/* Enough for people without scripts, and for hardly more than them.  They
 * aren't counted anew at start. */
static const struct limit waits = { .count = 2, .window = {
	{ .count = 5, .seconds = 600 }, { .count = 30, .seconds = 86400 } } };
static const struct limit all_waits = { .count = 1, .window = {
	{ .count = 120, .seconds = 3600 } } };

/* Repeats about the same lists get no mail for so long. */
static struct limit
limit_of_requests(const struct config *c)
{
	struct limit interval = { 0 };

	if (c->limits.interval > 0) {
		interval.count = 1;
		interval.window[0].count = 1;
		interval.window[0].seconds = (uint32_t)c->limits.interval;
	}
	return interval;
}

static void
make_all(struct budgets *b, const struct config *c)
{
	const struct limit per_request = limit_of_requests(c);

	b->per_network = budget_new(&c->limits.per_network, NETWORKS_MAX);
	b->per_address = budget_new(&c->limits.per_address, ADDRESSES_MAX);
	b->per_request = budget_new(&per_request, ADDRESSES_MAX);
	b->per_domain = budget_new(&c->limits.per_domain, DOMAINS_MAX);
	b->total = budget_new(&c->limits.total, 1);
	b->waits = budget_new(&waits, NETWORKS_MAX);
	b->all_waits = budget_new(&all_waits, 1);
}

void
budgets_open(struct engine *e)
{
	struct budgets *b = &e->budgets;
	uint8_t seed[CRYPTO_HASH_SIZE];

	make_all(b, e->config);
	/* Fixed for a database: keys are kept in the ledger. */
	crypto_hmac(slice_of(e->secret->index, sizeof(e->secret->index)),
	    slice_str("assent budget seed"), seed);
	b->seed = bytes_get_be(seed, 8);
}

static void
free_all(struct budgets *b)
{
	budget_free(b->per_network);
	budget_free(b->per_address);
	budget_free(b->per_request);
	budget_free(b->per_domain);
	budget_free(b->total);
	budget_free(b->waits);
	budget_free(b->all_waits);
}

void
budgets_close(struct engine *e)
{
	free_all(&e->budgets);
}

static void
drop_if(bool changed, struct budget **budget, bool *ret_any)
{
	if (!changed)
		return;
	budget_free(*budget);
	*budget = NULL;
	*ret_any = true;
}

bool
budgets_renew(struct engine *e, const struct config *before,
    struct budgets *ret_kept)
{
	const struct config *c = e->config;
	struct budgets *b = &e->budgets;
	bool any = false;

	drop_if(!limit_equal(&c->limits.per_network,
	    &before->limits.per_network), &b->per_network, &any);
	drop_if(!limit_equal(&c->limits.per_address,
	    &before->limits.per_address), &b->per_address, &any);
	drop_if(c->limits.interval != before->limits.interval,
	    &b->per_request, &any);
	drop_if(!limit_equal(&c->limits.per_domain,
	    &before->limits.per_domain), &b->per_domain, &any);
	drop_if(!limit_equal(&c->limits.total, &before->limits.total),
	    &b->total, &any);
	*ret_kept = *b;
	if (any)
		make_all(b, c);
	return any;
}

static void
put_back(struct budget **budget, struct budget *kept)
{
	if (kept == NULL)
		return;
	budget_free(*budget);
	*budget = kept;
}

void
budgets_settle(struct engine *e, struct budgets *kept)
{
	struct budgets *b = &e->budgets;

	put_back(&b->per_network, kept->per_network);
	put_back(&b->per_address, kept->per_address);
	put_back(&b->per_request, kept->per_request);
	put_back(&b->per_domain, kept->per_domain);
	put_back(&b->total, kept->total);
	put_back(&b->waits, kept->waits);
	put_back(&b->all_waits, kept->all_waits);
}

/* An address's key with a list's number mixed in. */
static uint64_t
request_key(uint64_t address_key, uint32_t list)
{
	return address_key ^ (uint64_t)list * UINT64_C(0x9e3779b97f4a7c15);
}

void
budgets_note_about(struct engine *e, uint64_t address_key, uint32_t list,
    int64_t when)
{
	budget_note(e->budgets.per_request, request_key(address_key, list),
	    when / CLOCK_SECOND);
}

void
budgets_forget_mail(struct engine *e, uint64_t address_key,
    Record__Wish *const *wishes, size_t count)
{
	budget_forget(e->budgets.per_address, address_key);
	for (size_t i = 0; i < count; i++)
		budget_forget(e->budgets.per_request, request_key(address_key,
		    wishes[i]->list));
}

void
budgets_forget_manage(struct engine *e, uint64_t address_key)
{
	budget_forget(e->budgets.per_address, address_key);
	budget_forget(e->budgets.per_request, request_key(address_key,
	    budgets_no_list));
}

/* Counts it, too. */
static bool
refuse(struct engine *e, enum metrics_limit limit)
{
	metrics_add(e->metrics, METRICS_LIMIT_HITS, METRICS_AT(limit), 1);
	return false;
}

bool
budgets_take_network(struct engine *e, const char *ip, int64_t now,
    uint32_t *ret_retry_after)
{
	return budget_take(e->budgets.per_network,
	    budget_network_key(ip, e->budgets.seed), now / CLOCK_SECOND,
	    ret_retry_after) || refuse(e, LIMIT_PER_NETWORK);
}

bool
budgets_take_wait(struct engine *e, const char *ip, bool is_attack,
    int64_t now, uint32_t *ret_retry_after)
{
	int64_t second = now / CLOCK_SECOND;

	if (is_attack && !budget_peek(e->budgets.all_waits, TOTAL_KEY, second,
	    ret_retry_after))
		return false;
	if (!budget_take(e->budgets.waits, budget_network_key(ip,
	    e->budgets.seed), second, ret_retry_after))
		return false;
	budget_note(e->budgets.all_waits, TOTAL_KEY, second);
	return true;
}

uint64_t
budgets_address_key(const struct engine *e, const char *address)
{
	struct address parsed;
	char key[ADDRESS_MAX + 1];

	if (address_parse(slice_str(address), &parsed) != ADDRESS_OK)
		return 0;
	address_budget_key(&parsed, key);
	return budget_text_key(slice_str(key), e->budgets.seed);
}

bool
budgets_take_mail(struct engine *e, uint64_t address_key,
    const uint32_t *lists, size_t count, int64_t now)
{
	int64_t second = now / CLOCK_SECOND;
	uint32_t retry_after;
	bool fresh = false;

	for (size_t i = 0; i < count && !fresh; i++)
		fresh = budget_peek(e->budgets.per_request, request_key(
		    address_key, lists[i]), second, &retry_after);
	if (!fresh)
		return refuse(e, LIMIT_INTERVAL);
	if (!budget_take(e->budgets.per_address, address_key, second,
	    &retry_after))
		return refuse(e, LIMIT_PER_ADDRESS);
	for (size_t i = 0; i < count; i++)
		budgets_note_about(e, address_key, lists[i], now);
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

/* 0 is no key. */
static uint64_t
some_key(uint64_t key)
{
	return key != 0 ? key : 1;
}

/* A domain as it is stored is in one form: A-labels are lower case. */
uint64_t
budgets_domain_key(const struct engine *e, const char *address)
{
	struct slice all = slice_str(address);
	size_t at = (size_t)(slice_find(all, '@') + 1);

	return some_key(budget_text_key(slice_sub(all, at, all.len),
	    e->budgets.seed));
}

uint64_t
budgets_site_key(const struct engine *e, const char *ip)
{
	return some_key(budget_site_key(ip, e->budgets.seed));
}

static uint32_t
room_of(struct budget *b, uint64_t key, int64_t now, uint32_t *ret_wait)
{
	int64_t second = now / CLOCK_SECOND;

	(void)budget_peek(b, key, second, ret_wait);
	return budget_room(b, key, second);
}

uint32_t
budgets_total_room(struct engine *e, int64_t now, uint32_t *ret_wait)
{
	return room_of(e->budgets.total, TOTAL_KEY, now, ret_wait);
}

uint32_t
budgets_domain_room(struct engine *e, uint64_t domain, int64_t now,
    uint32_t *ret_wait)
{
	return room_of(e->budgets.per_domain, domain, now, ret_wait);
}

void
budgets_note_sent(struct engine *e, uint64_t domain, int64_t when)
{
	budget_note(e->budgets.per_domain, domain, when / CLOCK_SECOND);
	budget_note(e->budgets.total, TOTAL_KEY, when / CLOCK_SECOND);
}

unsigned
budgets_total_percent(struct engine *e, int64_t now)
{
	return budget_percent(e->budgets.total, TOTAL_KEY, now / CLOCK_SECOND);
}

bool
budgets_are_strained(struct engine *e, uint64_t domain, int64_t now)
{
	return budgets_total_percent(e, now) > 50 || budget_percent(
	    e->budgets.per_domain, domain, now / CLOCK_SECOND) > 50;
}

void
budgets_figures(const struct engine *e,
    struct budgets_figure ret[BUDGETS_FIGURES])
{
	const struct budgets *b = &e->budgets;

	ret[0] = (struct budgets_figure){ "per_network",
		budget_key_count(b->per_network), NETWORKS_MAX };
	ret[1] = (struct budgets_figure){ "per_address",
		budget_key_count(b->per_address), ADDRESSES_MAX };
	ret[2] = (struct budgets_figure){ "interval",
		budget_key_count(b->per_request), ADDRESSES_MAX };
	ret[3] = (struct budgets_figure){ "per_domain",
		budget_key_count(b->per_domain), DOMAINS_MAX };
}
