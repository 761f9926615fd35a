/* SPDX-License-Identifier: ISC */
/*
 * One tls_server for each listener that has certificates, and the tickets that
 * all of them share.
 */
#include "app/certificates.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "core/config.h"
#include "io/tls_server.h"
#include "io/tls_tickets.h"

struct certificates {
	struct tls_tickets *tickets;
	struct tls_server **servers;	/* by listener */
	size_t count;
	int64_t expiry;
};

static void
note_expiry(struct certificates *c, const struct tls_server *server)
{
	int64_t from, until;

	for (size_t i = 0; i < tls_server_count(server); i++) {
		tls_server_validity(server, i, &from, &until);
		if (c->expiry == 0 || until < c->expiry)
			c->expiry = until;
	}
}

static int
load_listener(struct certificates *c, size_t i,
    const struct config *config, struct buf *error)
{
	const struct config_listener *listener = &config->listeners[i];
	const struct config_strings *paths = &listener->certificates;
	struct buf why = { 0 };
	enum tls_fault fault = TLS_FINE;

	if (paths->count == 0)
		return 0;
	c->servers[i] = tls_server_new(c->tickets);
	for (size_t k = 0; k < paths->count && fault == TLS_FINE; k++)
		fault = tls_server_add(c->servers[i], paths->item[k],
		    listener->keys.item[k], &why);
	if (fault != TLS_FINE) {
		buf_printf(error, "%s:%u: %s\n", config->path, listener->line,
		    buf_str(&why));
		buf_fini(&why);
		return -1;
	}
	note_expiry(c, c->servers[i]);
	return 0;
}

struct certificates *
certificates_load(const struct config *config,
    const struct certificates *former, struct buf *error)
{
	struct certificates *c = MEM_NEW(struct certificates);

	c->tickets = former != NULL && former->tickets != NULL ?
	    tls_tickets_copy(former->tickets, clock_monotonic_ms()) :
	    tls_tickets_new(clock_monotonic_ms());
	c->count = config->listener_count;
	c->servers = mem_new(c->count, sizeof(struct tls_server *));
	for (size_t i = 0; i < c->count; i++) {
		if (load_listener(c, i, config, error) < 0) {
			certificates_free(c);
			return NULL;
		}
	}
	return c;
}

void
certificates_forget(struct certificates *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < c->count; i++)
		tls_server_free(c->servers[i]);
	tls_tickets_free(c->tickets);
	c->tickets = NULL;
	c->count = 0;
}

void
certificates_free(struct certificates *c)
{
	if (c == NULL)
		return;
	certificates_forget(c);
	free(c->servers);
	free(c);
}

struct tls_server *
certificates_of(const struct certificates *c, size_t i)
{
	return c != NULL && i < c->count ? c->servers[i] : NULL;
}

int64_t
certificates_expiry(const struct certificates *c)
{
	return c != NULL ? c->expiry : 0;
}

void
certificates_keep(struct certificates *c, struct event_base *base)
{
	if (c != NULL && c->tickets != NULL)
		tls_tickets_keep(c->tickets, base);
}

void
certificates_leave(struct certificates *c)
{
	if (c != NULL && c->tickets != NULL)
		tls_tickets_leave(c->tickets);
}
