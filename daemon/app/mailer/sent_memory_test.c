/* SPDX-License-Identifier: ISC */
/*
 * The memory of deliveries: what is found, and what is forgotten when.
 */
#include "app/mailer/sent_memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { ID_SIZE = 32 };

static void
name(char id[ID_SIZE], int i)
{
	(void)snprintf(id, ID_SIZE, "%d@example.org", i);
}

static void
the_last_are_found_and_older_forgotten(void **state)
{
	struct sent_memory *s = sent_memory_new();
	char id[ID_SIZE];
	int n = 3 * SENT_MEMORY_SIZE + 7;

	(void)state;
	assert_null(sent_memory_find(s, "0@example.org"));
	for (int i = 0; i < n; i++) {
		name(id, i);
		sent_memory_add(s, id, id);
	}
	for (int i = 0; i < n; i++) {
		const char *reply;

		name(id, i);
		reply = sent_memory_find(s, id);
		if (i < n - SENT_MEMORY_SIZE)
			assert_null(reply);
		else
			assert_string_equal(reply, id);
	}
	sent_memory_free(s);
}

static void
the_same_twice_is_harmless(void **state)
{
	struct sent_memory *s = sent_memory_new();

	(void)state;
	for (int i = 0; i < 2 * SENT_MEMORY_SIZE + 1; i++)
		sent_memory_add(s, "a@b", i % 2 ? "odd" : "even");
	assert_string_equal(sent_memory_find(s, "a@b"), "even");
	sent_memory_free(s);
	sent_memory_free(NULL);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_are_found_and_older_forgotten),
		cmocka_unit_test(the_same_twice_is_harmless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
