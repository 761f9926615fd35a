/* SPDX-License-Identifier: ISC */
/*
 * The rows of the suppression table.
 */
#include "app/engine/suppress.h"

#include "app/engine/engine.h"
#include "base/clock.h"
#include "base/log.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define REASON(name) RECORD__SUPPRESSION__REASON__##name
#define TRY_SECONDS INT64_C(604800)

static const struct {
	const char *name;
	bool admin_may_give, admin_may_lift;
} reasons[] = {
	[REASON(NOTME)] = { "not-me", false, true },
	[REASON(BOUNCE)] = { "bounce", true, true },
	[REASON(ADMIN)] = { "admin", true, true },
	[REASON(COMPLAINT)] = { "complaint", true, true },
	[REASON(ERASE)] = { "erase", false, false },
};

const char *
suppress_reason_name(Record__Suppression__Reason reason)
{
	return (size_t)reason < COUNT(reasons) ? reasons[reason].name :
	    "unknown";
}

bool
suppress_reason_read(const char *name,
    Record__Suppression__Reason *ret_reason)
{
	for (size_t i = 0; i < COUNT(reasons); i++) {
		if (!reasons[i].admin_may_give ||
		    strcmp(reasons[i].name, name) != 0)
			continue;
		*ret_reason = (Record__Suppression__Reason)i;
		return true;
	}
	return false;
}

static Record__Suppression *
get(struct turn *turn, const struct person *p, uint32_t list)
{
	return rows_get(turn, STORE_SUPPRESSION,
	    rows_key_suppression(p->key, list),
	    &record__suppression__descriptor);
}

static bool
is_over(const struct turn *turn, const Record__Suppression *s)
{
	return s->until != 0 && s->until <= turn->past;
}

Record__Suppression *
suppress_find(struct turn *turn, const struct person *p, uint32_t list)
{
	Record__Suppression *s = get(turn, p, list);

	return s != NULL && !is_over(turn, s) ? s : NULL;
}

/* A row that can't be read holds: nobody knows until when. */
static bool
row_holds(struct turn *turn, const struct person *p, uint32_t list,
    bool asked)
{
	const Record__Suppression *s = get(turn, p, list);

	if (s == NULL)
		return rows_is_damaged(turn, STORE_SUPPRESSION,
		    rows_key_suppression(p->key, list), s);
	return !is_over(turn, s) && !(asked && s->reason == REASON(BOUNCE));
}

bool
suppress_holds(struct turn *turn, const struct person *p, uint32_t list,
    bool asked)
{
	bool here = row_holds(turn, p, list, asked);
	bool everywhere = row_holds(turn, p, 0, asked);

	return here || everywhere;
}

void
suppress_gather_all(struct turn *turn, const struct person *p)
{
	const struct engine *e = turn->engine;

	for (size_t i = 0; i < e->list_count; i++)
		(void)suppress_holds(turn, p, e->lists[i].id, false);
}

static void
put(struct turn *turn, const struct person *p, uint32_t list,
    const Record__Suppression *s)
{
	rows_put(turn, STORE_SUPPRESSION, rows_key_suppression(p->key, list),
	    &s->base);
}

void
suppress_list(struct turn *turn, const struct person *p, uint32_t list,
    int64_t until, uint64_t request)
{
	struct rows_key key = rows_key_suppression(p->key, list);
	Record__Suppression s;
	Record__Due due;

	record__suppression__init(&s);
	s.reason = REASON(NOTME);
	s.until = until;
	s.since = turn->now;
	put(turn, p, list, &s);
	record__due__init(&due);
	due.key = (ProtobufCBinaryData){ key.len, key.bytes };
	rows_put(turn, STORE_DUE, rows_key_due(until, ROWS_DUE_SUPPRESSION,
	    request << 16 | list), &due.base);
}

void
suppress_release_list(struct turn *turn, const struct person *p,
    uint32_t list)
{
	rows_delete(turn, STORE_SUPPRESSION,
	    rows_key_suppression(p->key, list));
}

bool
suppress_all(struct turn *turn, const struct person *p,
    Record__Suppression__Reason reason, const char *by)
{
	const Record__Suppression *before = suppress_find(turn, p, 0);
	Record__Suppression s;

	if (before != NULL && before->reason >= reason)
		return false;
	record__suppression__init(&s);
	s.reason = reason;
	s.since = turn->now;
	s.by = turn_text(turn, by);
	put(turn, p, 0, &s);
	log_info("suppressed", log_str("reason",
	    suppress_reason_name(reason)), log_str("by", by));
	return true;
}

uint32_t
suppress_lift(struct turn *turn, const struct person *p)
{
	const struct engine *e = turn->engine;
	uint32_t lifted = 0;

	for (size_t i = 0; i <= e->list_count; i++) {
		uint32_t list = i < e->list_count ? e->lists[i].id : 0;
		const Record__Suppression *s = suppress_find(turn, p, list);

		if (s == NULL || (size_t)s->reason >= COUNT(reasons) ||
		    !reasons[s->reason].admin_may_lift)
			continue;
		suppress_release_list(turn, p, list);
		lifted++;
	}
	return lifted;
}

/* ---- bounces ---- */

static Record__Suppression *
find_bounce(struct turn *turn, const struct person *p)
{
	Record__Suppression *s = suppress_find(turn, p, 0);

	return s != NULL && s->reason == REASON(BOUNCE) ? s : NULL;
}

bool
suppress_may_try(struct turn *turn, const struct person *p)
{
	const Record__Suppression *s = find_bounce(turn, p);

	return s != NULL && (s->tried_at == 0 ||
	    turn->now >= s->tried_at + TRY_SECONDS * CLOCK_SECOND);
}

void
suppress_note_try(struct turn *turn, const struct person *p)
{
	Record__Suppression *s = find_bounce(turn, p);

	if (s == NULL)
		return;
	s->tried_at = turn->now;
	put(turn, p, 0, s);
}

void
suppress_end_bounce(struct turn *turn, const struct person *p)
{
	if (find_bounce(turn, p) != NULL)
		suppress_release_list(turn, p, 0);
}
