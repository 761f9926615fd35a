/* SPDX-License-Identifier: ISC */
/*
 * The administrator of the world around an engine.
 */
#include "app/engine/engine_world_admin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/engine/engine.h"
#include "app/engine/store.h"
#include "base/mem.h"
#include "io/ipc.h"

const Message__Envelope *
world_ask_admin(struct child *c, Message__Envelope *question,
    Message__Envelope__BodyCase answer)
{
	struct ipc *admin = world_connect(c, ROLE_ADMIN);

	world_ask(c, admin, question, answer);
	ipc_free(admin);
	world_settle(c);
	return c->reply;
}

const Message__Queue *
world_ask_queue(struct child *c, Message__QueueQuery__Action action,
    uint64_t sequence)
{
	Message__Envelope question;
	Message__QueueQuery query;

	message__envelope__init(&question);
	message__queue_query__init(&query);
	query.action = action;
	query.sequence = sequence;
	question.body_case = MESSAGE__ENVELOPE__BODY_QUEUE_QUERY;
	question.queue_query = &query;
	return world_ask_admin(c, &question, MESSAGE__ENVELOPE__BODY_QUEUE)
	    ->queue;
}

const Message__Acted *
world_erase(struct child *c, const char *address, bool all, bool suppress)
{
	Message__Envelope question;
	Message__Erase order;
	char *text = mem_strdup(address);

	message__envelope__init(&question);
	message__erase__init(&order);
	order.address = text;
	order.all = all;
	order.suppress = suppress;
	order.uid = 42;
	question.body_case = MESSAGE__ENVELOPE__BODY_ERASE;
	question.erase = &order;
	world_ask_admin(c, &question, MESSAGE__ENVELOPE__BODY_ACTED);
	free(text);
	return c->reply->acted;
}

const Message__Acted *
world_suppress(struct child *c, const char *address, const char *reason)
{
	Message__Envelope question;
	Message__Suppress order;
	char *text = mem_strdup(address);
	char *why = mem_strdup(reason != NULL ? reason : "");

	message__envelope__init(&question);
	message__suppress__init(&order);
	order.address = text;
	order.reason = why;
	order.lift = reason == NULL;
	order.uid = 42;
	question.body_case = MESSAGE__ENVELOPE__BODY_SUPPRESS;
	question.suppress = &order;
	world_ask_admin(c, &question, MESSAGE__ENVELOPE__BODY_ACTED);
	free(text);
	free(why);
	return c->reply->acted;
}

static const Message__Contact *
ask_show(struct child *c, const char *address, bool proof)
{
	Message__Envelope question;
	Message__ShowQuery query;
	char *text = mem_strdup(address);

	message__envelope__init(&question);
	message__show_query__init(&query);
	query.address = text;
	query.proof = proof;
	question.body_case = MESSAGE__ENVELOPE__BODY_SHOW_QUERY;
	question.show_query = &query;
	world_ask_admin(c, &question, MESSAGE__ENVELOPE__BODY_CONTACT);
	free(text);
	return c->reply->contact;
}

const Message__Contact *
world_ask_show(struct child *c, const char *address)
{
	return ask_show(c, address, false);
}

const Message__Contact *
world_ask_proof(struct child *c, const char *address)
{
	return ask_show(c, address, true);
}

const char *
world_show(struct child *c, const char *address)
{
	static char line[1024];
	const Message__Contact *contact = world_ask_show(c, address);
	size_t n = 0;

	if (!contact->found)
		return "unknown";
	for (size_t i = 0; i < contact->n_subscriptions; i++)
		n += (size_t)snprintf(line + n, sizeof(line) - n, "%s=%s ",
		    contact->subscriptions[i]->list,
		    contact->subscriptions[i]->state);
	n += (size_t)snprintf(line + n, sizeof(line) - n, "|");
	for (size_t i = 0; i < contact->n_events; i++)
		n += (size_t)snprintf(line + n, sizeof(line) - n, " %s",
		    contact->events[i]->event);
	return line;
}

struct search {
	struct slice text;
	size_t found;
};

static bool
on_row(enum store_found found, struct slice key, struct slice value,
    void *arg)
{
	struct search *search = arg;

	(void)found;
	search->found += memmem(key.p, key.len, search->text.p,
	    search->text.len) != NULL || memmem(value.p, value.len,
	    search->text.p, search->text.len) != NULL;
	return true;
}

size_t
world_rows_with(struct child *c, const char *text)
{
	struct engine *e = c->arg;
	struct search search = { slice_str(text), 0 };

	for (int table = 0; table < STORE_TABLES; table++)
		store_scan(e->store, &(struct store_scan){
		    .table = (enum store_table)table, .limit = SIZE_MAX,
		    .on_row = on_row, .arg = &search });
	return search.found;
}
