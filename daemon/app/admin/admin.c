/* SPDX-License-Identifier: ISC */
/*
 * The admin process: HTTP and JSON on a UNIX socket, for assentctl and curl.
 * Whoever can open the socket may look; only root and the daemon's own user
 * may change things.  It asks the engine and keeps nothing itself.
 */
#include "app/admin/admin.h"

#include <stdlib.h>
#include <unistd.h>

#include <event2/event.h>

#include "app/wire.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "core/config.h"
#include "io/ipc.h"
#include "io/mime.h"

enum {
	PATIENCE_SECONDS = 30,		/* with the engine */
	STALL_SECONDS = 8 * 3600,	/* with a person who reads a listing */
};

extern const struct admin_command admin_status[], admin_show[], admin_list[],
    admin_unsubscribe[], admin_orders[], admin_queue[],
    admin_attack[], admin_preview[];

static const struct admin_command *const commands[] = { admin_status,
	admin_show, admin_list, admin_unsubscribe, admin_orders, admin_queue,
	admin_attack, admin_preview };

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

static bool
may_change(uint32_t uid)
{
	return uid == 0 || uid == geteuid();
}

static const struct admin_command *
find_command(const struct http_request *request, bool *ret_known)
{
	const struct admin_command *other = NULL;

	*ret_known = true;
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		for (const struct admin_command *c = commands[i];
		    c->path != NULL; c++) {
			if (!slice_eq_str(request->path, c->path))
				continue;
			if (c->method == request->method)
				return c;
			other = c;
		}
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

static void
on_request(struct http_exchange *exchange, void *arg)
{
	const struct http_request *request = http_exchange_request(exchange);
	struct admin_call *call = MEM_NEW(struct admin_call);
	bool known;

	call->admin = arg;
	call->exchange = exchange;
	call->command = find_command(request, &known);
	http_exchange_set_data(exchange, call, call_free);
	/* What listens on TCP is for metrics alone. */
	if (strcmp(request->client, "unix") != 0)
		call->command = NULL;
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
	if (call->command->changes && !may_change(request->uid)) {
		admin_call_refuse(call, 403, "forbidden", "only root and "
		    "the daemon's own user may change anything");
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

static void
on_frame(struct ipc *ipc, struct slice frame, void *arg)
{
	struct admin *admin = arg;
	Message__Envelope *answer = wire_open(frame);
	struct admin_call *call;

	(void)ipc;
	if (answer == NULL) {
		log_warn("frame_malformed", log_str("from", "engine"));
		return;
	}
	LIST_FOREACH(call, &admin->asking, link) {
		if (call->serial == answer->serial)
			break;
	}
	if (call != NULL)
		admin_call_settle(call, answer);
	wire_free(answer);
}

static void
lose_engine(struct admin *admin)
{
	struct admin_call *call;

	if (admin->engine != NULL)
		ipc_free(admin->engine);
	admin->engine = NULL;
	/* A settled call that asks anew is settled again at once. */
	while ((call = LIST_FIRST(&admin->asking)) != NULL)
		admin_call_settle(call, NULL);
}

/* An answer that can't come (it would be too large) must not keep anybody. */
static void
on_patience(evutil_socket_t fd, short what, void *arg)
{
	struct admin *admin = arg;
	struct admin_call *call, *next;
	int64_t now = clock_monotonic_ms();

	(void)fd;
	(void)what;
	for (call = LIST_FIRST(&admin->asking); call != NULL; call = next) {
		next = LIST_NEXT(call, link);
		if (now - call->asked_at >= PATIENCE_SECONDS * 1000)
			admin_call_settle(call, NULL);
	}
}

static void
on_close(struct ipc *ipc, void *arg)
{
	(void)ipc;
	lose_engine(arg);
}

static const struct ipc_callbacks engine_callbacks = {
	.on_frame = on_frame,
	.on_close = on_close,
};

static void
on_peer(struct child *child, enum role role, unsigned index, int fd, void *arg)
{
	struct admin *admin = arg;

	(void)index;
	if (role != ROLE_ENGINE) {
		close(fd);
		return;
	}
	lose_engine(admin);
	admin->engine = ipc_new(child_base(child), fd, &engine_callbacks,
	    admin);
}

static void
on_report(struct child *child, const struct child_report *report, void *arg)
{
	struct admin *admin = arg;
	size_t i;

	(void)child;
	for (i = 0; i < admin->report_count; i++) {
		if (admin->reports[i].role == report->role &&
		    admin->reports[i].index == report->index)
			break;
	}
	if (i == admin->report_count)
		admin->reports = mem_resize(admin->reports,
		    ++admin->report_count, sizeof(admin->reports[0]));
	admin->reports[i] = *report;
}

static void
on_drained(void *arg)
{
	struct admin *admin = arg;

	child_exit(admin->child, 0);
}

static void
on_stop(struct child *child, void *arg)
{
	struct admin *admin = arg;

	(void)child;
	http_server_drain(admin->server, on_drained, admin);
}

static const struct child_callbacks callbacks = {
	.on_peer = on_peer,
	.on_stop = on_stop,
	.on_report = on_report,
};

int
admin_main(struct child *child)
{
	static const struct timeval second = { .tv_sec = 1 };
	struct admin admin = {
		.child = child,
		.config = child_config(child),
		.templates = child_templates(child),
	};
	struct http_limits limits = http_limits_default;
	struct event *patience = event_new(child_base(child), -1, EV_PERSIST,
	    on_patience, &admin);
	int status = 1;

	/* All callers are one peer to the server: "unix". */
	limits.connections_per_peer = limits.connections;
	limits.stall_seconds = STALL_SECONDS;
	LIST_INIT(&admin.asking);
	mime_start();
	event_add(patience, &second);
	admin.server = http_server_new(child_base(child), &limits, on_request,
	    NULL, &admin);
	for (int i = 0; i < child_listener_count(child); i++) {
		int ret = http_server_listen(admin.server,
		    child_listener_fd(child, i), NULL);

		if (ret != 0) {
			log_error("listen_failed",
			    log_str("socket", admin.config->admin.socket),
			    log_errno("error", ret));
			goto out;
		}
	}
	child_ready(child);
	status = child_run(child, &callbacks, &admin);
out:
	lose_engine(&admin);
	http_server_free(admin.server);
	event_free(patience);
	mime_stop();
	free(admin.reports);
	return status;
}
