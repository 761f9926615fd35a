/* SPDX-License-Identifier: ISC */
/*
 * assentctl status: how the daemon is.
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "ctl/ctl.h"
#include "ctl/print.h"
#include "io/json.h"

static void
add_since(struct buf *out, const struct json *time)
{
	struct slice text = json_text(time);
	int64_t then;

	if (text.p != NULL && clock_parse_rfc3339(text.p, &then) == 0)
		print_add_duration(out,
		    (clock_wall_us() - then) / CLOCK_SECOND);
}

static void
add_list(const char *name, const struct json *counts, void *arg)
{
	struct table *table = arg;

	table_add(table, slice_str(name));
	table_add_member(table, counts, "confirmed");
	table_add_member(table, counts, "unsubscribed");
}

static void
print_lists(const struct json *lists)
{
	static const char *const heads[] = { "LIST", ">CONFIRMED",
		">UNSUBSCRIBED" };
	struct table *table = table_new(heads, 3);

	json_each(lists, add_list, table);
	table_print(table);
	putchar('\n');
}

static int64_t
number(const struct json *object, const char *name)
{
	return json_number(json_get(object, name));
}

/* Only when there is something to say of it. */
static void
print_held(const struct json *held)
{
	if (number(held, "total") > 0)
		printf("Held back    %" PRId64 " over the total limit\n",
		    number(held, "total"));
	if (number(held, "per_domain") == 0)
		return;
	printf("Held back    %" PRId64 " over the limit of their domains, %"
	    PRId64 " of them for ", number(held, "per_domain"),
	    number(held, "of_top_domain"));
	print_clean(json_text(json_get(held, "top_domain")), 0);
	putchar('\n');
}

static void
print_challenges(const struct json *challenges)
{
	if (number(challenges, "asked") > 0)
		printf("Challenges   %" PRId64 " asked, %" PRId64 " solved, %"
		    PRId64 " waited for\n", number(challenges, "asked"),
		    number(challenges, "solved"),
		    number(challenges, "waited"));
}

/* That there is one; assentctl attack tells more. */
static void
print_attack(const struct json *attack)
{
	struct slice mode = json_text(json_get(attack, "mode"));
	size_t sources = json_count(json_get(attack, "sources"));

	if (sources == 0 && slice_eq_str(mode, "auto"))
		return;
	printf("Attack       mode ");
	print_clean(mode, 0);
	printf(", %zu unusual (assentctl attack tells which)\n", sources);
}

/* Only while it is doubted. */
static void
print_clock(const struct json *clock)
{
	int64_t jump = number(clock, "jumped_seconds");
	struct buf text = { 0 };

	if (jump == 0)
		return;
	print_add_duration(&text, jump > 0 ? jump : -jump);
	buf_printf(&text, " %s: until it is back, or for ",
	    jump > 0 ? "forth" : "back");
	print_add_duration(&text, number(clock, "held_seconds"));
	printf("CLOCK JUMPED %s, nothing expires by it\n", buf_str(&text));
	buf_fini(&text);
}

/* The last time that it was; and why it wasn't, if that was tried again. */
static void
print_compaction(const struct json *last)
{
	struct slice at = json_text(json_get(last, "ended_at"));
	struct slice failed = json_text(json_get(last, "failed_at"));

	if (at.len > 0) {
		printf("Compacted    ");
		print_clean(at, 0);
		putchar('\n');
	}
	if (failed.len > 0) {
		printf("NOT COMPACTED ");
		print_clean(failed, 0);
		printf(": ");
		print_clean(json_text(json_get(last, "error")), 0);
		putchar('\n');
	}
}

static void
print_engine(const struct json *status)
{
	const struct json *engine = json_get(status, "engine");
	const struct json *queue = json_get(status, "queue");
	const struct json *database = json_get(status, "database");
	struct buf text = { 0 };

	printf("Waiting      %" PRId64 " for a confirmation\n",
	    number(status, "requests_waiting"));
	printf("Queue        %" PRId64 " to be mailed, %" PRId64
	    " of them now\n", number(queue, "total"), number(queue, "due"));
	print_held(json_get(queue, "held"));
	printf("Since start  %" PRId64 " subscribe posts, %" PRId64
	    " mails sent, %" PRId64 " robots, %" PRId64 " over budget\n",
	    number(engine, "subscribes"), number(engine, "mailed"),
	    number(engine, "robots"), number(engine, "over_budget"));
	print_challenges(json_get(status, "challenges"));
	print_attack(json_get(status, "attack"));
	print_clock(json_get(status, "clock"));
	print_add_size(&text, number(database, "used"));
	buf_add_str(&text, " of at most ");
	print_add_size(&text, number(database, "size"));
	printf("Database     %s, %" PRId64 " events in the ledger%s\n",
	    buf_str(&text), number(status, "events"),
	    json_get(database, "synced") == NULL ? "" : ", NOT SYNCED");
	print_compaction(json_get(database, "compaction"));
	putchar('\n');
	buf_fini(&text);
}

