/* SPDX-License-Identifier: ISC */
/*
 * GET /metrics: as a command, and on a loopback port where there is nothing
 * else.  An engine that doesn't answer in time is no reason not to: that it
 * doesn't is what somebody wants to know.
 */
#include "app/admin/admin_process.h"
#include "app/certificates.h"
#include "app/metrics/metrics_table.h"

/* Prometheus itself waits for 10 seconds. */
enum { PATIENCE_MS = 5000 };

static void
on_answer(struct admin_call *call, const Message__Envelope *answer)
{
	struct admin *admin = call->admin;
	const struct metrics_page page = {
		.status = answer != NULL ? answer->status : NULL,
		.reports = admin->reports,
		.report_count = admin->report_count,
		.load = admin->load_why != NULL ? &admin->load : NULL,
		.certificate_expiry = certificates_expiry(
		    child_certificates(admin->child)),
	};
	struct buf text = { 0 };

	metrics_write(child_metrics(admin->child), &text);
	metrics_gather(&page, &text);
	/* A scrape of the port every few seconds is no event. */
	if (call->command != NULL)
		admin_call_log(call, 200);
	http_answer_header(call->exchange, "Content-Type",
	    slice_str("text/plain; version=0.0.4; charset=utf-8"));
	http_answer(call->exchange, 200, buf_slice(&text));
	buf_fini(&text);
}

static void
metrics(struct admin_call *call)
{
	call->patience_ms = PATIENCE_MS;
	admin_ask_status(call, on_answer);
}

static void
refuse(struct http_exchange *exchange, unsigned status, const char *text)
{
	http_answer_header(exchange, "Content-Type",
	    slice_str("text/plain; charset=utf-8"));
	http_answer(exchange, status, slice_str(text));
}

void
admin_metrics_alone(struct http_exchange *exchange, void *admin)
{
	const struct http_request *request = http_exchange_request(exchange);

	if (!slice_eq_str(request->path, "/metrics")) {
		refuse(exchange, 404, "there is nothing but /metrics\n");
	} else if (request->method != HTTP_GET &&
	    request->method != HTTP_HEAD) {
		http_answer_header(exchange, "Allow",
		    slice_str("GET, HEAD"));
		refuse(exchange, 405, "want GET\n");
	} else {
		metrics(admin_call_new(admin, exchange));
	}
}

const struct admin_command admin_metrics[] = {
	{ HTTP_GET, "/metrics", false, "", metrics, NULL },
	{ .path = NULL },
};
