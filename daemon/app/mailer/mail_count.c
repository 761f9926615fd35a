/* SPDX-License-Identifier: ISC */
/*
 * One count for each try, and how long what came to the server took.
 */
#include "app/mailer/mail_count.h"

#include <strings.h>

#include "app/metrics/metrics.h"
#include "base/clock.h"
#include "core/record.pb-c.h"

struct mail_times
mail_times_now(int64_t queued_at)
{
	return (struct mail_times){ queued_at, clock_monotonic_us() };
}

static unsigned
place_of(const char *kind)
{
	const ProtobufCEnumDescriptor *kinds =
	    &record__outbox__kind__descriptor;
	unsigned i = 0;

	while (i < kinds->n_values &&
	    strcasecmp(kinds->values[i].name, kind) != 0)
		i++;
	return i;
}

void
mail_count(struct metrics *metrics, const char *kind,
    const struct mail_times *times, Message__MailResult__Outcome outcome)
{
	int64_t age = clock_wall_us() - times->queued_at;

	metrics_add(metrics, METRICS_MAILS,
	    METRICS_AT(place_of(kind), outcome), 1);
	if (outcome != MESSAGE__MAIL_RESULT__OUTCOME__UNTRIED &&
	    outcome != MESSAGE__MAIL_RESULT__OUTCOME__OURS)
		metrics_observe(metrics, METRICS_MAIL_TIME, METRICS_AT(0),
		    (uint64_t)(clock_monotonic_us() - times->begun_at));
	if (outcome == MESSAGE__MAIL_RESULT__OUTCOME__SENT)
		metrics_observe(metrics, METRICS_MAIL_AGE, METRICS_AT(0),
		    age > 0 ? (uint64_t)age : 0);
}
