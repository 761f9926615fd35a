/* SPDX-License-Identifier: ISC */
/*
 * SipHash-2-4 of 0, 1, 2 ... under the key 0, 1, 2 ..., as its authors give it
 * (15 bytes: the paper's own example).
 */
#include "base/siphash.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const struct {
	size_t len;
	uint64_t want;
} cases[] = {
	{ 0, UINT64_C(0x726fdb47dd0e0e31) },
	{ 1, UINT64_C(0x74f839c593dc67fd) },
	{ 2, UINT64_C(0x0d6c8009d9a94f5a) },
	{ 7, UINT64_C(0xab0200f58b01d137) },
	{ 8, UINT64_C(0x93f5f5799a932462) },
	{ 15, UINT64_C(0xa129ca6149be45e5) },
	{ 16, UINT64_C(0x3f2acc7f57c29bdb) },
	{ 63, UINT64_C(0x958a324ceb064572) },
};

static void
test_vectors(void **state)
{
	uint8_t bytes[64];

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)i;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_true(siphash(bytes, slice_of(bytes, cases[i].len)) ==
		    cases[i].want);
}

static void
test_each_part_of_the_key_counts(void **state)
{
	uint8_t key[SIPHASH_KEY_SIZE] = { 0 };
	const uint64_t before = siphash(key, slice_str("jo"));

	(void)state;
	for (size_t i = 0; i < sizeof(key); i++) {
		key[i] = 1;
		assert_true(siphash(key, slice_str("jo")) != before);
		key[i] = 0;
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_each_part_of_the_key_counts),
	};

	return cmocka_run_group_tests_name("siphash", tests, NULL, NULL);
}
