/* SPDX-License-Identifier: ISC */
/*
 * RFC 5321 §4.2.1 and §4.5.4.1 as a table of stages: a 5yz to the recipient
 * or the message is about them, a 5yz to anything else is about us.  Of a
 * reply that isn't otherwise known its first digit counts (§4.3.2): so any
 * 2yz to the final dot says that the mail was taken.
 */
#include "core/reply.h"

#include <stdint.h>

#include "base/num.h"

#define OUTCOME(x) MESSAGE__MAIL_RESULT__OUTCOME__##x
#define STAGE(x) SESSION__RESULT__STAGE__##x

static const struct {
	Message__MailResult__Outcome temporary, permanent;
} stages[] = {
	[STAGE(CONNECT)] = { OUTCOME(UNTRIED), OUTCOME(OURS) },
	[STAGE(AUTH)] = { OUTCOME(UNTRIED), OUTCOME(OURS) },
	[STAGE(NO_AUTH)] = { OUTCOME(OURS), OUTCOME(OURS) },
	[STAGE(MAIL)] = { OUTCOME(RETRY), OUTCOME(OURS) },
	[STAGE(RCPT)] = { OUTCOME(RETRY), OUTCOME(REFUSED) },
	[STAGE(DATA)] = { OUTCOME(RETRY), OUTCOME(REFUSED) },
	[STAGE(LOCAL)] = { OUTCOME(OURS), OUTCOME(OURS) },
};

/*
 * Enhanced codes X.7.n (RFC 3463, RFC 7372, RFC 7489 and Microsoft's 515) by
 * which a server says what it thinks of the sender, not of the recipient.
 */
static const struct {
	uint64_t first, last;
} sender_policy[] = { { 20, 20 }, { 23, 32 }, { 515, 515 } };

/* Replies about the client's rights, whatever they answer. */
static const uint64_t about_us[] = { 530, 534, 535, 538 };

static bool
is_about_us(uint64_t code)
{
	for (size_t i = 0; i < sizeof(about_us) / sizeof(about_us[0]); i++) {
		if (about_us[i] == code)
			return true;
	}
	return false;
}

/* "4.7.n" or "5.7.n" after the code, n of sender_policy. */
static bool
is_sender_policy(struct slice text)
{
	struct slice word, part;
	uint64_t n;

	if (!slice_split(&text, ' ', &word) ||
	    !slice_split(&word, '.', &part) ||
	    !(slice_eq_str(part, "4") || slice_eq_str(part, "5")) ||
	    !slice_split(&word, '.', &part) || !slice_eq_str(part, "7") ||
	    num_parse_u64(word, &n) != 0)
		return false;
	for (size_t i = 0; i < sizeof(sender_policy) /
	    sizeof(sender_policy[0]); i++) {
		if (n >= sender_policy[i].first && n <= sender_policy[i].last)
			return true;
	}
	return false;
}

Message__MailResult__Outcome
reply_judge(Session__Result__Stage stage, struct slice reply)
{
	uint64_t code;

	if ((size_t)stage >= sizeof(stages) / sizeof(stages[0]))
		return OUTCOME(OURS);
	if (num_parse_range(slice_sub(reply, 0, 3), 200, 599, &code) != 0)
		return stages[stage].temporary;
	if (code < 300 && stage == STAGE(DATA))
		return OUTCOME(SENT);
	if (code >= 400 && (is_about_us(code) ||
	    is_sender_policy(slice_sub(reply, 4, reply.len))))
		return OUTCOME(OURS);
	/* RFC 5321 §4.5.3.1.10: a 552 to RCPT means 452. */
	if (code < 500 || (code == 552 && stage == STAGE(RCPT)))
		return stages[stage].temporary;
	return stages[stage].permanent;
}

bool
reply_is_no_mailbox(struct slice reply)
{
	static const char *const codes[] = { "5.1.1", "5.1.2", "5.1.3",
		"5.1.6", "5.1.10", "5.2.1" };
	struct slice rest = slice_sub(reply, 4, reply.len), word;

	if (!slice_starts(reply, "5") || !slice_split(&rest, ' ', &word))
		return false;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		if (slice_eq_str(word, codes[i]))
			return true;
	}
	return false;
}
