/* SPDX-License-Identifier: ISC */
/*
 * Tries a listener's certificates and keys: better told with a line of the
 * config than at the first handshake.
 */
#include "app/config/config_rules.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "io/tls_server.h"

struct tls_check {
	const struct config_listener *listener;
	const struct conf_section *section;
	struct conf_notes *errors, *warnings;
	struct tls_server *server;
};

/* At the i-th value of a key, else at the section. */
static unsigned
line_of(const struct conf_section *section, const char *key, size_t i)
{
	unsigned line = conf_line(section);

	if (i < conf_count(section, key))
		(void)conf_text(section, key, i, &line);
	return line;
}

/* A certificate that was taken: is it good today? */
static void
check_validity(struct tls_check *c, size_t i)
{
	unsigned line = line_of(c->section, "certificate", i);
	int64_t from, until, now = clock_wall_us();
	char text[CLOCK_RFC3339_SIZE];

	tls_server_validity(c->server, i, &from, &until);
	clock_rfc3339(now < from ? from : until, text);
	if (now < from)
		conf_note(c->warnings, line, "the certificate in %s is not "
		    "valid before %s: browsers refuse it",
		    c->listener->certificates.item[i], text);
	else if (now > until)
		conf_note(c->warnings, line, "the certificate in %s has "
		    "expired on %s: browsers refuse it",
		    c->listener->certificates.item[i], text);
}

static bool
check_pair(struct tls_check *c, size_t i)
{
	struct buf error = { 0 };
	enum tls_fault fault = tls_server_add(c->server,
	    c->listener->certificates.item[i], c->listener->keys.item[i],
	    &error);

	if (fault == TLS_FINE)
		check_validity(c, i);
	else
		conf_note(c->errors, line_of(c->section,
		    fault == TLS_KEY ? "key" : "certificate", i), "%s",
		    buf_str(&error));
	buf_fini(&error);
	return fault == TLS_FINE;
}

/* Visitors come by the links in our mails. */
static void
check_name(struct tls_check *c, const struct config *config)
{
	char *host = slice_dup(config_host(config));

	if (slice_starts(slice_str(config->base_url), "http:"))
		conf_note(c->warnings, line_of(c->section, "certificate", 0),
		    "this listener speaks TLS, but base_url starts with http: "
		    "links lead elsewhere");
	else if (!tls_server_has_name(c->server, host))
		conf_note(c->warnings, line_of(c->section, "certificate", 0),
		    "no certificate here holds the name %s, where base_url "
		    "leads", host);
	free(host);
}

void
config_check_tls(const struct config *config,
    const struct config_listener *listener,
    const struct conf_section *section, struct conf_notes *errors,
    struct conf_notes *warnings)
{
	struct tls_check c = { listener, section, errors, warnings, NULL };
	size_t count = listener->certificates.count, good = 0;

	if (count != listener->keys.count)
		conf_note(errors, line_of(section, count > 0 ?
		    "certificate" : "key", 0), "want as many values of `key` "
		    "as of `certificate`, in the same order");
	if (count == 0 || count != listener->keys.count)
		return;
	c.server = tls_server_new(NULL);
	while (good < count && check_pair(&c, good))
		good++;
	if (good == count && config->base_url != NULL)
		check_name(&c, config);
	tls_server_free(c.server);
}
