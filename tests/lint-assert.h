/* SPDX-License-Identifier: ISC */
/*
 * For analyzers, before each file: nothing goes on behind an assertion of
 * cmocka's that doesn't hold.  Its own end in a function that may return.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#undef assert_true
#undef assert_false
#undef assert_non_null
#undef assert_null
#undef assert_int_equal
#undef assert_in_range
#undef fail_msg
#undef fail		/* a name that others have, too */
#define assert_true(c) ((c) ? (void)0 : abort())
#define assert_false(c) ((c) ? abort() : (void)0)
#define assert_non_null(p) assert_true((p) != NULL)
#define assert_null(p) assert_true((p) == NULL)
#define assert_int_equal(a, b) assert_true((long long)(a) == (long long)(b))
#define assert_in_range(n, low, high) \
	assert_true((unsigned long long)(n) >= (unsigned long long)(low) && \
	    (unsigned long long)(n) <= (unsigned long long)(high))
#define fail_msg(...) (print_error(__VA_ARGS__), abort())
