/* SPDX-License-Identifier: ISC */
/*
 * Accept-Language and tags: the choice is one of those on offer, and whoever
 * asks for one of them by its name gets it.
 */
#include "core/lang.h"

#include "fuzz.h"

enum { OFFERED = 4 };

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char en[] = "en", de[] = "de", pt[] = "pt-BR",
	    zh[] = "zh-Hant-TW";
	static char *const offered[OFFERED] = { en, de, pt, zh };
	struct slice text = slice_of(data, size);
	int matched = lang_match(text, offered, OFFERED);
	int chosen = lang_negotiate(text, offered, OFFERED);

	MUST(matched >= -1 && matched < OFFERED);
	MUST(chosen >= -1 && chosen < OFFERED);
	if (lang_is_tag(text)) {
		MUST(size <= LANG_TAG_MAX);
		MUST(matched == chosen);
	}
	for (int i = 0; i < OFFERED; i++)
		MUST(!slice_ieq_str(text, offered[i]) || matched == i);
	return 0;
}
