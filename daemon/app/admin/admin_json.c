/* SPDX-License-Identifier: ISC */
/*
 * Shapes answers; knows neither sockets nor who asked.  A member that the
 * contract names is always there; the others only when there is something to
 * say.
 */
#include "app/admin/admin_json.h"

#include "base/clock.h"
#include "core/config.h"
#include "core/sub.h"
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
admin_json_put_time(struct json *object, const char *name, int64_t wall_us)
{
	char text[CLOCK_RFC3339_SIZE];

	if (wall_us == 0) {
		json_put_null(object, name);
		return;
	}
	clock_rfc3339(wall_us, text);
	put_str(object, name, text);
}

static void
put_pairs(struct json *object, const char *name, Fact__Pair *const *pairs,
    size_t count)
{
	struct json *members = json_new_object();

	for (size_t i = 0; i < count; i++)
		put_str(members, pairs[i]->name, pairs[i]->value);
	json_put(object, name, members);
}

static void
put_strings(struct json *object, const char *name, char *const *item,
    size_t count)
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
	admin_json_put_time(object, "since", s->since);
	put_str(object, "source", s->source);
	if (s->confirmed_at != 0)
		admin_json_put_time(object, "confirmed_at", s->confirmed_at);
	if (s->n_tags > 0)
		put_strings(object, "tags", s->tags, s->n_tags);
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
		put_pairs(object, "source", e->source, e->n_source);
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

	admin_json_put_time(object, "time", e->time);
	put_str(object, "event", e->event);
	put_str(object, "list", e->n_lists > 0 ? e->lists[0] : "");
	if (e->n_lists > 1)
		put_strings(object, "lists", e->lists, e->n_lists);
	put_evidence(object, e->evidence);
	if (e->n_consents > 0)
		put_str(object, "consent", e->consents[0]);
	if (e->n_consents > 1)
		put_strings(object, "consents", e->consents, e->n_consents);
	put_str_if_any(object, "mail", e->mail);
	put_str_if_any(object, "message_id", e->message_id);
	put_str_if_any(object, "detail", e->detail);
	put_str_if_any(object, "reason", e->reason);
	return object;
}

struct json *
admin_json_contact(const Message__Contact *c)
{
	struct json *object = json_new_object();
	struct json *subscriptions = json_new_array();
	struct json *events = json_new_array();

	put_str(object, "address", c->address);
	put_str(object, "name", c->name);
	put_str(object, "lang", c->lang);
	put_pairs(object, "fields", c->fields, c->n_fields);
	for (size_t i = 0; i < c->n_subscriptions; i++)
		json_append(subscriptions,
		    subscription_of(c->subscriptions[i]));
	json_put(object, "subscriptions", subscriptions);
	put_strings(object, "suppressions", c->suppressions,
	    c->n_suppressions);
	if (c->proof_until != 0)
		admin_json_put_time(object, "proof_until", c->proof_until);
	for (size_t i = 0; i < c->n_events; i++)
		json_append(events, event_of(c->events[i]));
	json_put(object, "events", events);
	return object;
}

struct json *
admin_json_row(const Message__Subscription *s, const char *base_url)
{
	struct json *object = json_new_object();
	struct buf url = { 0 };

	put_str(object, "address", s->address);
	put_str(object, "name", s->name);
	put_str(object, "list", s->list);
	put_str(object, "state", s->state);
	put_pairs(object, "fields", s->fields, s->n_fields);
	put_strings(object, "tags", s->tags, s->n_tags);
	admin_json_put_time(object, "since", s->since);
	admin_json_put_time(object, "confirmed_at", s->confirmed_at);
	if (s->unsubscribe_token[0] != '\0')
		buf_printf(&url, "%s/unsubscribe/%s", base_url,
		    s->unsubscribe_token);
	json_put_text(object, "unsubscribe_url", buf_slice(&url));
	buf_fini(&url);
	return object;
}

static struct json *
queued_of(const Message__Queue__Row *row)
{
	struct json *object = json_new_object();

	json_put_number(object, "id", (int64_t)row->sequence);
	put_str(object, "kind", row->kind);
	put_str(object, "list", row->list);
	put_str(object, "address", row->address);
	json_put_number(object, "attempts", row->attempts);
	admin_json_put_time(object, "queued_at", row->queued_at);
	admin_json_put_time(object, "due", (int64_t)row->due);
	put_str(object, "last_reply", row->last_reply);
	return object;
}

struct json *
admin_json_queue(const Message__Queue *q)
{
	struct json *object = json_new_object(), *mails = json_new_array();

	json_put_number(object, "total", (int64_t)q->total);
	for (size_t i = 0; i < q->n_rows; i++)
		json_append(mails, queued_of(q->rows[i]));
	json_put(object, "mails", mails);
	return object;
}

static struct json *
counts_of(const Message__Status *s, const char *list)
{
	struct json *counts = json_new_object();

	json_put_number(counts, sub_state_name(SUB_CONFIRMED), 0);
	json_put_number(counts, sub_state_name(SUB_UNSUBSCRIBED), 0);
	for (size_t i = 0; i < s->n_counts; i++) {
		const Message__Status__Count *c = s->counts[i];

		if (strcmp(c->list, list) == 0)
			json_put_number(counts, c->state, (int64_t)c->count);
	}
	return counts;
}

void
admin_json_put_status(struct json *object, const Message__Status *s,
    const struct config *config)
{
	struct json *part = json_new_object();

	for (size_t i = 0; i < config->list_count; i++)
		json_put(part, config->lists[i].name,
		    counts_of(s, config->lists[i].name));
	json_put(object, "lists", part);
	json_put_number(object, "requests_waiting",
	    (int64_t)s->requests_waiting);
	part = json_new_object();
	json_put_number(part, "total", (int64_t)s->outbox);
	json_put_number(part, "due", (int64_t)s->outbox_due);
	json_put(object, "queue", part);
	json_put_number(object, "events", (int64_t)s->ledger);
	part = json_new_object();
	admin_json_put_time(part, "started_at", s->started_at);
	json_put_number(part, "subscribes", (int64_t)s->subscribes);
	json_put_number(part, "robots", (int64_t)s->robots);
	json_put_number(part, "over_budget", (int64_t)s->over_budget);
	json_put_number(part, "mailed", (int64_t)s->mailed);
	json_put_number(part, "turns", (int64_t)s->turns);
	json_put(object, "engine", part);
	part = json_new_object();
	json_put_number(part, "used", (int64_t)s->map_used);
	json_put_number(part, "size", (int64_t)s->map_size);
	json_put(object, "database", part);
}

struct json *
admin_json_process(const struct child_report *report)
{
	struct json *object = json_new_object();

	put_str(object, "role", role_name(report->role));
	json_put_number(object, "index", report->index);
	json_put_number(object, "pid", report->pid);
	json_put_number(object, "restarts", report->restarts);
	admin_json_put_time(object, "started_at", report->started_at);
	return object;
}