static void
print_processes(const struct json *processes)
{
	static const char *const heads[] = { "PROCESS", ">PID", ">RESTARTS",
		"UP" };
	struct table *table = table_new(heads, 4);

	for (size_t i = 0; i < json_count(processes); i++) {
		const struct json *process = json_at(processes, i);
		struct slice role = json_text(json_get(process, "role"));
		struct buf text = { 0 };

		buf_add_slice(&text, role);
		if (slice_eq_str(role, "web"))
			buf_printf(&text, " %" PRId64,
			    number(process, "index"));
		table_add(table, buf_slice(&text));
		if (number(process, "pid") != 0)
			table_add_member(table, process, "pid");
		else
			table_add(table, (struct slice){ 0 });
		table_add_member(table, process, "restarts");
		buf_reset(&text);
		if (number(process, "pid") != 0)
			add_since(&text, json_get(process, "started_at"));
		else
			buf_add_str(&text, "not running");
		table_add(table, buf_slice(&text));
		buf_fini(&text);
	}
	table_print(table);
}

static void
print_expiry(struct slice time)
{
	int64_t until, left;

	if (time.p == NULL || clock_parse_rfc3339(time.p, &until) < 0)
		return;
	left = (until - clock_wall_us()) / CLOCK_SECOND / 86400;
	printf("Certificate %s ", left < 0 ? "EXPIRED on" : "good until");
	print_clean(time, 0);
	if (left >= 0)
		printf(", %" PRId64 " days more", left);
	printf("\n");
}

/* When the config in use was loaded, and what has been refused since. */
static void
print_load(const struct json *load)
{
	const struct json *errors = json_get(load, "errors");
	struct slice refused = json_text(json_get(load, "refused_at"));

	if (load == NULL)
		return;
	printf("Config loaded ");
	print_clean(json_text(json_get(load, "loaded_at")), 0);
	printf("\n");
	for (size_t i = 0; i < json_count(errors); i++) {
		printf("RELOAD REFUSED ");
		print_clean(refused, 0);
		printf(": ");
		print_clean(json_text(json_at(errors, i)), 0);
		printf("\n");
	}
}

static void
print_head(const struct json *status)
{
	printf("assentd ");
	print_clean(json_text(json_get(status, "version")), 0);
	printf(", %s\n", json_truth(json_get(status, "ready")) ? "ready" :
	    "its engine is not running now");
	printf("Links start with ");
	print_clean(json_text(json_get(status, "base_url")), 0);
	printf(", config is ");
	print_clean(json_text(json_get(status, "config")), 0);
	printf("\n");
	print_load(json_get(status, "load"));
	printf("Sandbox is ");
	print_clean(json_text(json_get(status, "sandbox")), 0);
	printf("\n");
	print_expiry(json_text(json_get(status, "certificate_expires_at")));
	printf("\n");
}

/* A script wants to know by the exit status alone. */
static int
end(int answer)
{
	return answer == 200 ? CTL_DONE :
	    ctl_fail("the daemon's engine is not running now");
}

static int
status(const struct ctl *ctl)
{
	int answer = client_get(ctl->client, "/status", (struct slice){ 0 },
	    NULL, NULL);
	struct json *told;

	/* 503 tells of a daemon without its engine. */
	if (answer != 200 && answer != 503)
		return ctl_refused(ctl, answer);
	if (ctl->json) {
		(void)ctl_print_answer(ctl);
		return end(answer);
	}
	told = json_read(client_body(ctl->client));
	if (told == NULL)
		return ctl_fail("the daemon's answer can't be read");
	print_head(told);
	if (json_truth(json_get(told, "ready"))) {
		print_lists(json_get(told, "lists"));
		print_engine(told);
	}
	print_processes(json_get(told, "processes"));
	json_free(told);
	return end(answer);
}

const struct ctl_command ctl_status[] = {
	{ .name = "status", .what = "how the daemon is", .run = status },
	{ .name = NULL },
};
