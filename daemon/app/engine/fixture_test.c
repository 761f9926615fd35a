/* SPDX-License-Identifier: ISC */
/*
 * The databases of tests/fixtures, one of each schema there was, on the day
 * that they were made: this version opens them, all is as it was left, and
 * the links that were mailed then work.
 */
#include "app/engine/engine_world_admin.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <fcntl.h>
#include <unistd.h>
#include <libdeflate.h>

#include "app/engine/fsck_private.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "io/files.h"

enum { HOUR_SECONDS = 3600 };

/* What was mailed: "waits confirm TOKEN". */
static struct link {
	char name[16], kind[16], token[48];
} links[32];

static void
fail_test(const char *what, const char *file, int line)
{
	fail_msg("%s:%d: %s", file, line, what);
}

static char *
fixture(const char *name)
{
	const char *source = getenv("ASSENT_SRCDIR");

	return mem_printf("%s/tests/fixtures/database-1/%s",
	    source != NULL ? source : ".", name);
}

static void
read_links(void)
{
	char *path = fixture("links");
	FILE *file = fopen(path, "r");
	size_t n = 0;

	assert_non_null(file);
	while (n < sizeof(links) / sizeof(links[0]) &&
	    fscanf(file, "%15s %15s %47s", links[n].name, links[n].kind,
	    links[n].token) == 3)
		n++;
	assert_in_range(n, 10, 31);
	assert_int_equal(fclose(file), 0);
	free(path);
}

static const char *
find_link(const char *name, const char *kind)
{
	for (const struct link *l = links; l->name[0] != '\0'; l++) {
		if (strcmp(l->name, name) == 0 && strcmp(l->kind, kind) == 0)
			return l->token;
	}
	fail_msg("no link %s of %s", kind, name);
	return NULL;
}

/* Of gzip's format. */
static void
unpack(struct slice packed, int to)
{
	enum { SIZE_MAX_UNPACKED = 1 << 24 };
	struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
	char *all = mem_new(1, SIZE_MAX_UNPACKED);
	size_t size;

	assert_int_equal(libdeflate_gzip_decompress(d, packed.p, packed.len,
	    all, SIZE_MAX_UNPACKED, &size), LIBDEFLATE_SUCCESS);
	assert_int_equal(files_write_fd(to, slice_of(all, size)), 0);
	libdeflate_free_decompressor(d);
	free(all);
}

static void
unpack_database(const struct child *c)
{
	char *from = fixture("data.mdb.gz");
	char *to = mem_printf("%s/data.mdb", c->folder);
	int in = open(from, O_RDONLY | O_CLOEXEC);
	int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	struct buf packed = { 0 };

	assert_true(in >= 0 && out >= 0);
	assert_int_equal(files_read_fd(in, &packed), 0);
	unpack(buf_slice(&packed), out);
	close(in);
	close(out);
	buf_fini(&packed);
	free(from);
	free(to);
}

static void
take_secret(struct child *c)
{
	char *path = fixture("secret");

	close(c->secret_fd);
	c->secret_fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(c->secret_fd >= 0);
	free(path);
}

/* An hour after it was made. */
static void
open_fixture(struct child *c)
{
	read_links();
	unpack_database(c);
	take_secret(c);
	world_pass((strtoll(find_link("made", "at"), NULL, 10) +
	    HOUR_SECONDS) * CLOCK_SECOND - world_now());
}

static void
on_finding(const char *table, struct slice key, const char *what, void *arg)
{
	(void)key;
	(void)arg;
	print_error("%s: %s\n", table, what);
}

static void
assert_clean(const struct child *c)
{
	char folder[sizeof(c->folder)];
	struct fsck_target target = { .folder = folder, .lock = -1,
		.has_secret = true };
	struct fsck_totals totals;
	struct buf error = { 0 };

	memcpy(folder, c->folder, sizeof(folder));
	assert_int_equal(secret_file_read(c->secret_fd, &target.secret), 0);
	if (fsck_run(&target, on_finding, NULL, &totals, &error) < 0)
		fail_msg("%s", buf_str(&error));
	assert_int_equal(totals.findings, 0);
	assert_true(totals.rows > 50);
	secret_wipe(&target.secret);
	buf_fini(&error);
}

