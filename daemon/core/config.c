/* SPDX-License-Identifier: ISC */
/*
 * Finds lists in a config, and frees one.
 */
#include "core/config.h"

#include <stdlib.h>

#include "base/arena.h"

void
config_free(struct config *c)
{
	if (c == NULL)
		return;
	arena_free(c->memory);
	free(c);
}

struct slice
config_host(const struct config *c)
{
	const char *start = strstr(c->base_url, "://");
	struct slice rest = slice_str(start != NULL ? start + 3 : "");
	struct slice host;

	if (rest.len == 0 || rest.p[0] == '[')
		return slice_str("localhost");
	(void)slice_split(&rest, ':', &host);
	return host;
}

const struct config_list *
config_list_by_name(const struct config *c, struct slice name)
{
	for (size_t i = 0; i < c->list_count; i++) {
		if (slice_eq_str(name, c->lists[i].name))
			return &c->lists[i];
	}
	return NULL;
}

const struct config_list *
config_list_find(const struct config *c, struct slice name_or_alias)
{
	const struct config_list *list = config_list_by_name(c,
	    name_or_alias);

	for (size_t i = 0; i < c->list_count && list == NULL; i++) {
		const struct config_strings *aliases = &c->lists[i].aliases;

		for (size_t k = 0; k < aliases->count; k++) {
			if (slice_eq_str(name_or_alias, aliases->item[k]))
				list = &c->lists[i];
		}
	}
	return list;
}
