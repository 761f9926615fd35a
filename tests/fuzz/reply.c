/* SPDX-License-Identifier: ISC */
/*
 * What a mail server says: judged, and masked for the log, so that of an
 * address no more than a letter stands before its domain.
 */
#include "core/reply.h"

#include <string.h>

#include "base/utf8.h"
#include "fuzz.h"

static void
check_masked(struct slice reply, const char *masked)
{
	static const char ellipsis[] = "\xe2\x80\xa6";

	MUST(strlen(masked) <= 4 * reply.len);
	MUST(utf8_is_valid(slice_str(masked)) || !utf8_is_valid(reply));
	for (const char *at = masked; (at = strchr(at, '@')) != NULL; at++)
		MUST(slice_ends(slice_of(masked, (size_t)(at - masked)),
		    ellipsis) || slice_starts(slice_str(at + 1), ellipsis));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice reply;
	char *masked;

	if (size == 0)
		return 0;
	reply = slice_of(data + 1, size - 1);
	MUST(reply_judge((Session__Result__Stage)data[0], reply) <=
	    MESSAGE__MAIL_RESULT__OUTCOME__UNTRIED);
	if (reply_is_no_mailbox(reply))
		MUST(slice_starts(reply, "5"));
	if (slice_find(reply, '\0') >= 0)
		return 0;
	masked = reply_mask(reply);
	check_masked(reply, masked);
	free(masked);
	return 0;
}
