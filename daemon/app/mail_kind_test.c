/* SPDX-License-Identifier: ISC */
/*
 * The table holds what the outbox can hold.
 */
#include "app/mail_kind.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/slice.h"
#include "core/record.pb-c.h"

static void
each_stored_number_has_its_row(void **state)
{
	const ProtobufCEnumDescriptor *stored =
	    &record__outbox__kind__descriptor;

	(void)state;
	assert_int_equal(mail_kind_count(), stored->n_values);
	for (size_t i = 0; i < mail_kind_count(); i++) {
		const struct mail_kind *kind = mail_kind_get(i);

		assert_non_null(kind);
		assert_true(slice_ieq(slice_str(kind->name),
		    slice_str(stored->values[i].name)));
		assert_int_equal(stored->values[i].value, i);
		assert_ptr_equal(mail_kind_find(kind->name), kind);
		assert_string_equal(mail_kind_name(i), kind->name);
	}
}

static void
others_are_unknown(void **state)
{
	(void)state;
	assert_null(mail_kind_get(mail_kind_count()));
	assert_null(mail_kind_get(SIZE_MAX));
	assert_string_equal(mail_kind_name(mail_kind_count()), "unknown");
	assert_null(mail_kind_find(""));
	assert_null(mail_kind_find("Confirm"));
}

static void
templates_are_named_after_it(void **state)
{
	const struct mail_kind *kind = mail_kind_find("welcome");

	(void)state;
	assert_string_equal(kind->text, "mail/welcome.txt");
	assert_string_equal(kind->html, "mail/welcome.html");
	assert_string_equal(kind->subject, "mail_welcome_subject");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_stored_number_has_its_row),
		cmocka_unit_test(others_are_unknown),
		cmocka_unit_test(templates_are_named_after_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
