/* SPDX-License-Identifier: ISC */
/*
 * Times as people read them: the catalogue says how, in its text "date", and
 * what the months are called.
 */
#include <stdlib.h>

#include "app/templates/templates.h"
#include "base/clock.h"
#include "base/mem.h"
#include "core/view.h"

/* "05" as "5". */
static struct slice
without_zero(struct slice digits)
{
	return slice_starts(digits, "0") ?
	    slice_sub(digits, 1, digits.len) : digits;
}

void
templates_date(const struct templates *t, const char *lang, int64_t wall_us,
    struct buf *out)
{
	char iso[CLOCK_RFC3339_SIZE];	/* "2026-11-23T05:32:00Z" */
	struct view *view = view_new();
	struct slice all, day, month;
	struct buf name = { 0 };
	char *key;

	clock_rfc3339(wall_us, iso);
	all = slice_str(iso);
	month = without_zero(slice_sub(all, 5, 7));
	day = without_zero(slice_sub(all, 8, 10));
	key = mem_printf("month_%.*s", SLICE_FMT(month));
	templates_text(t, key, lang, view, &name);
	view_set_slice(view, "year", slice_sub(all, 0, 4));
	view_set_slice(view, "month", buf_slice(&name));
	view_set_slice(view, "day", day);
	view_set_slice(view, "hour", slice_sub(all, 11, 13));
	view_set_slice(view, "minute", slice_sub(all, 14, 16));
	view_set_bool(view, "is_first", slice_eq_str(day, "1"));
	templates_text(t, "date", lang, view, out);
	free(key);
	buf_fini(&name);
	view_free(view);
}
