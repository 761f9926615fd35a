/* SPDX-License-Identifier: ISC */
/*
 * Shapes answers; knows neither sockets nor who asked.
 */
#include "app/admin/admin_json.h"

#include "app/contact_json.h"
#include "core/config.h"
#include "core/sub.h"
#include "io/json.h"
#include "io/kv.h"

static void
put_str(struct json *object, const char *name, const char *value)
{
	json_put_text(object, name, slice_str(value));
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
	contact_json_put_pairs(object, "fields", s->fields, s->n_fields);
	contact_json_put_strings(object, "tags", s->tags, s->n_tags);
	contact_json_put_time(object, "since", s->since);
	contact_json_put_time(object, "confirmed_at", s->confirmed_at);
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
	contact_json_put_time(object, "queued_at", row->queued_at);
	contact_json_put_time(object, "due", row->held[0] != '\0' ? 0 :
	    (int64_t)row->due);
	if (row->held[0] != '\0')
		put_str(object, "held_by", row->held);
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

/* What the limits hold back. */
static struct json *
held_of(const Message__Status *s)
{
	struct json *held = json_new_object();

	json_put_number(held, "total", (int64_t)s->held_by_total);
	json_put_number(held, "per_domain", (int64_t)s->held_by_domain);
	json_put_number(held, "domains", s->held_domains);
	if (s->held_top[0] != '\0') {
		put_str(held, "top_domain", s->held_top);
		json_put_number(held, "of_top_domain",
		    (int64_t)s->held_by_top);
	}
	json_put_number(held, "total_used_percent", s->total_percent);
	return held;
}

static struct json *
challenges_of(const Message__Status *s)
{
	struct json *object = json_new_object();

	json_put_number(object, "level", s->mood);
	json_put_number(object, "asked", (int64_t)s->challenged);
	json_put_number(object, "solved", (int64_t)s->solved);
	json_put_number(object, "waited", (int64_t)s->waited);
	json_put_number(object, "replayed", (int64_t)s->replayed);
	return object;
}

static struct json *
attacker(const Message__Attack__Source *s)
{
	struct json *object = json_new_object();

	put_str(object, "of", s->of);
	put_str(object, "name", s->name);
	put_str(object, "state", s->state);
	put_str(object, "why", s->why);
	contact_json_put_time(object, "since", s->since);
	json_put_number(object, "posts_in_hour", s->posts);
	json_put_number(object, "usual", s->usual);
	json_put_number(object, "asked", s->asked);
	json_put_number(object, "confirmed", s->confirmed);
	json_put_number(object, "not_me", s->notme);
	return object;
}

struct json *
admin_json_attack(const Message__Attack *attack)
{
	struct json *object = json_new_object(), *all = json_new_array();

	put_str(object, "mode", attack->mode);
	for (size_t i = 0; i < attack->n_sources; i++)
		json_append(all, attacker(attack->sources[i]));
	json_put(object, "sources", all);
	return object;
}

static struct json *
clock_of(const Message__Status *s)
{
	struct json *object = json_new_object();

	json_put_number(object, "jumped_seconds", s->clock_jump);
	json_put_number(object, "held_seconds", s->clock_hold);
	return object;
}

struct json *
admin_json_compaction(const Fact__Compaction *c)
{
	struct json *object = json_new_object();

	contact_json_put_time(object, "ended_at", c->ended_at);
	json_put_number(object, "ms", c->took / 1000);
	json_put_number(object, "bytes_before", (int64_t)c->bytes_before);
	json_put_number(object, "bytes_after", (int64_t)c->bytes_after);
	contact_json_put_time(object, "deleted_since", c->since);
	contact_json_put_time(object, "failed_at", c->failed_at);
	put_str(object, "error", c->why);
	return object;
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
	json_put(part, "held", held_of(s));
	json_put(object, "queue", part);
	json_put_number(object, "events", (int64_t)s->ledger);
	part = json_new_object();
	contact_json_put_time(part, "started_at", s->started_at);
	json_put_number(part, "subscribes", (int64_t)s->subscribes);
	json_put_number(part, "robots", (int64_t)s->robots);
	json_put_number(part, "over_budget", (int64_t)s->over_budget);
	json_put_number(part, "mailed", (int64_t)s->mailed);
	json_put_number(part, "turns", (int64_t)s->turns);
	json_put(object, "engine", part);
	part = json_new_object();
	json_put_number(part, "used", (int64_t)s->map_used);
	json_put_number(part, "size", (int64_t)s->map_size);
	json_put_number(part, "file", (int64_t)s->file_size);
	if (s->compaction != NULL)
		json_put(part, "compaction",
		    admin_json_compaction(s->compaction));
	json_put_bool(part, "compacting", s->compacting);
	if (!kv_is_synced())
		json_put_bool(part, "synced", false);
	json_put(object, "database", part);
	json_put(object, "clock", clock_of(s));
	json_put(object, "challenges", challenges_of(s));
	if (s->attack != NULL)
		json_put(object, "attack", admin_json_attack(s->attack));
}

struct json *
admin_json_load(const struct child_load *load)
{
	struct json *object = json_new_object(), *errors = json_new_array();
	struct slice rest = slice_str(load->why), line;

	contact_json_put_time(object, "loaded_at", load->loaded_at);
	contact_json_put_time(object, "refused_at", load->refused_at);
	while (rest.len > 0 && slice_split(&rest, '\n', &line))
		json_append_text(errors, line);
	json_put(object, "errors", errors);
	return object;
}

struct json *
admin_json_process(const struct child_report *report)
{
	struct json *object = json_new_object();

	put_str(object, "role", role_name(report->role));
	json_put_number(object, "index", report->index);
	json_put_number(object, "pid", report->pid);
	json_put_number(object, "restarts", report->restarts);
	contact_json_put_time(object, "started_at", report->started_at);
	return object;
}
