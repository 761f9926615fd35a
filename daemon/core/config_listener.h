/* SPDX-License-Identifier: ISC */
/*
 * Where visitors come in: one listener of the config.
 */
#ifndef CORE_CONFIG_LISTENER_H
#define CORE_CONFIG_LISTENER_H

#include <stdbool.h>

#include "core/config_list.h"

struct config_listener {
	char *address;		/* as written, "127.0.0.1:8080" */
	struct config_strings certificates;	/* none: no TLS */
	struct config_strings keys;		/* as many */
	bool proxy_protocol;
	unsigned line;		/* where it stands in the file */
};

#endif
