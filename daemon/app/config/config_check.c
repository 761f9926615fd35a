/* SPDX-License-Identifier: ISC */
/*
 * What must hold between the config's values, and what is legal but unwise.
 */
#include "app/config/config_rules.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/ip.h"
#include "base/mem.h"
#include "core/form_names.h"
#include "io/net.h"

enum { FIELDS_MAX = 32 };

struct check {
	struct config *config;
	const struct conf_section *root;
	bool looks;		/* into the files that are named */
	struct conf_notes *errors, *warnings;
};

/* A section that may be there once; NULL when it isn't. */
static const struct conf_section *
section_of(const struct check *c, const char *key)
{
	return conf_count(c->root, key) > 0 ?
	    conf_child(c->root, key, 0) : NULL;
}

/* Where to point: at the key, else at its section, else at the top. */
static unsigned
line_of(const struct conf_section *section, const char *key)
{
	unsigned line = 0;

	if (section != NULL && conf_count(section, key) > 0)
		(void)conf_text(section, key, 0, &line);
	else if (section != NULL)
		line = conf_line(section);
	return line > 0 ? line : 1;
}

static unsigned
line_of_item(const struct conf_section *section, const char *key, size_t i)
{
	unsigned line;

	if (i >= conf_count(section, key))
		return line_of(section, key);
	(void)conf_text(section, key, i, &line);
	return line;
}

static bool
is_given(const struct conf_section *section, const char *key)
{
	return section != NULL && conf_count(section, key) > 0;
}

static void
check_listener(struct check *c, size_t i)
{
	const struct config_listener *l = &c->config->listeners[i];
	const struct conf_section *section = conf_child(c->root, "listen", i);
	struct net_address address, other;

	c->config->listeners[i].line = conf_line(section);
	if (c->looks)
		config_check_tls(c->config, l, section, c->errors,
		    c->warnings);
	if (net_parse(slice_str(l->address), &address) < 0)
		return;
	if (l->proxy_protocol && net_path(&address) == NULL &&
	    c->config->trusted_proxies.count == 0)
		conf_note(c->errors, line_of(section, "proxy_protocol"),
		    "`proxy_protocol` is believed of `trusted_proxies` only: "
		    "name the proxy's address there");
	for (size_t k = 0; k < i; k++) {
		if (net_parse(slice_str(c->config->listeners[k].address),
		    &other) == 0 && net_equal(&address, &other))
			conf_note(c->errors, conf_line(section), "listen "
			    "\"%s\" is already there: want another address",
			    l->address);
	}
}

/* Listens on loopback when nothing is said. */
static void
check_listeners(struct check *c)
{
	struct config *config = c->config;

	for (size_t i = 0; i < config->listener_count; i++)
		check_listener(c, i);
	if (config->listener_count > 0)
		return;
	config->listeners = arena_alloc(config->memory,
	    sizeof(*config->listeners));
	config->listener_count = 1;
	config->listeners[0] = (struct config_listener){ .line = 1,
		.address = arena_text(config->memory, "127.0.0.1:8080") };
}

/* What a form says must be one field's. */
static void
check_field_names(struct check *c, const struct config_list *list, size_t n,
    const struct conf_section *own)
{
	const struct config_field *f = &list->fields[n];

	for (size_t k = 0; k < n; k++) {
		const struct config_field *other = &list->fields[k];

		if (form_names_match(other, slice_str(f->name)))
			conf_note(c->errors, conf_line(own), "field \"%s\" "
			    "already is another name of field \"%s\": want "
			    "one of its own", f->name, other->name);
		for (size_t i = 0; i < f->aliases.count; i++) {
			const char *alias = f->aliases.item[i];

			if (form_names_match(other, slice_str(alias)))
				conf_note(c->errors, line_of_item(own,
				    "aliases", i), "alias \"%s\" already "
				    "means field \"%s\": want one of its "
				    "own", alias, other->name);
		}
	}
}

/* "first_name" as people write it. */
static char *
label_of(struct arena *memory, const char *name)
{
	char *label = arena_text(memory, name);

	for (char *p = label; *p != '\0'; p++) {
		if (*p == '_' || *p == '-')
			*p = ' ';
	}
	if (label[0] >= 'a' && label[0] <= 'z')
		label[0] = (char)(label[0] - 'a' + 'A');
	return label;
}

