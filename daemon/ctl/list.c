/* SPDX-License-Identifier: ISC */
/*
 * assentctl list and export: subscriptions, as they stream in.  `list` is for
 * people unless a format is asked for, `export` for programs.
 */
#include <stdio.h>

#include "ctl/ctl.h"
#include "ctl/print.h"
#include "io/json.h"

static bool
copy(struct slice content, void *arg)
{
	(void)arg;
	fwrite(content.p, 1, content.len, stdout);
	return !ferror(stdout);
}

/* Columns of a bounded width first, so that rows line up as they come. */
static void
print_row(const struct json *row)
{
	static const struct {
		const char *name;
		size_t width;
	} columns[] = { { "state", 12 }, { "since", 20 }, { "list", 12 } };
	struct slice name = json_text(json_get(row, "name"));

	for (size_t i = 0; i < 3; i++) {
		print_clean(json_text(json_get(row, columns[i].name)),
		    columns[i].width);
		printf("  ");
	}
	print_clean(json_text(json_get(row, "address")), 0);
	if (name.len > 0) {
		printf("  ");
		print_clean(name, 0);
	}
	putchar('\n');
}

static void
print_heads(void)
{
	puts("STATE         SINCE                 LIST          ADDRESS");
}

struct rows {
	struct buf waiting;	/* for the end of its line */
	bool any;
};

/* Whole lines of what came; the rest waits for more. */
static bool
print_rows(struct slice content, void *arg)
{
	struct rows *rows = arg;
	struct buf *waiting = &rows->waiting;
	struct slice rest, line;
	ptrdiff_t end;

	buf_add_slice(waiting, content);
	rest = buf_slice(waiting);
	while ((end = slice_find(rest, '\n')) >= 0) {
		struct json *row;

		line = slice_sub(rest, 0, (size_t)end);
		rest = slice_sub(rest, (size_t)end + 1, rest.len);
		row = json_read(line);
		if (row != NULL && !rows->any)
			print_heads();
		if (row != NULL)
			print_row(row);
		rows->any = true;
		json_free(row);
	}
	memmove(waiting->p, rest.p, rest.len);
	waiting->len = rest.len;
	return !ferror(stdout);
}

static int
stream(const struct ctl *ctl, const char *path, bool for_people)
{
	struct rows rows = { 0 };
	struct buf form = { 0 };
	int answer;

	ctl_add_options(ctl, &form);
	answer = client_get(ctl->client, path, buf_slice(&form),
	    for_people ? print_rows : copy, &rows);
	buf_fini(&form);
	buf_fini(&rows.waiting);
	return answer == 200 ? CTL_DONE : ctl_refused(ctl, answer);
}

static int
list(const struct ctl *ctl)
{
	return stream(ctl, "/list", !ctl->json &&
	    ctl_option(ctl, "format") == NULL);
}

static int
export(const struct ctl *ctl)
{
	return stream(ctl, "/export", false);
}

#define USAGE "[--list LIST] [--state STATE] [--since TIME] " \
	"[--format jsonl|csv]"

const struct ctl_command ctl_list[] = {
	{ .name = "list", .usage = USAGE, .what = "subscriptions",
	    .options = "list state since format", .run = list },
	{ .name = "export", .usage = USAGE,
	    .what = "the confirmed, to send to",
	    .options = "list state since format", .run = export },
	{ .name = NULL },
};
