/* SPDX-License-Identifier: ISC */
/*
 * The admin socket: HTTP and JSON, for assentctl and curl.  Which command is
 * meant, who may give it, and with which parameters.
 */
#include "app/admin/admin_process.h"

#include "app/admin/admin_reload.h"
#include "app/metrics/metrics.h"
#include "base/buf.h"
#include "io/http_observe.h"

extern const struct admin_command admin_status[], admin_show[], admin_list[],
    admin_unsubscribe[], admin_orders[], admin_queue[], admin_attack[],
    admin_compact[], admin_preview[], admin_metrics[], admin_reload[],
    admin_backup[];

static const struct admin_command *const commands[] = { admin_status,
	admin_show, admin_list, admin_unsubscribe, admin_orders, admin_queue,
	admin_attack, admin_compact, admin_preview, admin_metrics,
	admin_reload, admin_backup };
enum { MARK_OTHER };		/* else a command's place, from 1 */

/* One behind the other; NULL behind the last. */
static const struct admin_command *
command_at(size_t n)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		for (const struct admin_command *c = commands[i];
		    c->path != NULL; c++) {
			if (n-- == 0)
				return c;
		}
	}
	return NULL;
}

const char *
admin_command_label(size_t i)
{
	const struct admin_command *command;

	if (i == MARK_OTHER)
		return "other";
	command = command_at(i - 1);
	return command != NULL ? command->path : NULL;
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

/* Its method may be another; *ret_mark is its place, from 1. */
static const struct admin_command *
find_command(const struct http_request *request, unsigned *ret_mark)
{
	const struct admin_command *command, *found = NULL;

	*ret_mark = MARK_OTHER;
	for (unsigned i = 0; (command = command_at(i)) != NULL; i++) {
		if (!slice_eq_str(request->path, command->path))
			continue;
		found = command;
		*ret_mark = i + 1;
		if (command->method == request->method)
			break;
	}
	return found;
}

/* Parameters: of GET in the query, of POST in the body. */
static enum http_form_error
read_form(struct admin_call *call, const struct http_request *request)
{
	if (request->method == HTTP_GET)
		return http_form_parse_query(request->query, &call->form);
	if (request->body.len == 0)
		return HTTP_FORM_OK;
	return http_form_parse(http_request_header(request,
	    HTTP_FIELD_CONTENT_TYPE), request->body, &call->form);
}

/*
 * Each parameter is known and comes once: one that is overlooked, as with a
 * typing error in "list", would have the command do more than was meant.
 */
static bool
form_is_meant(const struct admin_call *call,
    const struct http_request *request)
{
	const struct slice known = slice_str(call->command->parameters);
	const struct http_form *form = call->form;

	if (request->method == HTTP_POST && request->query.len > 0)
		return false;
	for (size_t i = 0; form != NULL && i < form->count; i++) {
		const struct http_pair *pair = &form->pair[i];

		if (!slice_has_word(known, pair->name) ||
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
	unsigned mark;

	call->command = find_command(request, &mark);
	http_exchange_mark(exchange, mark);
	if (call->command == NULL) {
		admin_call_refuse(call, 404, "not_found",
		    "there is no such command");
		return;
	}
	if (call->command->method != request->method) {
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
