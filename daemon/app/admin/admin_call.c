/* SPDX-License-Identifier: ISC */
/*
 * One call: its parameters, its question to the engine, its answer and its
 * line in the log.
 */
#include "app/admin/admin.h"

#include <stdlib.h>

#include "app/wire.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "io/json.h"

static void
call_free(void *arg)
{
	struct admin_call *call = arg;

	if (call->serial != 0)
		LIST_REMOVE(call, link);
	http_form_free(call->form);
	free(call->data);
	free(call);
}

struct admin_call *
admin_call_new(struct admin *admin, struct http_exchange *exchange)
{
	struct admin_call *call = MEM_NEW(struct admin_call);

	call->admin = admin;
	call->exchange = exchange;
	http_exchange_set_data(exchange, call, call_free);
	return call;
}

const char *
admin_method_name(enum http_method method)
{
	switch (method) {
	case HTTP_GET:
		return "GET";
	case HTTP_POST:
		return "POST";
	case HTTP_HEAD:
	case HTTP_OPTIONS:
	case HTTP_PUT:
	case HTTP_DELETE:
	case HTTP_PATCH:
	case HTTP_OTHER:
		break;
	}
	return "other";
}

char *
admin_call_get(struct admin_call *call, const char *name)
{
	for (size_t i = 0; call->form != NULL && i < call->form->count; i++) {
		if (strcmp(call->form->pair[i].name, name) == 0)
			return call->form->pair[i].value;
	}
	return call->none;
}

/* The next field, unless the parameter wasn't given. */
static void
add_field(struct log_field **next, const char *name, const char *value,
    struct log_field (*make)(const char *key, struct slice value))
{
	if (value[0] != '\0')
		*(*next)++ = make(name, slice_str(value));
}

/* No path but a command's: what a caller made up may hold an address. */
static const char *
path_of(const struct admin_call *call)
{
	return call->command != NULL ? call->command->path : "other";
}

/* As may what is no list. */
static struct log_field
log_word(const char *key, struct slice value)
{
	return slice_find(value, '@') >= 0 ? log_address(key, value) :
	    log_slice(key, value);
}

void
admin_call_log(struct admin_call *call, unsigned status)
{
	const struct http_request *request =
	    http_exchange_request(call->exchange);
	struct log_field fields[10] = { { 0 } }, *next = fields;

	*next++ = log_num("request", (int64_t)request->serial);
	*next++ = log_num("uid", request->uid);
	*next++ = log_str("method", admin_method_name(request->method));
	*next++ = log_str("path", path_of(call));
	add_field(&next, "address", admin_call_get(call, "address"),
	    log_address);
	add_field(&next, "list", admin_call_get(call, "list"), log_word);
	add_field(&next, "proof", admin_call_get(call, "proof"), log_word);
	add_field(&next, "id", admin_call_get(call, "id"), log_word);
	*next++ = log_num("status", status);
	log_event(LOG_LEVEL_INFO, "command", fields);
}

void
admin_call_answer(struct admin_call *call, unsigned status, struct json *value)
{
	struct http_exchange *exchange = call->exchange;
	struct buf body = { 0 };

	admin_call_log(call, status);
	json_write_pretty(value, &body);
	json_free(value);
	http_answer_header(exchange, "Content-Type",
	    slice_str("application/json"));
	http_answer(exchange, status, buf_slice(&body));
	buf_fini(&body);
}

static struct json *
error_new(const char *code, const char *message)
{
	struct json *object = json_new_object(), *error = json_new_object();

	json_put_text(error, "code", slice_str(code));
	json_put_text(error, "message", slice_str(message));
	json_put(object, "error", error);
	return object;
}

void
admin_call_refuse(struct admin_call *call, unsigned status, const char *code,
    const char *message)
{
	admin_call_answer(call, status, error_new(code, message));
}

void
admin_call_unavailable(struct admin_call *call)
{
	admin_call_refuse(call, 503, "unavailable",
	    "the engine does not answer now; try again");
}

void
admin_call_settle(struct admin_call *call, const Message__Envelope *answer)
{
	LIST_REMOVE(call, link);
	call->serial = 0;
	if (answer != NULL && answer->body_case != call->wanted) {
		log_warn("answer_mismatch",
		    log_num("wanted", (int64_t)call->wanted),
		    log_num("got", (int64_t)answer->body_case));
		answer = NULL;
	}
	call->on_answer(call, answer);
}

void
admin_call_ask(struct admin_call *call, Message__Envelope *question,
    Message__Envelope__BodyCase wanted, admin_on_answer on_answer)
{
	struct admin *admin = call->admin;

	question->serial = call->serial = ++admin->serial;
	call->asked_at = clock_monotonic_ms();
	call->wanted = wanted;
	call->on_answer = on_answer;
	LIST_INSERT_HEAD(&admin->asking, call, link);
	if (wire_send(admin->engine, question) != 0)
		admin_call_settle(call, NULL);
}
