/* SPDX-License-Identifier: ISC */
/*
 * The A-labels of a domain are their own A-labels.
 */
#include "base/idn.h"

#include <string.h>

#include "base/utf8.h"
#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice domain = slice_of(data, size);
	char *alabels, *again;

	if (!utf8_is_valid(domain) || size > 255)
		return 0;
	alabels = idn_to_alabels(domain);
	if (alabels == NULL)
		return 0;
	for (const char *p = alabels; *p != '\0'; p++)
		MUST(*p > ' ' && *p < 0x7f && !(*p >= 'A' && *p <= 'Z'));
	again = idn_to_alabels(slice_str(alabels));
	MUST(again != NULL && strcmp(alabels, again) == 0);
	free(again);
	free(alabels);
	return 0;
}
