/* SPDX-License-Identifier: ISC */
/*
 * Shapes the answer; knows neither sockets nor who asked.  A member that the
 * contract names is always there; the others only when there is something to
 * say.
 */
#include "app/contact_json.h"

#include "base/clock.h"
#include "io/json.h"

static void
put_str(struct json *object, const char *name, const char *value)
{
	json_put_text(object, name, slice_str(value));
}

static void
put_str_if_any(struct json *object, const char *name, const char *value)
{
	if (value[0] != '\0')
		put_str(object, name, value);
}

void
contact_json_put_time(struct json *object, const char *name, int64_t wall_us)
{
	char text[CLOCK_RFC3339_SIZE];

	if (wall_us == 0) {
		json_put_null(object, name);
		return;
	}
	clock_rfc3339(wall_us, text);
	put_str(object, name, text);
}

void
contact_json_put_pairs(struct json *object, const char *name,
    Fact__Pair *const *pairs, size_t count)
{
	struct json *members = json_new_object();

	for (size_t i = 0; i < count; i++)
		put_str(members, pairs[i]->name, pairs[i]->value);
	json_put(object, name, members);
}

void
contact_json_put_strings(struct json *object, const char *name,
    char *const *item, size_t count)
{
	struct json *array = json_new_array();

	for (size_t i = 0; i < count; i++)
		json_append_text(array, slice_str(item[i]));
	json_put(object, name, array);
}

static struct json *
subscription_of(const Message__Subscription *s)
{
	struct json *object = json_new_object();

	put_str(object, "list", s->list);
	put_str(object, "state", s->state);
	contact_json_put_time(object, "since", s->since);
	put_str(object, "source", s->source);
	if (s->confirmed_at != 0)
		contact_json_put_time(object, "confirmed_at", s->confirmed_at);
	if (s->n_tags > 0)
		contact_json_put_strings(object, "tags", s->tags, s->n_tags);
	return object;
}

static void
put_evidence(struct json *object, const Fact__Evidence *e)
{
	put_str(object, "ip", e != NULL ? e->ip : "");
	put_str(object, "user_agent", e != NULL ? e->user_agent : "");
	put_str(object, "method", e != NULL ? e->way : "");
	if (e == NULL)
		return;
	put_str_if_any(object, "origin", e->origin);
	put_str_if_any(object, "form_url", e->form_url);
	if (e->n_source > 0)
		contact_json_put_pairs(object, "source", e->source,
		    e->n_source);
	put_str_if_any(object, "sec_fetch_site", e->sec_fetch_site);
	put_str_if_any(object, "sec_fetch_user", e->sec_fetch_user);
	if (e->seconds_since_mail != 0)
		json_put_number(object, "seconds_since_mail",
		    e->seconds_since_mail);
}

static struct json *
event_of(const Message__Event *e)
{
	struct json *object = json_new_object();

	contact_json_put_time(object, "time", e->time);
	put_str(object, "event", e->event);
	put_str(object, "list", e->n_lists > 0 ? e->lists[0] : "");
	if (e->n_lists > 1)
		contact_json_put_strings(object, "lists", e->lists, e->n_lists);
	put_evidence(object, e->evidence);
	if (e->n_consents > 0)
		put_str(object, "consent", e->consents[0]);
	if (e->n_consents > 1)
		contact_json_put_strings(object, "consents", e->consents,
		    e->n_consents);
	put_str_if_any(object, "mail", e->mail);
	put_str_if_any(object, "message_id", e->message_id);
	put_str_if_any(object, "detail", e->detail);
	put_str_if_any(object, "reason", e->reason);
	return object;
}

struct json *
contact_json(const Message__Contact *c)
{
	struct json *object = json_new_object();
	struct json *subscriptions = json_new_array();
	struct json *events = json_new_array();

	put_str(object, "address", c->address);
	put_str(object, "name", c->name);
	put_str(object, "lang", c->lang);
	contact_json_put_pairs(object, "fields", c->fields, c->n_fields);
	for (size_t i = 0; i < c->n_subscriptions; i++)
		json_append(subscriptions,
		    subscription_of(c->subscriptions[i]));
	json_put(object, "subscriptions", subscriptions);
	contact_json_put_strings(object, "suppressions", c->suppressions,
	    c->n_suppressions);
	if (c->proof_until != 0)
		contact_json_put_time(object, "proof_until", c->proof_until);
	for (size_t i = 0; i < c->n_events; i++)
		json_append(events, event_of(c->events[i]));
	json_put(object, "events", events);
	return object;
}
