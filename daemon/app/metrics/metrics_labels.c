/* SPDX-License-Identifier: ISC */
/*
 * The values of labels, from the tables that know them.
 */
#include "app/metrics/metrics_table.h"

#include "app/admin/admin_process.h"
#include "app/web/web_page.h"
#include "io/http_observe.h"

/* One of an array; NULL and what is behind its end: false. */
static bool
add_name(struct buf *out, const char *const *names, size_t count, size_t i)
{
	if (i >= count)
		return false;
	buf_add_str(out, names[i]);
	return true;
}
#define ADD_NAME(out, names, i) \
	add_name((out), (names), sizeof(names) / sizeof((names)[0]), (i))

static bool
add_text(struct buf *out, const char *text)
{
	if (text == NULL)
		return false;
	buf_add_str(out, text);
	return true;
}

bool
metrics_add_route(size_t i, struct buf *out)
{
	return add_text(out, web_route_label(i));
}

bool
metrics_add_method(size_t i, struct buf *out)
{
	return add_text(out, web_method_label(i));
}

bool
metrics_add_status(size_t i, struct buf *out)
{
	if (http_status_at(i) == 0)
		return false;
	buf_printf(out, "%u", http_status_at(i));
	return true;
}

bool
metrics_add_outcome(size_t i, struct buf *out)
{
	if (i >= WEB_ERRORS)
		return false;
	buf_add_str(out, i == WEB_OK ? "accepted" :
	    web_error_code((enum web_error)i));
	return true;
}

bool
metrics_add_unanswered(size_t i, struct buf *out)
{
	static const char *const names[] = {
		[UNANSWERED_AWAY] = "away",
		[UNANSWERED_BUSY] = "busy",
		[UNANSWERED_SILENT] = "silent",
		[UNANSWERED_LOST] = "lost",
	};

	return ADD_NAME(out, names, i);
}

bool
metrics_add_request(size_t i, struct buf *out)
{
	static const char *const names[] = {
		[REQUEST_MAILED] = "mailed",
		[REQUEST_ALREADY] = "already",
		[REQUEST_MANAGE] = "manage",
		[REQUEST_HONEYPOT] = "honeypot",
		[REQUEST_OVER_BUDGET] = "over_budget",
		[REQUEST_NOTHING] = "nothing",
	};

	return ADD_NAME(out, names, i);
}

bool
metrics_add_limit(size_t i, struct buf *out)
{
	static const char *const names[] = {
		[LIMIT_PER_NETWORK] = "per_network",
		[LIMIT_PER_ADDRESS] = "per_address",
		[LIMIT_INTERVAL] = "interval",
		[LIMIT_PER_DOMAIN] = "per_domain",
		[LIMIT_TOTAL] = "total",
	};

	return ADD_NAME(out, names, i);
}

bool
metrics_add_command(size_t i, struct buf *out)
{
	return add_text(out, admin_command_label(i));
}