static void
check_fields(struct check *c, const struct config_list *list,
    const struct conf_section *section)
{
	if (list->field_count > FIELDS_MAX)
		conf_note(c->errors, conf_line(section), "list \"%s\" has %zu "
		    "fields: want at most %d", list->name, list->field_count,
		    FIELDS_MAX);
	for (size_t i = 0; i < list->field_count; i++) {
		struct config_field *f = &list->fields[i];
		const struct conf_section *own = conf_child(section,
		    "field", i);
		bool chooses = f->type == CONFIG_FIELD_CHOICE;

		if (f->label[0] == '\0')
			f->label = label_of(c->config->memory, f->name);
		if (chooses && f->choices.count == 0)
			conf_note(c->errors, line_of(own, "type"), "type "
			    "\"choice\" needs choices = { \"a\", \"b\" }");
		if (!chooses && is_given(own, "choices"))
			conf_note(c->errors, line_of(own, "choices"),
			    "`choices` belong to type = \"choice\"");
		check_field_names(c, list, i, own);
	}
}

/* Is a name of list `other` the one given? */
static bool
is_known_as(const struct config_list *other, const char *name)
{
	if (strcmp(other->name, name) == 0)
		return true;
	for (size_t i = 0; i < other->aliases.count; i++) {
		if (strcmp(other->aliases.item[i], name) == 0)
			return true;
	}
	return false;
}

static void
check_aliases(struct check *c, size_t n, const struct conf_section *section)
{
	const struct config_list *list = &c->config->lists[n];

	for (size_t i = 0; i < list->aliases.count; i++) {
		const char *alias = list->aliases.item[i];

		for (size_t k = 0; k < c->config->list_count; k++) {
			const struct config_list *other =
			    &c->config->lists[k];

			if (k != n && (k < n || strcmp(other->name,
			    alias) == 0) && is_known_as(other, alias))
				conf_note(c->errors, line_of_item(section,
				    "aliases", i), "alias \"%s\" already "
				    "means list \"%s\": want one of its own",
				    alias, other->name);
		}
	}
	for (size_t k = 0; k < n; k++) {
		if (strcmp(c->config->lists[k].name, list->name) != 0 &&
		    is_known_as(&c->config->lists[k], list->name))
			conf_note(c->errors, conf_line(section), "list "
			    "\"%s\" has the name of an alias of list \"%s\": "
			    "want one of its own", list->name,
			    c->config->lists[k].name);
	}
}

/* A folder without catalogues is the templates' own mistake to tell. */
static bool
has_catalogues(const struct config *config)
{
	char *path = mem_printf("%s/lang", config->templates);
	bool has = access(path, R_OK | X_OK) == 0;

	free(path);
	return has;
}

static void
check_languages(struct check *c, const struct config_list *list,
    const struct conf_section *section)
{
	for (size_t i = 0; i < list->languages.count; i++) {
		const char *lang = list->languages.item[i];
		char *path = mem_printf("%s/lang/%s", c->config->templates,
		    lang);
		char *own = mem_printf("%s/list/%s/lang/%s",
		    c->config->templates, list->name, lang);

		if (access(path, R_OK) < 0 && access(own, R_OK) < 0)
			conf_note(c->errors, line_of_item(section,
			    "languages", i), "language \"%s\" has no "
			    "catalogue: write %s, or leave it out", lang,
			    path);
		free(path);
		free(own);
	}
}

/* The two parts of the sender; "" of one that was refused. */
static void
split_from(struct arena *memory, struct config_list *list)
{
	char *name, *address;

	list->from_name = list->from_address = arena_text(memory, "");
	if (config_split_mailbox(list->from, &name, &address) < 0)
		return;
	list->from_name = arena_text(memory, name);
	list->from_address = arena_text(memory, address);
	free(name);
	free(address);
}

static void
check_lists(struct check *c)
{
	struct config *config = c->config;

	if (config->list_count == 0 && conf_count(c->root, "list") == 0)
		conf_note(c->errors, 1, "there is no list to subscribe to: "
		    "write list \"weekly\" { title = … from = … "
		    "consent = … }");
	for (size_t i = 0; i < config->list_count; i++) {
		struct config_list *list = &config->lists[i];
		const struct conf_section *section = conf_child(c->root,
		    "list", i);

		split_from(config->memory, list);
		check_aliases(c, i, section);
		check_fields(c, list, section);
		if (c->looks && has_catalogues(config))
			check_languages(c, list, section);
	}
}

