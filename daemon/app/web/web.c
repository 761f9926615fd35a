/* SPDX-License-Identifier: ISC */
/*
 * A web process: an HTTP server on the listeners that the parent bound, and
 * a connection to the engine.
 */
#include "app/web/web.h"

#include <stdlib.h>
#include <unistd.h>

#include "app/certificates.h"
#include "app/child.h"
#include "app/web/web_after.h"
#include "app/web/web_challenge.h"
#include "app/web/web_engine.h"
#include "app/web/web_page.h"
#include "app/web/web_proxy.h"
#include "base/log.h"
#include "base/mem.h"
#include "io/http_observe.h"

struct process {
	struct child *child;
	struct web web;
	struct web_proxy proxy;
	struct http_server *server;
	bool started;		/* to accept connections */
};

static void
on_request(struct http_exchange *exchange, void *arg)
{
	web_route(arg, exchange);
}

static int
listen_on_all(struct process *process)
{
	struct child *child = process->child;
	int error = 0;

	for (int i = 0; i < child_listener_count(child) && error == 0; i++) {
		const struct http_listen how = {
			.tls = certificates_of(child_certificates(child),
			    (size_t)i),
			.proxy_protocol =
			    process->web.config->listeners[i].proxy_protocol,
		};

		error = http_server_listen(process->server,
		    child_listener_fd(child, i), &how);
	}
	return error;
}

/*
 * Not before there is an engine: who has waited through a restart of ours
 * would be told that we can't take anything.
 */
static void
start_once(struct process *process)
{
	int error;

	if (process->started)
		return;
	process->started = true;
	error = listen_on_all(process);
	if (error == 0) {
		child_ready(process->child);
	} else {
		log_error("listen_failed", log_errno("why", error));
		child_exit(process->child, 1);
	}
}

static void
on_peer(struct child *child, enum role peer, unsigned index, int fd,
    void *arg)
{
	struct process *process = arg;

	(void)child;
	(void)index;
	if (peer != ROLE_ENGINE) {
		close(fd);
		return;
	}
	web_engine_connect(process->web.engine, fd);
	start_once(process);
}

static void
on_drained(void *arg)
{
	struct process *process = arg;

	child_exit(process->child, 0);
}

static void
on_stop(struct child *child, void *arg)
{
	struct process *process = arg;

	(void)child;
	process->started = true;	/* never, if not by now */
	http_server_drain(process->server, on_drained, process);
}

static void
on_leave(struct child *child, void *arg)
{
	struct process *process = arg;

	(void)child;
	process->started = true;
	http_server_leave(process->server, on_drained, process);
}

static bool
has_language(const struct config_strings *languages, const char *tag)
{
	for (size_t i = 0; i < languages->count; i++) {
		if (strcmp(languages->item[i], tag) == 0)
			return true;
	}
	return false;
}

/* All languages that any list has, for pages that belong to none. */
static void
gather_languages(struct web *web)
{
	struct config_strings *all = &web->languages;

	for (size_t i = 0; i < web->config->list_count; i++) {
		const struct config_strings *some =
		    &web->config->lists[i].languages;

		for (size_t k = 0; k < some->count; k++) {
			if (has_language(all, some->item[k]))
				continue;
			all->item = mem_resize(all->item, all->count + 1,
			    sizeof(all->item[0]));
			all->item[all->count++] = some->item[k];
		}
	}
}

static void
read_base_url(struct web *web)
{
	/* The config's check leaves nothing that isn't one. */
	if (origin_of_url(slice_str(web->config->base_url), &web->own) < 0)
		web->own.text[0] = '\0';
	web->https = slice_starts(slice_str(web->own.text), "https://");
}

int
web_main(struct child *child)
{
	static const struct child_callbacks callbacks = {
		.on_peer = on_peer,
		.on_stop = on_stop,
		.on_leave = on_leave,
	};
	struct process process = {
		.child = child,
		.web = {
			.child = child,
			.config = child_config(child),
			.templates = child_templates(child),
			.metrics = child_metrics(child),
		},
	};
	int status;

	read_base_url(&process.web);
	gather_languages(&process.web);
	web_page_errors_init(&process.web);
	web_proxy_init(&process.proxy, process.web.config);
	web_after_init(&process.web);
	web_challenge_init(&process.web);
	process.web.engine = web_engine_new(&process.web, child_base(child));
	process.server = http_server_new(child_base(child),
	    &http_limits_default, on_request, web_route_malformed,
	    &process.web);
	http_server_trust(process.server, &process.proxy.trust);
	http_server_observe(process.server, web_route_count);
	certificates_keep(child_certificates(child), child_base(child));
	status = child_run(child, &callbacks, &process);
	certificates_leave(child_certificates(child));
	web_engine_free(process.web.engine);
	web_challenge_fini(&process.web);
	web_after_fini(&process.web);
	web_page_errors_fini(&process.web);
	http_server_free(process.server);
	web_proxy_fini(&process.proxy);
	free(process.web.languages.item);
	return status;
}
