/* SPDX-License-Identifier: ISC */
/*
 * GET /status: how the daemon is.  Without the engine it still tells of the
 * processes, as 503.
 */
#include "app/admin/admin_json.h"
#include "app/admin/admin_process.h"
#include "app/certificates.h"
#include "base/clock.h"
#include "core/config.h"
#include "io/json.h"

static struct json *
processes(const struct admin *admin)
{
	struct json *array = json_new_array();

	for (size_t i = 0; i < admin->report_count; i++)
		json_append(array, admin_json_process(&admin->reports[i]));
	return array;
}

/* Of the certificate that needs to be renewed first. */
static void
put_expiry(struct json *object, int64_t expiry)
{
	char text[CLOCK_RFC3339_SIZE];

	if (expiry == 0)
		return;
	clock_rfc3339(expiry, text);
	json_put_text(object, "certificate_expires_at", slice_str(text));
}

static void
on_answer(struct admin_call *call, const Message__Envelope *answer)
{
	const struct config *config = call->admin->config;
	struct json *object = json_new_object();

	json_put_text(object, "version", slice_str(PACKAGE_VERSION));
	json_put_bool(object, "ready", answer != NULL);
	json_put_text(object, "config", slice_str(config->path));
	json_put_text(object, "base_url", slice_str(config->base_url));
	if (call->admin->load_why != NULL)
		json_put(object, "load",
		    admin_json_load(&call->admin->load));
	json_put_text(object, "sandbox",
	    buf_slice(&call->admin->sandbox));
	put_expiry(object, certificates_expiry(
	    child_certificates(call->admin->child)));
	if (answer != NULL)
		admin_json_put_status(object, answer->status, config);
	json_put(object, "processes", processes(call->admin));
	admin_call_answer(call, answer != NULL ? 200 : 503, object);
}

void
admin_ask_status(struct admin_call *call, admin_on_answer then)
{
	Message__StatusQuery query;
	Message__Envelope question;

	message__status_query__init(&query);
	message__envelope__init(&question);
	question.body_case = MESSAGE__ENVELOPE__BODY_STATUS_QUERY;
	question.status_query = &query;
	admin_call_ask(call, &question, MESSAGE__ENVELOPE__BODY_STATUS, then);
}

static void
status(struct admin_call *call)
{
	admin_ask_status(call, on_answer);
}

const struct admin_command admin_status[] = {
	{ HTTP_GET, "/status", false, "", status, NULL },
	{ .path = NULL },
};
