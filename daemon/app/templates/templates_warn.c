/* SPDX-License-Identifier: ISC */
/*
 * What is in order in the files, but not by the config.
 */
#include "app/templates/templates_set.h"
#include "core/config.h"

void
templates_warn(const struct templates *t, const struct config *config,
    struct buf *warnings)
{
	for (size_t i = 0; i < t->own_count; i++) {
		const char *name = t->own[i]->list;

		if (config_list_by_name(config, slice_str(name)) == NULL)
			buf_printf(warnings, "%s/list/%s:1: warning: there "
			    "is no list of that name: nothing here is used\n",
			    config->templates, name);
	}
}
