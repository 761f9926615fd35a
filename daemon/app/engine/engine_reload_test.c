/* SPDX-License-Identifier: ISC */
/*
 * The engine gets another config, and another mailer takes over.
 */
#include "app/engine/engine_world_admin.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/engine/engine.h"
#include "app/engine/op_reload.h"
#include "app/engine/store.h"
#include "app/wire.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "io/files.h"
#include "io/ipc.h"

static void
fail_test(const char *what, const char *file, int line)
{
	fail_msg("%s:%d: %s", file, line, what);
}

#define LIST(name, title, consent) "list \"" name "\" { title = \"" title \
    "\" from = \"" name "@example.org\" consent = \"" consent "\" }\n"
#define WEEKLY LIST("weekly", "weekly", "I want it by email.")
#define DAILY LIST("daily", "daily", "I want it by email.")
#define MONTHLY LIST("monthly", "The Monthly", "Once a month.")
#define FREE "challenge = off "
#define LIMITS "limits { " FREE "per_network = \"off\" interval = 10m " \
    "per_domain = \"off\" total = \"off\" "

/* A memory file of what the parent would have kept of such a config. */
static int
keep_config(struct child *c, const char *text)
{
	const char *source = getenv("ASSENT_SRCDIR");
	char *path = mem_printf("%s/assent.conf", c->folder);
	struct buf errors = { 0 }, warnings = { 0 };
	struct files *files = files_new();
	FILE *f = fopen(path, "we");
	struct settings s;
	int fd = files_memory();

	assert_non_null(f);
	fprintf(f, "base_url = \"https://news.example.org\"\n"
	    "database = \"%s\"\ntemplates = \"%s/templates\"\n"
	    "mail { transport = \"maildir\" maildir = \"m\" }\n%s%s",
	    c->folder, source != NULL ? source : ".", text,
	    strstr(text, FREE) == NULL ? "limits { " FREE "}\n" : "");
	fclose(f);
	if (settings_read(&s, files, path, &errors, &warnings) < 0)
		fail_msg("%s", buf_str(&errors));
	assert_int_equal(files_save(files, fd), 0);
	settings_free(&s);
	files_free(files);
	unlink(path);
	free(path);
	buf_fini(&errors);
	buf_fini(&warnings);
	return fd;
}

/* The parent hands the config over, and hears that it was taken. */
static void
reload(struct child *c, uint32_t generation, const char *text)
{
	static char path[128];

	c->generation = 0;
	snprintf(path, sizeof(path), "%s/assent.conf", c->folder);
	c->config.path = path;
	c->callbacks->on_settings(c, generation, keep_config(c, text),
	    c->arg);
	world_settle(c);
	assert_int_equal(c->generation, generation);
}

/* Another mailer comes; the one before it goes on, and is returned. */
static struct ipc *
change_mailer(struct child *c)
{
	struct ipc *before = c->mailer;

	c->mailer = world_connect(c, ROLE_MAILER);
	c->credits = 0;
	c->taken = true;
	world_settle(c);
	return before;
}

static void
change_lists(struct child *c)
{
	struct world_mail mail;

	world_subscribe(c, "jo@example.org", "weekly", false);
	mail = world_take_mail(c, "confirm");
	assert_int_equal(world_press_confirm(c, mail.confirm), DONE);
	mail = world_take_mail(c, "welcome");
	world_subscribe(c, "eve@example.org", "weekly", false);
	(void)world_take_mail(c, "confirm");

	reload(c, 2, DAILY MONTHLY);
	assert_int_not_equal(world_subscribe(c, "al@example.org", "weekly",
	    false), ACCEPTED);
	assert_int_equal(world_subscribe(c, "al@example.org", "monthly",
	    false), ACCEPTED);
	assert_null(world_next_mail(c));
	ipc_free(change_mailer(c));
	assert_non_null(world_next_mail(c));
	assert_string_equal(c->mail->mail->topics[0]->title, "The Monthly");
	assert_string_equal(c->mail->mail->topics[0]->consent,
	    "Once a month.");
	world_take_mail(c, "confirm");
	/* Links of a list that is gone go on working. */
	assert_int_equal(world_visit(c, (struct world_visit){
	    MESSAGE__VISIT__ACTION__UNSUBSCRIBE, mail.unsubscribe, NULL, true,
	    false })->outcome, DONE);
	/* And it comes back as itself. */
	reload(c, 3, WEEKLY DAILY MONTHLY);
	ipc_free(change_mailer(c));
	assert_int_equal(engine_list_by_name(c->arg, "weekly")->id, 1);
	assert_int_equal(engine_list_by_name(c->arg, "monthly")->id, 3);
	assert_non_null(strstr(world_show(c, "jo@example.org"),
	    "weekly"));
}

