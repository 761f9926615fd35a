/* SPDX-License-Identifier: ISC */
/*
 * A mailbox that was taken is one in its canonical form, too, has nothing in
 * it that would end a header or a command, and one key.
 */
#include "core/address.h"

#include <string.h>

#include "core/address_hint.h"
#include "fuzz.h"

static void
check_text(const char *text)
{
	MUST(strlen(text) <= ADDRESS_MAX);
	for (const char *p = text; *p != '\0'; p++)
		MUST(*p > ' ' && *p < 0x7f && strchr("<>\"(),:;\\[]", *p) ==
		    NULL);
	MUST(strchr(text, '@') != NULL && strchr(text, '@') ==
	    strrchr(text, '@'));
}

static void
check_uses(const struct address *address)
{
	static const char *const own[] = { "weekly@news.example.org",
		"@own.example" };
	char budget[ADDRESS_MAX + 1];
	const char *domain = address->key + address->local_len + 1;

	(void)address_is_refused(address, own, 2);
	address_budget_key(address, budget);
	check_text(budget);
	MUST(strlen(budget) <= strlen(address->key));
	MUST(address_hint(slice_str(domain)) == NULL ||
	    address_hint(slice_str(address_hint(slice_str(domain)))) == NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct address address, again;
	enum address_error error = address_parse(slice_of(data, size),
	    &address);

	MUST(error < ADDRESS_ERROR_END && address_error_name(error) != NULL);
	if (error != ADDRESS_OK)
		return 0;
	check_text(address.canonical);
	check_text(address.key);
	MUST(address.canonical[address.local_len] == '@' &&
	    address.key[address.local_len] == '@');
	MUST(address_parse(slice_str(address.canonical), &again) ==
	    ADDRESS_OK);
	MUST(strcmp(again.canonical, address.canonical) == 0 &&
	    strcmp(again.key, address.key) == 0);
	MUST(address_parse(slice_str(address.key), &again) == ADDRESS_OK);
	MUST(strcmp(again.key, address.key) == 0);
	check_uses(&address);
	return 0;
}
