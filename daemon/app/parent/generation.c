/* SPDX-License-Identifier: ISC */
/*
 * What a generation owns.
 */
#include "app/parent/generation.h"

#include <stdlib.h>
#include <unistd.h>

#include "app/certificates.h"
#include "base/mem.h"
#include "core/config.h"

struct generation *
generation_new(void)
{
	struct generation *g = MEM_NEW(struct generation);

	g->kept = g->password = -1;
	g->log = STDERR_FILENO;
	return g;
}

void
generation_log(struct generation *g)
{
	bool is_file = g->log != STDERR_FILENO && g->log != LOG_SYSLOG_FD;

	log_follow(g->log, g->log_level,
	    is_file ? g->settings.config->log.target : NULL);
	g->log = STDERR_FILENO;
}

static void
close_one(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void
generation_retire(struct generation *g)
{
	certificates_free(g->certificates);	/* its timer, too */
	g->certificates = NULL;
	settings_free(&g->settings);
	close_one(&g->kept);
	close_one(&g->password);
	if (g->log > STDERR_FILENO)
		close(g->log);
	g->log = STDERR_FILENO;
}

void
generation_free(struct generation *g)
{
	if (g == NULL)
		return;
	generation_retire(g);
	sockets_close(&g->sockets);
	sockets_free(&g->sockets);
	free(g->members);
	free(g);
}
