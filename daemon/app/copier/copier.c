/* SPDX-License-Identifier: ISC */
/*
 * The copier process: one copy of the database, and then it ends.  It reads
 * the database's file and nothing else, and can change none of it.
 */
#include "app/child.h"
#include "base/log.h"
#include "core/config.h"
#include "io/kv.h"

int
copier_main(struct child *child)
{
	const struct config *config = child_config(child);
	int error;

	if (child_enter(child) < 0)
		return 1;
	error = kv_copy(config->database, config->map_size,
	    child_copy_fd(child));
	if (error < 0)
		log_warn("copy_failed", log_str("why", kv_strerror(error)));
	return error < 0 ? 1 : 0;
}