static void
test_lists_come_and_go(void **state)
{
	assert_int_equal(world_live(*state, change_lists), 0);
}

static void
numbers(struct child *c)
{
	struct engine *e = c->arg;

	assert_int_equal(engine_list_by_name(e, "monthly")->id, 3);
	assert_null(engine_list_by_name(e, "monthly")->config);
	assert_non_null(engine_list_by_name(e, "weekly")->config);
}

static void
test_their_numbers_outlive_the_process(void **state)
{
	assert_int_equal(world_live(*state, change_lists), 0);
	assert_int_equal(world_live(*state, numbers), 0);
}

/* A new consent is what new requests are about, the old text stays. */
static void
change_consent(struct child *c)
{
	world_subscribe(c, "jo@example.org", "daily", false);
	assert_non_null(world_next_mail(c));
	world_tell_result(c, c->mail->mail,
	    MESSAGE__MAIL_RESULT__OUTCOME__RETRY);
	reload(c, 2, LIST("daily", "Every day", "Yes, daily."));
	ipc_free(change_mailer(c));
	world_subscribe(c, "al@example.org", "daily", false);
	assert_non_null(world_next_mail(c));
	assert_string_equal(c->mail->mail->topics[0]->consent,
	    "Yes, daily.");
	world_take_mail(c, "confirm");
	world_pass(1801 * CLOCK_SECOND);
	assert_non_null(world_next_mail(c));
	assert_string_equal(c->mail->mail->topics[0]->title, "Every day");
	assert_string_equal(c->mail->mail->topics[0]->consent,
	    "I want it by email.");
}

static void
test_what_was_asked_keeps_its_words(void **state)
{
	assert_int_equal(world_live(*state, change_consent), 0);
}

static unsigned
count_mails(struct child *c)
{
	unsigned n = 0;

	for (int i = 0; i < 8; i++) {
		world_subscribe(c, "jo@example.org", "daily", false);
		if (world_next_mail(c) != NULL) {
			world_take_mail(c, "confirm");
			n++;
		}
		world_pass(601 * CLOCK_SECOND);
	}
	return n;
}

/* What was counted counts against the new limit; others go on as they were. */
static void
change_limits(struct child *c)
{
	struct engine *e = c->arg;
	const struct budget *per_request;

	assert_int_equal(count_mails(c), 3);
	reload(c, 2, WEEKLY DAILY LIMITS "per_address = \"5/1d\" }\n");
	ipc_free(change_mailer(c));
	assert_int_equal(count_mails(c), 2);
	per_request = e->budgets.per_request;
	reload(c, 3, WEEKLY DAILY LIMITS "per_address = \"4/1d\" }\n");
	ipc_free(change_mailer(c));
	assert_int_equal(count_mails(c), 0);
	assert_ptr_equal(e->budgets.per_request, per_request);
}

static void
test_limits_change_and_counts_stay(void **state)
{
	assert_int_equal(world_live(*state, change_limits), 0);
}

/* The parent couldn't start the new generation: the mailer is the old one. */
static void
go_back(struct child *c)
{
	reload(c, 2, MONTHLY);
	assert_int_not_equal(world_subscribe(c, "jo@example.org", "daily",
	    false), ACCEPTED);
	reload(c, 1, WEEKLY DAILY);
	assert_int_equal(world_subscribe(c, "jo@example.org", "daily",
	    false), ACCEPTED);
	world_take_mail(c, "confirm");
}

