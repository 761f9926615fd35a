/* SPDX-License-Identifier: ISC */
/*
 * Tests of base/log: what a line looks like, and what it never shows.
 */
#include "base/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

struct log_file {
	char path[64];
	char text[4096];
};

static int
set_up(void **state)
{
	struct log_file *f = calloc(1, sizeof(*f));
	int fd;

	if (f == NULL)
		return -1;
	snprintf(f->path, sizeof(f->path), "/tmp/assent-log-XXXXXX");
	fd = mkstemp(f->path);
	if (fd < 0)
		return -1;
	close(fd);
	*state = f;
	return log_open(f->path, "web0", LOG_LEVEL_INFO);
}

static int
tear_down(void **state)
{
	struct log_file *f = *state;

	log_open("stderr", "assentd", LOG_LEVEL_INFO);
	unlink(f->path);
	free(f);
	return 0;
}

/* What was logged since set_up, each line without its time. */
static const char *
logged(struct log_file *f)
{
	char line[1024];
	FILE *in = fopen(f->path, "r");

	assert_non_null(in);
	f->text[0] = '\0';
	while (fgets(line, sizeof(line), in) != NULL) {
		size_t len = strlen(f->text);
		char *blank = strchr(line, ' ');

		assert_non_null(blank);
		snprintf(f->text + len, sizeof(f->text) - len, "%s",
		    blank + 1);
	}
	fclose(in);
	return f->text;
}

static void
fields_of_each_kind(void **state)
{
	log_info("mailed", log_num("id", -7), log_str("to", "a b"),
	    log_slice("part", slice_of("abc", 2)), log_str("none", NULL));
	log_error("open", log_errno("error", -2));
	assert_string_equal(logged(*state),
	    "info web0 mailed id=-7 to=\"a b\" part=ab none=\"\"\n"
	    "error web0 open error=\"No such file or directory\"\n");
}

static void
one_event_one_line(void **state)
{
	log_warn("x", log_str("agent", "a\r\n2026 info web0 fake"),
	    log_str("b", "\x1b[2J"));
	assert_string_equal(logged(*state), "warn web0 x "
	    "agent=\"a\\x0d\\x0a2026 info web0 fake\" b=\\x1b[2J\n");
}

static void
levels_are_kept_to(void **state)
{
	assert_false(log_wants(LOG_LEVEL_DEBUG));
	assert_true(log_wants(LOG_LEVEL_ERROR));
	log_debug("quiet", log_num("n", 1));
	log_rename("engine");
	log_info("loud", log_num("n", 2));
	log_rename("a-name-that-is-far-too-long");
	log_info("cut", log_num("n", 3));
	assert_string_equal(logged(*state), "info engine loud n=2\n"
	    "info a-name-that-is- cut n=3\n");
}

static void
addresses_are_masked(void **state)
{
	static const struct {
		struct slice address;
		const char *line;
	} cases[] = {
		{ SLICE("jo@example.org"), "j\xe2\x80\xa6@example.org" },
		{ SLICE("\"a@b\"@example.org"),
		    "\"\\\"\xe2\x80\xa6@example.org\"" },
		{ SLICE("\xc3\xbcmit@example.org"),
		    "\xc3\xbc\xe2\x80\xa6@example.org" },
		{ SLICE("jo@exa mple"), "\"j\xe2\x80\xa6@exa mple\"" },
		{ SLICE("\xff@x.org"), "\xe2\x80\xa6@x.org" },
		{ SLICE("jo"), "\xe2\x80\xa6" },
		{ SLICE("@example.org"), "\xe2\x80\xa6" },
		{ SLICE(""), "\xe2\x80\xa6" },
	};
	char want[1024] = "";

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t len = strlen(want);

		log_info("m", log_address("to", cases[i].address));
		snprintf(want + len, sizeof(want) - len,
		    "info web0 m to=%s\n", cases[i].line);
	}
	assert_string_equal(logged(*state), want);
}

static void
long_values_are_cut(void **state)
{
	char value[1000];
	const char *text;

	memset(value, 'v', sizeof(value));
	log_info("x", log_slice("v", slice_of(value, sizeof(value))));
	text = logged(*state);
	assert_int_equal(strlen(text), strlen("info web0 x v=\n") + 256);
}

static void
reopened_after_a_move(void **state)
{
	struct log_file *f = *state;

	log_info("before", log_num("n", 1));
	assert_int_equal(unlink(f->path), 0);
	assert_int_equal(log_reopen(), 0);
	log_info("after", log_num("n", 2));
	assert_string_equal(logged(f), "info web0 after n=2\n");
}

static void
stderr_is_not_reopened(void **state)
{
	(void)state;
	assert_int_equal(log_open("stderr", "web0", LOG_LEVEL_INFO), 0);
	assert_int_equal(log_reopen(), 0);
	assert_int_equal(log_open("/nowhere/log", "web0", LOG_LEVEL_INFO), -2);
	log_debug("not", log_num("seen", 1));
	assert_string_equal(logged(*state), "");
}

#define LOG_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		LOG_TEST(fields_of_each_kind),
		LOG_TEST(one_event_one_line),
		LOG_TEST(levels_are_kept_to),
		LOG_TEST(addresses_are_masked),
		LOG_TEST(long_values_are_cut),
		LOG_TEST(reopened_after_a_move),
		LOG_TEST(stderr_is_not_reopened),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
