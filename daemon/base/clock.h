/* SPDX-License-Identifier: ISC */
/*
 * The two clocks.  Wall time is for stamps and expiry, monotonic time for
 * timeouts; core/ gets either as an argument.  Wall time is an int64_t of
 * microseconds since 1970 (UTC), durations are seconds.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

#define CLOCK_SECOND INT64_C(1000000)
enum { CLOCK_RFC3339_SIZE = 32, CLOCK_RFC5322_SIZE = 40 };

int64_t clock_wall_us(void);
int64_t clock_monotonic_ms(void);
/* The same clock, for what takes less. */
int64_t clock_monotonic_us(void);
/* One that nobody can set either, and that goes on while the machine sleeps. */
int64_t clock_boot_us(void);
/* "2026-11-23T05:32:00Z" (RFC 3339). */
void clock_rfc3339(int64_t wall_us, char ret_text[CLOCK_RFC3339_SIZE]);
/* "Mon, 23 Nov 2026 05:32:00 +0000" (RFC 5322 §3.3). */
void clock_rfc5322(int64_t wall_us, char ret_text[CLOCK_RFC5322_SIZE]);
/* Reads what clock_rfc3339 writes, or a bare date; -1 when it is neither. */
int clock_parse_rfc3339(const char *text, int64_t *ret_wall_us);

#endif
