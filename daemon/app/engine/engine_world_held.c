/* SPDX-License-Identifier: ISC */
/*
 * The budgets' side of the world around an engine.
 */
#include "app/engine/engine_world_held.h"

#include <stdio.h>
#include <string.h>

#include "app/engine/held.h"

#define MUST(c, what) do {					\
	if (!(what))						\
		(c)->judge.fail(#what, __FILE__, __LINE__);	\
} while (0)

void
world_limit(struct child *c, const char *per_domain, const char *total)
{
	MUST(c, limit_parse(slice_str(per_domain),
	    &c->config.limits.per_domain) == 0);
	MUST(c, limit_parse(slice_str(total), &c->config.limits.total) == 0);
}

void
world_post_from(struct child *c, const char *address, const char *ip,
    const char *origin)
{
	Message__Envelope *question = world_simple_post(c);
	Message__Subscribe *s = question->subscribe;
	char texts[3][64];

	snprintf(texts[0], sizeof(texts[0]), "%s", address);
	snprintf(texts[1], sizeof(texts[1]), "%s", ip);
	snprintf(texts[2], sizeof(texts[2]), "%s", origin);
	s->address = s->address_key = texts[0];
	s->evidence->ip = texts[1];
	s->evidence->origin = texts[2];
	MUST(c, world_post(c, question) == ACCEPTED);
}

void
world_post_one(struct child *c, const char *address)
{
	world_post_from(c, address, "192.0.2.7", "");
}

const char *
world_all_mail(struct child *c)
{
	static char names[512];
	const Message__Mail *mail;
	size_t n = 0;

	names[0] = '\0';
	while ((mail = world_next_mail(c)) != NULL) {
		n += (size_t)snprintf(names + n, sizeof(names) - n, "%s%.*s",
		    n > 0 ? " " : "", (int)strcspn(mail->address, "@"),
		    mail->address);
		world_tell_result(c, mail, MESSAGE__MAIL_RESULT__OUTCOME__SENT);
	}
	return names;
}

const char *
world_mail_after(struct child *c, int64_t us)
{
	world_pass(us);
	return world_all_mail(c);
}

void
world_expect_held(struct child *c, uint64_t by_total, uint64_t by_domain)
{
	struct held_figures f = held_figures(c->arg);
	char wrong[128];

	snprintf(wrong, sizeof(wrong), "%ju and %ju are held back instead of "
	    "%ju and %ju", (uintmax_t)f.by_total, (uintmax_t)f.by_domain,
	    (uintmax_t)by_total, (uintmax_t)by_domain);
	if (f.by_total != by_total || f.by_domain != by_domain)
		c->judge.fail(wrong, __FILE__, __LINE__);
}