static void
test_going_back(void **state)
{
	assert_int_equal(world_live(*state, go_back), 0);
}

static void
take_nonsense(struct child *c)
{
	int fd = files_memory();

	c->generation = 1;
	assert_int_equal(files_write_fd(fd, slice_str("nonsense")), 0);
	c->callbacks->on_settings(c, 2, fd, c->arg);
	world_settle(c);
	assert_int_equal(c->generation, 0);
	world_subscribe(c, "jo@example.org", "daily", false);
	world_take_mail(c, "confirm");
	/* Nothing at all was kept. */
	c->generation = 1;
	c->callbacks->on_settings(c, 2, files_memory(), c->arg);
	assert_int_equal(c->generation, 0);
}

static void
test_nonsense_changes_nothing(void **state)
{
	assert_int_equal(world_live(*state, take_nonsense), 0);
}

/* Tells the result as an earlier mailer. */
static void
tell_as(struct child *c, struct ipc *mailer, const Message__Mail *mail)
{
	struct ipc *now = c->mailer;

	c->mailer = mailer;
	world_tell_result(c, mail, MESSAGE__MAIL_RESULT__OUTCOME__SENT);
	c->mailer = now;
}

/* A mail that is on its way stays with whoever has it. */
static void
two_mailers(struct child *c)
{
	struct engine *e = c->arg;
	struct ipc *before;
	Message__Mail *first;

	world_subscribe(c, "jo@example.org", "daily", false);
	first = message__mail__unpack(NULL, 0, NULL);
	assert_non_null(world_next_mail(c));
	first->due = c->mail->mail->due;
	first->sequence = c->mail->mail->sequence;
	before = change_mailer(c);
	assert_null(world_next_mail(c));
	world_subscribe(c, "al@example.org", "daily", false);
	assert_non_null(world_next_mail(c));
	assert_string_equal(c->mail->mail->address, "al@example.org");
	tell_as(c, before, first);
	assert_non_null(strstr(world_show(c, "jo@example.org"), "mailed"));
	c->taken = false;
	world_take_mail(c, "confirm");
	assert_int_equal(store_count(e->store, STORE_OUTBOX), 0);
	ipc_free(before);
	world_settle(c);
	message__mail__free_unpacked(first, NULL);
}

static void
test_a_mail_under_way_stays_where_it_is(void **state)
{
	assert_int_equal(world_live(*state, two_mailers), 0);
}

/* What it couldn't say any more goes to the one that is there. */
static void
lose_the_former(struct child *c)
{
	struct ipc *before;

	world_subscribe(c, "jo@example.org", "daily", false);
	assert_non_null(world_next_mail(c));
	before = change_mailer(c);
	assert_null(world_next_mail(c));
	ipc_free(before);
	world_settle(c);
	assert_non_null(world_next_mail(c));
	assert_string_equal(c->mail->mail->address, "jo@example.org");
	world_take_mail(c, "confirm");
}

static void
test_a_lost_mailer_loses_no_mail(void **state)
{
	assert_int_equal(world_live(*state, lose_the_former), 0);
}

#define LIFE(test) cmocka_unit_test_prestate_setup_teardown(test, \
    world_setup, world_teardown, &judge)

int
main(void)
{
	struct world_judge judge = { fail_test };
	const struct CMUnitTest tests[] = {
		LIFE(test_lists_come_and_go),
		LIFE(test_their_numbers_outlive_the_process),
		LIFE(test_what_was_asked_keeps_its_words),
		LIFE(test_limits_change_and_counts_stay),
		LIFE(test_going_back),
		LIFE(test_nonsense_changes_nothing),
		LIFE(test_a_mail_under_way_stays_where_it_is),
		LIFE(test_a_lost_mailer_loses_no_mail),
	};

	log_open("stderr", "test", LOG_LEVEL_ERROR);
	return cmocka_run_group_tests_name("engine_reload", tests, NULL,
	    NULL);
}
