/* SPDX-License-Identifier: ISC */
/*
 * A list of domains, the ones that were asked for last at its front; those at
 * its end are forgotten when it gets long.
 */
#include "app/mailer/domains.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "base/clock.h"
#include "base/mem.h"
#include "io/dns_mail.h"

/* A domain that is set up wrong is soon mended; so is a resolver. */
enum { KNOWN_MS = 3600 * 1000, REFUSED_MS = 300 * 1000,
	UNKNOWN_MS = 10 * 1000 };
enum { ENTRIES_MAX = 1024, ASKED_MAX = 32 };

struct waiting {
	domains_answer *answer;
	void *arg;
	struct waiting *next;
};

struct entry {
	char *name;
	struct dns_mail_query *query;	/* not NULL: being asked */
	struct domains *domains;
	struct event *patience;		/* while somebody waits */
	struct waiting *waiting;
	enum dns_mail found;
	int64_t until;			/* monotonic, milliseconds */
	struct entry *next;
};

struct domains {
	struct event_base *base;
	const char *resolver;
	struct timeval patience;
	struct entry *first;
	size_t count;
	unsigned asked;			/* of those, at the moment */
};

static const struct {
	const char *why;
	int64_t ms;		/* how long that is remembered */
} verdicts[] = {
	[DNS_MAIL_UNKNOWN] = { NULL, UNKNOWN_MS },
	[DNS_MAIL_TAKEN] = { NULL, KNOWN_MS },
	[DNS_MAIL_NO_DOMAIN] = { "there is no such domain", REFUSED_MS },
	[DNS_MAIL_NO_HOST] = { "the domain has no mail server", REFUSED_MS },
	[DNS_MAIL_NULL_MX] = { "the domain takes no mail", REFUSED_MS },
};

struct domains *
domains_new(struct event_base *base, const char *resolver,
    unsigned patience)
{
	struct domains *d = MEM_NEW(struct domains);

	d->base = base;
	d->resolver = resolver;
	d->patience = (struct timeval){ patience / 1000,
	    patience % 1000 * 1000 };
	return d;
}

static void
entry_free(struct entry *e)
{
	dns_mail_cancel(e->query);
	event_free(e->patience);
	free(e->name);
	free(e);
}

/* Each may ask again within its answer. */
static void
answer_all(struct entry *e, const char *why)
{
	struct waiting *w = e->waiting, *next;

	e->waiting = NULL;
	(void)event_del(e->patience);
	for (; w != NULL; w = next) {
		next = w->next;
		w->answer(why, w->arg);
		free(w);
	}
}

static void
on_found(enum dns_mail found, void *arg)
{
	struct entry *e = arg;

	e->query = NULL;
	e->domains->asked--;
	e->found = found;
	e->until = clock_monotonic_ms() + verdicts[found].ms;
	answer_all(e, verdicts[found].why);
}

/* Its answer is still waited for, for the next one who wants to know. */
static void
on_patience(evutil_socket_t fd, short what, void *arg)
{
	struct entry *e = arg;

	(void)fd;
	(void)what;
	answer_all(e, NULL);
}

/* At the front from now on.  NULL: there is none. */
static struct entry *
find(struct domains *d, const char *name)
{
	struct entry **at = &d->first, *e;

	while (*at != NULL && strcmp((*at)->name, name) != 0)
		at = &(*at)->next;
	e = *at;
	if (e != NULL) {
		*at = e->next;
		e->next = d->first;
		d->first = e;
	}
	return e;
}

static void
forget_last(struct domains *d)
{
	struct entry **last = NULL;

	for (struct entry **at = &d->first; *at != NULL; at = &(*at)->next) {
		if ((*at)->query == NULL)
			last = at;
	}
	if (last != NULL) {
		struct entry *e = *last;

		*last = e->next;
		entry_free(e);
		d->count--;
	}
}

static struct entry *
entry_new(struct domains *d, const char *name)
{
	struct entry *e = MEM_NEW(struct entry);

	if (d->count >= ENTRIES_MAX)
		forget_last(d);
	e->domains = d;
	e->name = mem_strdup(name);
	e->patience = event_new(d->base, -1, 0, on_patience, e);
	if (e->patience == NULL)
		mem_die();
	e->next = d->first;
	d->first = e;
	d->count++;
	return e;
}

static void
wait_for(struct entry *e, domains_answer *answer, void *arg)
{
	struct waiting *w = MEM_NEW(struct waiting), **end = &e->waiting;

	*w = (struct waiting){ answer, arg, NULL };
	while (*end != NULL)
		end = &(*end)->next;
	*end = w;
}

bool
domains_know(struct domains *d, const char *name, const char **ret_why)
{
	struct entry *e = find(d, name);
	bool is_asked = e != NULL && e->query != NULL;

	*ret_why = NULL;
	if (e != NULL && !is_asked && e->until >= clock_monotonic_ms()) {
		*ret_why = verdicts[e->found].why;
		return true;
	}
	return !is_asked && d->asked >= ASKED_MAX;
}

void
domains_ask(struct domains *d, const char *name, domains_answer *answer,
    void *arg)
{
	struct entry *e = find(d, name);

	if (e == NULL)
		e = entry_new(d, name);
	if (e->waiting == NULL)
		(void)event_add(e->patience, &d->patience);
	wait_for(e, answer, arg);
	if (e->query == NULL) {
		d->asked++;
		e->query = dns_mail_ask(d->base, d->resolver, name, on_found,
		    e);
	}
}

void
domains_hurry(struct domains *d)
{
	for (struct entry *e = d->first; e != NULL; e = e->next)
		answer_all(e, NULL);
}

void
domains_free(struct domains *d)
{
	struct entry *next;

	if (d == NULL)
		return;
	for (struct entry *e = d->first; e != NULL; e = next) {
		next = e->next;
		entry_free(e);
	}
	free(d);
}
