/* SPDX-License-Identifier: ISC */
/*
 * The engine that a restore runs, between the opening of the former database
 * and its end.
 */
#include "app/engine/carry.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "app/engine/engine.h"
#include "base/buf.h"
#include "base/mem.h"

static struct carry *
prepare(const struct config *config, struct buf *error)
{
	char *former = mem_printf("%s/former", config->database);
	struct carry *c = carry_open(access(former, F_OK) == 0 ? former :
	    NULL, error);

	free(former);
	if (c != NULL && carry_tables(c, config->database, config->map_size,
	    error) == 0)
		return c;
	carry_close(c);
	return NULL;
}

int
carry_main(struct child *child)
{
	struct buf error = { 0 };
	struct carry *c = prepare(child_config(child), &error);
	int status = 1;

	if (c != NULL)
		status = engine_run(child, c);
	else
		fprintf(stderr, "assentctl: %s\n", buf_str(&error));
	carry_close(c);
	buf_fini(&error);
	return status;
}
