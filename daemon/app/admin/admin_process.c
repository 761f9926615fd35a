/* SPDX-License-Identifier: ISC */
/*
 * The admin process: its servers, its connection to the engine, and what the
 * parent reports.  It keeps nothing else.
 */
#include "app/admin/admin_process.h"

#include <stdlib.h>
#include <unistd.h>

#include <event2/event.h>

#include "app/admin/admin_backup.h"
#include "app/admin/admin_reload.h"
#include "app/wire.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "core/config.h"
#include "io/http_observe.h"
#include "io/ipc.h"
#include "io/sandbox.h"

enum {
	PATIENCE_MS = 30 * 1000,	/* with the engine */
	STALL_SECONDS = 8 * 3600,	/* with a person who reads a listing */
	PORT_CONNECTIONS = 32,		/* to the port for metrics */
};

/* ---- the engine ---- */

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
		if (now - call->asked_at >= (call->patience_ms > 0 ?
		    call->patience_ms : PATIENCE_MS))
			admin_call_settle(call, NULL);
	}
}

static void
on_close(struct ipc *ipc, void *arg)
{
	struct admin *admin = arg;

	wire_closed(admin->child, ipc);
	lose_engine(admin);
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

/* ---- the parent ---- */

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
	/* It comes and goes. */
	if (report->role == ROLE_COPIER && report->pid == 0) {
		if (i < admin->report_count)
			admin->reports[i] =
			    admin->reports[--admin->report_count];
		return;
	}
	if (i == admin->report_count)
		admin->reports = mem_resize(admin->reports,
		    ++admin->report_count, sizeof(admin->reports[0]));
	admin->reports[i] = *report;
}

static void
on_load(struct child *child, const struct child_load *load, void *arg)
{
	(void)child;
	admin_reload_done(arg, load);
}

static void
on_copied(struct child *child, enum copy_end copy_end, bool own, void *arg)
{
	(void)child;
	(void)own;
	admin_backup_copied(arg, copy_end);
}

/* ---- life ---- */

static void
on_drained(void *arg)
{
	struct admin *admin = arg;

	if (--admin->serving == 0)
		child_exit(admin->child, 0);
}

static void
on_stop(struct child *child, void *arg)
{
	struct admin *admin = arg;

	(void)child;
	http_server_drain(admin->server, on_drained, admin);
	http_server_drain(admin->port, on_drained, admin);
}

static void
on_leave(struct child *child, void *arg)
{
	struct admin *admin = arg;

	(void)child;
	http_server_leave(admin->server, on_drained, admin);
	http_server_leave(admin->port, on_drained, admin);
}

static const struct child_callbacks callbacks = {
	.on_peer = on_peer,
	.on_stop = on_stop,
	.on_leave = on_leave,
	.on_load = on_load,
	.on_report = on_report,
	.on_copied = on_copied,
};

/* Two servers, so that no command is within reach of the port. */
static void
make_servers(struct admin *admin)
{
	struct event_base *base = child_base(admin->child);
	struct http_limits limits = http_limits_default;

	limits.connections = PORT_CONNECTIONS;
	limits.connections_per_peer = limits.connections;
	limits.body = 0;
	admin->port = http_server_new(base, &limits, admin_metrics_alone,
	    NULL, admin);
	/* All callers are one peer to the server: "unix". */
	limits = http_limits_default;
	limits.connections_per_peer = limits.connections;
	limits.stall_seconds = STALL_SECONDS;
	admin->server = http_server_new(base, &limits, admin_request, NULL,
	    admin);
	http_server_observe(admin->server, admin_answered);
	admin->serving = 2;
}

/* The first listener is the socket, others are for metrics. */
static int
listen_all(struct admin *admin)
{
	for (int i = 0; i < child_listener_count(admin->child); i++) {
		int ret = http_server_listen(i == 0 ? admin->server :
		    admin->port, child_listener_fd(admin->child, i), NULL);

		if (ret != 0) {
			log_error("listen_failed", log_str("socket", i == 0 ?
			    admin->config->admin.socket :
			    admin->config->admin.metrics),
			    log_errno("error", ret));
			return -1;
		}
	}
	return 0;
}

int
admin_main(struct child *child)
{
	static const struct timeval second = { .tv_sec = 1 };
	struct admin admin = {
		.child = child,
		.config = child_config(child),
		.templates = child_templates(child),
	};
	struct event *patience = event_new(child_base(child), -1, EV_PERSIST,
	    on_patience, &admin);
	int status = 1;

	(void)sandbox_describe(&admin.sandbox);
	LIST_INIT(&admin.asking);
	LIST_INIT(&admin.reloading);
	event_add(patience, &second);
	make_servers(&admin);
	if (listen_all(&admin) == 0) {
		child_ready(child);
		status = child_run(child, &callbacks, &admin);
	}
	lose_engine(&admin);
	admin_backup_free(&admin);
	http_server_free(admin.server);
	http_server_free(admin.port);
	event_free(patience);
	buf_fini(&admin.sandbox);
	free(admin.reports);
	free(admin.load_why);
	return status;
}
