/* SPDX-License-Identifier: ISC */
/*
 * Tests of core/view.
 */
#include "core/view.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/view_value.h"

static void
test_members(void **state)
{
	struct view *view = view_new();
	const struct view *list;

	(void)state;
	view_set_str(view, "a", "1");
	view_set_slice(view, "a", slice_of("two and more", 3));
	assert_true(slice_eq_str(view_text(view_member(view,
	    slice_str("a"))), "two"));
	view_set_num(view, "n", INT64_MIN);
	assert_true(slice_eq_str(view_text(view_member(view,
	    slice_str("n"))), "-9223372036854775808"));
	view_set_str(view_set_object(view, "o"), "x", "y");
	view_set_object(view, "o");
	assert_non_null(view_member(view_member(view, slice_str("o")),
	    slice_str("x")));
	for (int i = 0; i < 20; i++)
		view_set_num(view_add_item(view, "l"), "i", i);
	view_make_text(view_add_item(view, "l"), slice_str("end"));
	list = view_member(view, slice_str("l"));
	assert_int_equal(view_item_count(list), 21);
	assert_true(slice_eq_str(view_text(view_item(list, 20)), "end"));
	assert_null(view_item(list, 21));
	assert_null(view_member(list, slice_str("i")));
	view_set_bool(view, "l", false);
	assert_false(view_is_true(view_member(view, slice_str("l"))));
	view_free(view);
	view_free(NULL);
}

/* A text may come out of the very view that it goes into. */
static void
test_own_text(void **state)
{
	struct view *view = view_new();

	(void)state;
	view_set_str(view, "a", "one");
	view_set_slice(view, "a", view_text(view_member(view,
	    slice_str("a"))));
	assert_true(slice_eq_str(view_text(view_member(view,
	    slice_str("a"))), "one"));
	view_free(view);
}

static void
test_truth(void **state)
{
	struct view *view = view_new();

	(void)state;
	assert_true(view_is_true(view));
	view_make_text(view, slice_str(""));
	assert_false(view_is_true(view));
	view_make_text(view, slice_str("0"));
	assert_true(view_is_true(view));
	view_make_bool(view, false);
	assert_false(view_is_true(view));
	assert_true(slice_eq_str(view_text(view), ""));
	view_make_list(view);
	assert_false(view_is_true(view));
	view_append(view);
	assert_true(view_is_true(view));
	assert_int_equal(view_kind(view), VIEW_LIST);
	view_free(view);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_members),
		cmocka_unit_test(test_own_text),
		cmocka_unit_test(test_truth),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
