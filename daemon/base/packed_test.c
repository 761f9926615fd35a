/* SPDX-License-Identifier: ISC */
/*
 * Messages by hand.
 */
#include "base/packed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/buf.h"

/* What it is made of, a word a field: "1=150 2:abc", and "!" if it is bad. */
static const struct {
	struct slice packed;
	const char *fields;
} cases[] = {
	{ SLICE(""), "" },
	{ SLICE("\x08\x96\x01"), "1=150 " },
	{ SLICE("\x08\x00\x12\x03""abc"), "1=0 2:abc " },
	{ SLICE("\x12\x00\x08\x01"), "2: 1=1 " },
	{ SLICE("\x69\x01\x02\x00\x00\x00\x00\x00\x80"),
	    "13=9223372036854776321 " },
	{ SLICE("\x6d\x01\x02\x00\x80"), "13=2147484161 " },
	{ SLICE("\x80\x01\x05"), "16=5 " },
	{ SLICE("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
	    "1=18446744073709551615 " },
	/* cut off */
	{ SLICE("\x08"), "!" },
	{ SLICE("\x88"), "!" },
	{ SLICE("\x08\x01\x10\x96"), "1=1 !" },
	{ SLICE("\x12\x04""abc"), "!" },
	{ SLICE("\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01""abc"), "!" },
	{ SLICE("\x69\x01\x02\x03\x04\x05\x06\x07"), "!" },
	{ SLICE("\x6d\x01\x02\x03"), "!" },
	/* a varint of 11 bytes, field 0, field 2^29, groups, no type */
	{ SLICE("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), "!" },
	{ SLICE("\x00\x01"), "!" },
	{ SLICE("\x80\x80\x80\x80\x10\x01"), "!" },
	{ SLICE("\x0b\x0c"), "!" },
	{ SLICE("\x0f\x01"), "!" },
};

static void
add_field(struct buf *out, const struct packed_field *f)
{
	buf_printf(out, "%u", f->number);
	if (f->type == PACKED_BYTES)
		buf_printf(out, ":%.*s ", SLICE_FMT(f->bytes));
	else
		buf_printf(out, "=%llu ", (unsigned long long)f->value);
}

static void
test_fields_come_in_order(void **state)
{
	struct buf out = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct slice rest = cases[i].packed;
		struct packed_field field;
		enum packed_result result;

		buf_reset(&out);
		while ((result = packed_next(&rest, &field)) == PACKED_FIELD)
			add_field(&out, &field);
		if (result == PACKED_BAD)
			buf_add_char(&out, '!');
		assert_string_equal(buf_str(&out), cases[i].fields);
	}
	buf_fini(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields_come_in_order),
	};

	return cmocka_run_group_tests_name("packed", tests, NULL, NULL);
}