static Message__Visited__State
visit(struct child *c, Message__Visit__Action action, const char *token)
{
	const Message__Visited *visited = world_visit(c,
	    (struct world_visit){ action, token, NULL, true, false });

	assert_int_equal(visited->outcome, DONE);
	return visited->state;
}

static void
assert_shown(struct child *c, const char *name, const char *wanted)
{
	char *address = mem_printf("%s@example.com", name);

	assert_string_equal(world_show(c, address), wanted);
	free(address);
}

static void
look_at_all(struct child *c)
{
	static const char *const shown[][2] = {
		{ "stays", "weekly=confirmed | subscribe mailed confirm "
		    "mailed" },
		{ "leaves", "weekly=confirmed | subscribe mailed confirm "
		    "mailed" },
		{ "left", "weekly=unsubscribed | subscribe mailed confirm "
		    "mailed unsubscribe" },
		{ "gone", "|" },	/* but for the proof */
		{ "waits", "weekly=pending | subscribe mailed" },
		{ "denied", "| subscribe mailed not-me" },
		{ "queued", "weekly=pending | subscribe" },
	};

	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++)
		assert_shown(c, shown[i][0], shown[i][1]);
	assert_true(world_ask_proof(c, "gone@example.com")->n_events >= 3);
	assert_int_equal(world_ask_show(c,
	    "never@example.com")->n_suppressions, 1);
}

/* And what was in the queue is sent. */
static void
use_links(struct child *c)
{
	assert_int_equal(visit(c, MESSAGE__VISIT__ACTION__CONFIRM,
	    find_link("waits", "confirm")),
	    MESSAGE__VISITED__STATE__CONFIRMED);
	assert_int_equal(visit(c, MESSAGE__VISIT__ACTION__CONFIRM,
	    find_link("stays", "confirm")),
	    MESSAGE__VISITED__STATE__CONFIRMED);
	assert_int_equal(visit(c, MESSAGE__VISIT__ACTION__UNSUBSCRIBE,
	    find_link("leaves", "unsubscribe")),
	    MESSAGE__VISITED__STATE__UNSUBSCRIBED);
	assert_int_equal(visit(c, MESSAGE__VISIT__ACTION__NOTME,
	    find_link("denies", "notme")),
	    MESSAGE__VISITED__STATE__WITHDRAWN);
	world_take_mail(c, "confirm");
	world_take_mail(c, "welcome");
	assert_null(world_next_mail(c));
}

static void
look_at_what_became(struct child *c)
{
	assert_shown(c, "waits", "weekly=confirmed | subscribe mailed "
	    "confirm mailed");
	assert_shown(c, "leaves", "weekly=unsubscribed | subscribe mailed "
	    "confirm mailed unsubscribe");
	assert_shown(c, "denies", "| subscribe mailed not-me");
}

static void
test_a_fixture_is_at_home(void **state)
{
	struct child *c = *state;

	open_fixture(c);
	assert_clean(c);
	assert_int_equal(world_live(c, look_at_all), 0);
	assert_clean(c);
	assert_int_equal(world_live(c, use_links), 0);
	assert_clean(c);
	assert_int_equal(world_live(c, look_at_what_became), 0);
	assert_clean(c);
}

#define LIFE(test) cmocka_unit_test_prestate_setup_teardown(test, \
    world_setup, world_teardown, &judge)

int
main(void)
{
	struct world_judge judge = { fail_test };
	const struct CMUnitTest tests[] = {
		LIFE(test_a_fixture_is_at_home),
	};

	log_open("stderr", "test", LOG_LEVEL_ERROR);
	return cmocka_run_group_tests_name("fixture", tests, NULL, NULL);
}
