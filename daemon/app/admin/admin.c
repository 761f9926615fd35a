/* SPDX-License-Identifier: ISC */
/*
 * The admin socket: HTTP and JSON, for assentctl and curl.  Which command is
 * meant, who may give it, and with which parameters.
 */
#include "app/admin/admin_order.h"

#include "app/admin/admin_commands.h"
#include "app/metrics/metrics.h"
#include "base/buf.h"
#include "io/http_observe.h"

static const struct admin_command commands[] = {
	{ HTTP_GET, "/status", false, "", admin_status },
	{ HTTP_GET, "/show", false, "address proof", admin_show },
	{ HTTP_GET, "/list", false, "list state since format", admin_list },
	{ HTTP_GET, "/export", false, "list state since format",
	    admin_export },
	{ HTTP_POST, "/unsubscribe", true, "address list",
	    admin_unsubscribe },
	{ HTTP_POST, "/suppress", true, "address reason", admin_suppress },
	{ HTTP_POST, "/unsuppress", true, "address", admin_unsuppress },
	{ HTTP_POST, "/resend", true, "address force", admin_resend },
	{ HTTP_POST, "/confirm", true, "address list reason",
	    admin_confirm },
	{ HTTP_POST, "/erase", true, "address all suppress", admin_erase },
	{ HTTP_GET, "/queue", false, "limit", admin_queue },
	{ HTTP_POST, "/queue/retry", true, "id", admin_queue_retry },
	{ HTTP_POST, "/queue/drop", true, "id", admin_queue_drop },
	{ HTTP_GET, "/preview", false, "kind list lang", admin_preview },
	{ HTTP_GET, "/metrics", false, "", admin_metrics },
};
enum { COMMANDS = sizeof(commands) / sizeof(commands[0]) };
enum { MARK_OTHER };		/* else a command's place, from 1 */

const char *
admin_command_label(size_t i)
{
	if (i == MARK_OTHER)
		return "other";
	return i <= COMMANDS ? commands[i - 1].path : NULL;
}

/* Of those on the socket; the port counts nothing. */
void
admin_answered(const struct http_request *request, unsigned mark,
    unsigned status, int64_t took_us, void *arg)
{
	const struct admin *admin = arg;
	unsigned i = 0;

	(void)request;
	(void)took_us;
	while (http_status_at(i) != status && http_status_at(i) != 0)
		i++;
	metrics_add(child_metrics(admin->child), METRICS_COMMANDS,
	    METRICS_AT(mark, i), 1);
}

static const struct admin_command *
find_command(const struct http_request *request, bool *ret_known)
{
	const struct admin_command *other = NULL;

	for (size_t i = 0; i < COMMANDS; i++) {
		if (!slice_eq_str(request->path, commands[i].path))
			continue;
		if (commands[i].method == request->method) {
			*ret_known = true;
			return &commands[i];
		}
		other = &commands[i];
	}
	*ret_known = false;
	return other;
}

/* Parameters: of GET in the query, of POST in the body. */
static enum http_form_error
read_form(struct admin_call *call, const struct http_request *request)
{
	if (request->method == HTTP_GET)
		return http_form_parse_query(request->query, &call->form);
	if (request->body.len == 0)
		return HTTP_FORM_OK;
	return http_form_parse(http_request_header(request, "Content-Type"),
	    request->body, &call->form);
}

static bool
takes(const struct admin_command *command, const char *name)
{
	struct slice rest = slice_str(command->parameters), word;

	while (rest.len > 0 && slice_split(&rest, ' ', &word)) {
		if (slice_eq_str(word, name))
			return true;
	}
	return false;
}

/*
 * Each parameter is known and comes once: one that is overlooked, as with a
 * typing error in "list", would have the command do more than was meant.
 */
static bool
form_is_meant(const struct admin_call *call,
    const struct http_request *request)
{
	const struct http_form *form = call->form;

	if (request->method == HTTP_POST && request->query.len > 0)
		return false;
	for (size_t i = 0; form != NULL && i < form->count; i++) {
		const struct http_pair *pair = &form->pair[i];

		if (!takes(call->command, pair->name) ||
		    http_form_get(form, pair->name) != pair->value)
			return false;
	}
	return true;
}

static void
run(struct admin_call *call, const struct http_request *request)
{
	if (form_is_meant(call, request)) {
		call->command->run(call);
	} else {
		struct buf message = { 0 };

		buf_printf(&message, "want no parameters but these, once "
		    "each, of a POST in its body: %s",
		    call->command->parameters[0] != '\0' ?
		    call->command->parameters : "(none)");
		admin_call_refuse(call, 400, "bad_request",
		    buf_str(&message));
		buf_fini(&message);
	}
}

void
admin_request(struct http_exchange *exchange, void *arg)
{
	const struct http_request *request = http_exchange_request(exchange);
	struct admin_call *call = admin_call_new(arg, exchange);
	const char *why;
	bool known;

	call->command = find_command(request, &known);
	if (call->command != NULL)
		http_exchange_mark(exchange,
		    (unsigned)(call->command - commands) + 1);
	if (call->command == NULL) {
		admin_call_refuse(call, 404, "not_found",
		    "there is no such command");
		return;
	}
	if (!known) {
		http_answer_header(exchange, "Allow",
		    slice_str(admin_method_name(call->command->method)));
		admin_call_refuse(call, 405, "method_not_allowed",
		    "wrong method for this command");
		return;
	}
	why = admin_forbids(call);
	if (why != NULL) {
		admin_call_refuse(call, 403, "forbidden", why);
		return;
	}
	switch (read_form(call, request)) {
	case HTTP_FORM_OK:
		run(call, request);
		break;
	case HTTP_FORM_UNSUPPORTED_TYPE:
		admin_call_refuse(call, 415, "unsupported_media_type",
		    "send a form or a JSON object");
		break;
	case HTTP_FORM_MALFORMED:
	case HTTP_FORM_TOO_MANY:
		admin_call_refuse(call, 400, "bad_request",
		    "the parameters can't be read");
		break;
	}
}
