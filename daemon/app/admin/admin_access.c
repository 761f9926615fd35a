/* SPDX-License-Identifier: ISC */
/*
 * Who may do what, by what the kernel says of the process at the other end.
 * The socket's mode has decided before who can talk to us at all.
 */
#include <unistd.h>

#include "app/admin/admin_process.h"
#include "core/config.h"

static bool
is_ours(uint32_t uid)
{
	return uid == 0 || uid == geteuid();
}

static bool
is_one_of(const struct http_exchange *exchange,
    const struct config_callers *callers)
{
	uint32_t uid = http_exchange_request(exchange)->uid;

	for (size_t i = 0; i < callers->count; i++) {
		const struct config_caller *c = &callers->item[i];

		if (c->is_group ?
		    http_exchange_is_of_group(exchange, c->id) :
		    c->id == uid)
			return true;
	}
	return false;
}

const char *
admin_forbids(const struct admin_call *call)
{
	const struct config *config = call->admin->config;
	const struct http_exchange *exchange = call->exchange;

	if (is_ours(http_exchange_request(exchange)->uid) ||
	    is_one_of(exchange, &config->admin.writers))
		return NULL;
	if (call->command->changes)
		return "only root, the daemon's own user and those named in "
		    "`writers` may change anything";
	if (config->admin.readers.count == 0 ||
	    is_one_of(exchange, &config->admin.readers))
		return NULL;
	return "only root, the daemon's own user and those named in "
	    "`readers` or `writers` may look";
}