static void
check_default_list(struct check *c)
{
	const char *name;
	unsigned line;

	if (conf_count(c->root, "default_list") == 0)
		return;
	name = conf_text(c->root, "default_list", 0, &line);
	if (name[0] == '\0')
		return;
	c->config->default_list = config_list_by_name(c->config,
	    slice_str(name));
	if (c->config->default_list == NULL)
		conf_note(c->errors, line, "default_list = \"%.64s\": there "
		    "is no list of that name", name);
}

static void
count_cores(struct check *c)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	if (c->config->web_processes > 0)
		return;
	c->config->web_processes = cores < 1 ? 1 :
	    cores > CONFIG_WEB_PROCESSES_MAX ? CONFIG_WEB_PROCESSES_MAX :
	    (unsigned)cores;
}

static void
warn_of_listener(struct check *c, size_t i)
{
	const struct config *config = c->config;
	unsigned line = conf_line(conf_child(c->root, "listen", i));
	struct net_address address;

	if (net_parse(slice_str(config->listeners[i].address), &address) < 0 ||
	    net_is_loopback(&address))
		return;
	if (config->mail.transport == CONFIG_TRANSPORT_MAILDIR)
		conf_note(c->warnings, line, "transport = \"maildir\" sends "
		    "no mail, but this address is open to others");
	if (config->listeners[i].certificates.count == 0 &&
	    config->trusted_proxies.count == 0)
		conf_note(c->warnings, line, "no TLS and no "
		    "`trusted_proxies`: what visitors type travels in the "
		    "clear");
}

static void
warn_of_proxies(struct check *c)
{
	const struct config_strings *proxies = &c->config->trusted_proxies;

	for (size_t i = 0; i < proxies->count; i++) {
		if (slice_ends(slice_str(proxies->item[i]), "/0"))
			conf_note(c->warnings, line_of_item(c->root,
			    "trusted_proxies", i), "%s is everybody: any "
			    "visitor can claim to be another",
			    proxies->item[i]);
	}
}

/* As on the machine where things are tried out. */
static bool
is_this_machine(struct slice host)
{
	return slice_eq_str(host, "localhost") ||
	    slice_eq_str(host, "127.0.0.1");
}

static void
warn_of_base_url(struct check *c)
{
	struct config *config = c->config;

	if (slice_starts(slice_str(config->base_url), "http://") &&
	    !is_this_machine(config_host(config)))
		conf_note(c->warnings, line_of(c->root, "base_url"),
		    "base_url = %s: links in mails are not https, so that "
		    "mail programs offer no one-click unsubscribe",
		    config->base_url);
}

static void
warn_of_all(struct check *c)
{
	const struct conf_section *controller = section_of(c, "controller");

	warn_of_base_url(c);
	if (c->config->controller.name[0] == '\0')
		conf_note(c->warnings, line_of(controller, "name"), "no "
		    "`controller`: pages and mails don't say who is "
		    "responsible for the data, as the GDPR wants");
	for (size_t i = 0; i < conf_count(c->root, "listen"); i++)
		warn_of_listener(c, i);
	warn_of_proxies(c);
}

static void
keep_lines(struct check *c)
{
	const struct conf_section *admin = section_of(c, "admin");
	struct config *config = c->config;

	config->lines.user = line_of(c->root, "user");
	config->lines.templates = line_of(c->root, "templates");
	config->lines.database = line_of(c->root, "database");
	config->lines.secret_file = line_of(c->root, "secret_file");
	config->lines.map_size = line_of(c->root, "map_size");
	config->lines.log_target = line_of(section_of(c, "log"), "target");
	config->lines.admin_socket = line_of(admin, "socket");
	config->lines.admin_metrics = line_of(admin, "metrics");
}

void
config_check(struct config *config, const struct conf_section *root,
    bool looks, struct conf_notes *errors, struct conf_notes *warnings)
{
	struct check check = { config, root, looks, errors, warnings };

	check_listeners(&check);
	config_check_mail(config, section_of(&check, "mail"), looks, errors,
	    warnings);
	check_lists(&check);
	check_default_list(&check);
	count_cores(&check);
	keep_lines(&check);
	warn_of_all(&check);
}
