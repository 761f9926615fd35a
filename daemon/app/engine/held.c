/* SPDX-License-Identifier: ISC */
/*
 * Who has to wait, and in which line.
 */
#include "app/engine/held_private.h"

#include <stdlib.h>

#include "app/engine/budgets.h"
#include "app/engine/engine.h"
#include "app/engine/mail_source.h"
#include "app/metrics/metrics.h"
#include "base/log.h"
#include "base/mem.h"
#include "core/trust.h"

enum { SITES_MAX = 1 << 16, PROBES = 8 };

_Static_assert((int)TRUST_LEVELS <= (int)FAIR_CLASSES,
    "each level has a class");

struct held *
held_new(void)
{
	struct held *h = MEM_NEW(struct held);

	h->fair = fair_new(SITES_MAX);
	return h;
}

void
held_free(struct held *h)
{
	if (h == NULL)
		return;
	for (size_t i = 0; i < FAIR_LINES; i++)
		free(h->line[i].name);
	fair_free(h->fair);
	free(h);
}

/* ---- lines ---- */

/* Where a domain's line may be: one of a few. */
static unsigned
probe(uint64_t domain, unsigned n)
{
	return 1 + (unsigned)((domain + n) % (FAIR_LINES - 1));
}

int
held_line_of(const struct held *h, uint64_t domain)
{
	for (unsigned n = 0; n < PROBES; n++) {
		unsigned line = probe(domain, n);

		if (h->line[line].is_open && h->line[line].domain == domain)
			return (int)line;
	}
	return HELD_NO_LINE;
}

unsigned
held_line_for(const struct held *h, uint64_t domain)
{
	int known = held_line_of(h, domain);

	if (known != HELD_NO_LINE)
		return (unsigned)known;
	for (unsigned n = 0; n < PROBES; n++) {
		if (!h->line[probe(domain, n)].is_open)
			return probe(domain, n);
	}
	return probe(domain, 0);
}

static void
open_line(struct engine *e, unsigned line, const Record__Outbox *row)
{
	struct held *h = e->held;
	struct held_line *l = &h->line[line];
	struct slice domain = slice_str(row->address);
	ptrdiff_t at = slice_find(domain, '@');

	if (l->is_open)
		return;
	l->is_open = true;
	h->open[h->open_count++] = line;
	if (line == HELD_TOTAL_LINE) {
		log_warn("mail_held", log_str("limit", "total"));
		return;
	}
	l->domain = budgets_domain_key(e, row->address);
	l->name = slice_dup(slice_sub(domain, (size_t)(at + 1), domain.len));
	log_warn("mail_held", log_str("limit", "per_domain"),
	    log_str("domain", l->name));
}

void
held_line_last(struct held *h, unsigned line)
{
	size_t i = 0;

	while (i < h->open_count && h->open[i] != line)
		i++;
	for (; i + 1 < h->open_count; i++)
		h->open[i] = h->open[i + 1];
	h->open[h->open_count - 1] = line;
}

void
held_close(struct held *h, size_t i)
{
	unsigned line = h->open[i];
	struct held_line *l = &h->line[line];

	held_line_last(h, line);
	h->open_count--;
	fair_clear(h->fair, line);
	if (line == HELD_TOTAL_LINE)
		log_warn("mail_flows", log_str("limit", "total"));
	else
		log_warn("mail_flows", log_str("limit", "per_domain"),
		    log_str("domain", l->name));
	free(l->name);
	*l = (struct held_line){ 0 };
}

/* ---- coming and going ---- */

static unsigned
class_of(const Record__Outbox *row)
{
	return row->trust < TRUST_LEVELS ? TRUST_LEVELS - 1 - row->trust :
	    TRUST_LEVELS - 1;
}

uint64_t
held_join(struct engine *e, unsigned line, const Record__Outbox *row)
{
	open_line(e, line, row);
	e->held->line[line].waiting++;
	return fair_join(e->held->fair, line, class_of(row), row->site);
}

uint64_t
held_due(struct turn *turn, const Record__Outbox *row)
{
	struct engine *e = turn->engine;
	uint64_t domain = budgets_domain_key(e, row->address);
	int line = held_line_of(e->held, domain);
	uint32_t wait;

	if (line == HELD_NO_LINE &&
	    budgets_domain_room(e, domain, turn->now, &wait) == 0)
		line = (int)held_line_for(e->held, domain);
	if (line == HELD_NO_LINE && (e->held->line[HELD_TOTAL_LINE].is_open ||
	    budgets_total_room(e, turn->now, &wait) == 0))
		line = HELD_TOTAL_LINE;
	if (line != HELD_NO_LINE) {
		metrics_add(e->metrics, METRICS_LIMIT_HITS, METRICS_AT(
		    line == HELD_TOTAL_LINE ? LIMIT_TOTAL :
		    LIMIT_PER_DOMAIN), 1);
		return held_join(e, (unsigned)line, row);
	}
	budgets_note_sent(e, domain, turn->now);
	return (uint64_t)turn->now;
}

void
held_left(struct engine *e, uint64_t place)
{
	struct held_line *l = &e->held->line[fair_line_of(place)];

	l->has_changed = true;
	if (l->waiting > 0)
		l->waiting--;
}

void
held_recover(struct engine *e, uint64_t place, const Record__Outbox *row)
{
	unsigned line = fair_line_of(place);

	open_line(e, line, row);
	e->held->line[line].waiting++;
	fair_rejoin(e->held->fair, place, row->site);
}

void
held_let_go(struct turn *turn, struct outbox_key key, Record__Outbox *row,
    int64_t due)
{
	budgets_note_sent(turn->engine, budgets_domain_key(turn->engine,
	    row->address), turn->now);
	/* That is its Date, too: nobody likes mail from yesterday. */
	row->queued_at = turn->now;
	outbox_move(turn, key, (uint64_t)due, row);
	mail_source_point(turn, row, (struct outbox_key){ (uint64_t)due,
	    key.sequence });
}

/* ---- what is told of it ---- */

struct held_figures
held_figures(const struct engine *e)
{
	struct held_figures f = { .top = "" };

	for (size_t i = 0; i < e->held->open_count; i++) {
		const struct held_line *l = &e->held->line[e->held->open[i]];

		if (e->held->open[i] == HELD_TOTAL_LINE) {
			f.by_total = l->waiting;
			continue;
		}
		f.by_domain += l->waiting;
		f.domains += l->waiting > 0;
		if (l->waiting > f.by_top) {
			f.by_top = l->waiting;
			f.top = l->name;
		}
	}
	return f;
}

const char *
held_reason(uint64_t due)
{
	if (!fair_is_place(due))
		return "";
	return fair_line_of(due) == HELD_TOTAL_LINE ? "total" : "per_domain";
}
