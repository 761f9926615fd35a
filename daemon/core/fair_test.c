/* SPDX-License-Identifier: ISC */
/*
 * Places in fair lines: small scripts, and in which order they come out.
 */
#include "core/fair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
enum { WAITING_MAX = 64 };

/* Who waits in one line, kept as its owner would: sorted by place, then by
 * arrival. */
struct line {
	struct fair *fair;
	size_t count;
	struct { uint64_t place, network; char name; } who[WAITING_MAX];
	char out[WAITING_MAX + 1];
	size_t out_count;
};

static void
join(struct line *l, char name, unsigned class)
{
	uint64_t network = (uint64_t)(name | 0x20);
	uint64_t place = fair_join(l->fair, 7, class, network);
	size_t at = l->count++;

	assert_true(l->count <= WAITING_MAX);
	assert_true(fair_is_place(place));
	assert_int_equal(fair_line_of(place), 7);
	assert_int_equal(fair_class_of(place), class);
	for (; at > 0 && l->who[at - 1].place > place; at--)
		l->who[at] = l->who[at - 1];
	l->who[at].place = place;
	l->who[at].network = network;
	l->who[at].name = name;
}

static void
serve(struct line *l)
{
	assert_true(l->count > 0);
	fair_serve(l->fair, l->who[0].place);
	l->out[l->out_count++] = l->who[0].name;
	memmove(&l->who[0], &l->who[1], --l->count * sizeof(l->who[0]));
	if (l->count == 0)
		fair_clear(l->fair, 7);
}

/* Another process, with what is on disk. */
static void
restart(struct line *l)
{
	fair_free(l->fair);
	l->fair = fair_new(64);
	for (size_t i = 0; i < l->count; i++)
		fair_rejoin(l->fair, l->who[i].place, l->who[i].network);
}

static void
forget(struct line *l)
{
	l->count = 0;
	fair_clear(l->fair, 7);
}

/*
 * In a script a letter asks, the network being the letter; a capital comes
 * with a better proof.  "." serves one, "!" starts anew, "x" drops all.
 */
static const struct {
	const char *what, *script, *out;
} scripts[] = {
	{ "one network is first come, first served",
	    "aaa...", "aaa" },
	{ "two take turns",
	    "aaaabb......", "ababaa" },
	{ "one who comes late waits for nobody's crowd",
	    "aaaaaaaa..b.......", "aabaaaaaa" },
	{ "nor for those of several",
	    "aaaabbbbcccc....d.........", "abcabcdabcabc" },
	{ "who was away saves nothing up",
	    "aaaa....bbbbaa......", "aaaabababb" },
	{ "better proof goes first",
	    "aaabB.....", "Babaa" },
	{ "and is served fairly too",
	    "aAAAAB......", "ABAAAa" },
	{ "a restart keeps the order",
	    "aaaabb!......", "ababaa" },
	{ "and lets nobody jump their own queue",
	    "aaaa.!aab......", "aabaaaa" },
	{ "what was dropped is not owed",
	    "aaaaaaaaxab..ab..", "abab" },
};

static void
test_scripts(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(scripts); i++) {
		struct line l = { .fair = fair_new(64) };

		for (const char *c = scripts[i].script; *c != '\0'; c++) {
			if (*c == '.')
				serve(&l);
			else if (*c == '!')
				restart(&l);
			else if (*c == 'x')
				forget(&l);
			else
				join(&l, *c, *c < 'a' ? 1 : 2);
		}
		if (strcmp(l.out, scripts[i].out) != 0)
			fail_msg("%s: %s", scripts[i].what, l.out);
		fair_free(l.fair);
	}
}

static void
test_lines_are_apart(void **state)
{
	struct fair *f = fair_new(64);
	uint64_t first = fair_join(f, 0, 3, 1);

	(void)state;
	for (int i = 0; i < 100; i++)
		(void)fair_join(f, 1, 3, 1);
	assert_int_equal(fair_join(f, 0, 3, 1), first + 1);
	assert_int_equal(fair_join(f, 0, 3, 2), first);
	assert_int_equal(fair_class_of(fair_join(f, 0, 0, 1)), 0);
	assert_true(fair_line_start(1) > first);
	assert_true(fair_line_start(1) <= fair_join(f, 1, 0, 9));
	assert_true(fair_join(f, FAIR_LINES - 1, FAIR_CLASSES - 1, 1) <
	    (uint64_t)INT64_MAX);
	fair_free(f);
}

static void
test_times_are_no_places(void **state)
{
	(void)state;
	assert_false(fair_is_place(0));
	assert_false(fair_is_place(UINT64_C(1800000000000000)));
	assert_false(fair_is_place(UINT64_MAX));
	assert_true(fair_is_place(fair_line_start(0)));
	assert_true(fair_is_place(fair_line_start(FAIR_LINES - 1)));
}

/* More networks than there is room for: a crowd's place is kept longest. */
static void
test_bounded_memory(void **state)
{
	struct fair *f = fair_new(64);
	uint64_t last = 0;

	(void)state;
	for (int i = 0; i < 1000; i++)
		last = fair_join(f, 0, 3, 1);
	for (uint64_t other = 2; other < 10000; other++) {
		assert_int_equal(fair_join(f, 0, 3, other),
		    fair_line_start(0) | UINT64_C(3) << 48);
	}
	assert_int_equal(fair_join(f, 0, 3, 1), last + 1);
	fair_free(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scripts),
		cmocka_unit_test(test_lines_are_apart),
		cmocka_unit_test(test_times_are_no_places),
		cmocka_unit_test(test_bounded_memory),
	};

	return cmocka_run_group_tests_name("fair", tests, NULL, NULL);
}
