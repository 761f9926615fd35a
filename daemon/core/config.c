/* SPDX-License-Identifier: ISC */
/*
 * Finds lists in a config, and frees one.
 */
#include "core/config.h"

#include <stdlib.h>

static void
strings_free(struct config_strings *s)
{
	for (size_t i = 0; i < s->count; i++)
		free(s->item[i]);
	free(s->item);
}

static void
field_free(struct config_field *f)
{
	free(f->name);
	free(f->label);
	strings_free(&f->aliases);
	strings_free(&f->choices);
}

static void
list_free(struct config_list *l)
{
	free(l->name);
	free(l->title);
	free(l->from);
	free(l->from_name);
	free(l->from_address);
	strings_free(&l->aliases);
	strings_free(&l->origins);
	strings_free(&l->languages);
	free(l->consent);
	for (size_t i = 0; i < l->field_count; i++)
		field_free(&l->fields[i]);
	free(l->fields);
	free(l->pending_url);
	free(l->confirmed_url);
}

static void
sections_free(struct config *c)
{
	for (size_t i = 0; i < c->listener_count; i++) {
		free(c->listeners[i].address);
		strings_free(&c->listeners[i].certificates);
		strings_free(&c->listeners[i].keys);
	}
	free(c->listeners);
	for (size_t i = 0; i < c->list_count; i++)
		list_free(&c->lists[i]);
	free(c->lists);
}

void
config_free(struct config *c)
{
	if (c == NULL)
		return;
	free(c->path);
	free(c->base_url);
	free(c->database);
	free(c->templates);
	free(c->user);
	free(c->secret_file);
	strings_free(&c->trusted_proxies);
	free(c->controller.name);
	free(c->controller.address);
	free(c->controller.privacy_url);
	free(c->controller.contact);
	free(c->admin.socket);
	free(c->admin.metrics);
	free(c->admin.notify);
	free(c->admin.readers.item);
	free(c->admin.writers.item);
	free(c->log.target);
	free(c->mail.maildir);
	free(c->mail.host);
	free(c->mail.username);
	free(c->mail.password_file);
	free(c->mail.ca_file);
	free(c->mail.retry);
	sections_free(c);
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
