/* SPDX-License-Identifier: ISC */
/*
 * Reads the clocks and writes times down, in UTC and in no locale.
 */
#include "base/clock.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static int64_t
read_clock(clockid_t id, int64_t per_second)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * per_second +
	    (int64_t)ts.tv_nsec / (INT64_C(1000000000) / per_second);
}

int64_t
clock_wall_us(void)
{
	return read_clock(CLOCK_REALTIME, CLOCK_SECOND);
}

int64_t
clock_monotonic_ms(void)
{
	return read_clock(CLOCK_MONOTONIC, 1000);
}

int64_t
clock_monotonic_us(void)
{
	return read_clock(CLOCK_MONOTONIC, CLOCK_SECOND);
}

int64_t
clock_boot_us(void)
{
	return read_clock(CLOCK_BOOTTIME, CLOCK_SECOND);
}

static struct tm
utc(int64_t wall_us)
{
	time_t t = (time_t)(wall_us / CLOCK_SECOND);
	struct tm tm;

	if (gmtime_r(&t, &tm) == NULL)
		memset(&tm, 0, sizeof(tm));
	return tm;
}

void
clock_rfc3339(int64_t wall_us, char ret_text[CLOCK_RFC3339_SIZE])
{
	struct tm tm = utc(wall_us);

	if (strftime(ret_text, CLOCK_RFC3339_SIZE, "%Y-%m-%dT%H:%M:%SZ",
	    &tm) == 0)
		ret_text[0] = '\0';
}

void
clock_rfc5322(int64_t wall_us, char ret_text[CLOCK_RFC5322_SIZE])
{
	struct tm tm = utc(wall_us);

	/* English, because no program of ours calls setlocale. */
	if (strftime(ret_text, CLOCK_RFC5322_SIZE,
	    "%a, %d %b %Y %H:%M:%S +0000", &tm) == 0)
		ret_text[0] = '\0';
}

int
clock_parse_rfc3339(const char *text, int64_t *ret_wall_us)
{
	char whole[CLOCK_RFC3339_SIZE], again[CLOCK_RFC3339_SIZE];
	bool is_date = strlen(text) == strlen("2026-11-23");
	struct tm tm = { 0 };
	int64_t wall_us;

	snprintf(whole, sizeof(whole), "%s%s", text,
	    is_date ? "T00:00:00Z" : "");
	if (strptime(whole, "%Y-%m-%dT%H:%M:%SZ", &tm) == NULL)
		return -1;
	wall_us = (int64_t)timegm(&tm) * CLOCK_SECOND;
	/*
	 * strptime takes blanks, short numbers, the 31st of February and
	 * whatever follows: a time is one if it is written the same again.
	 */
	clock_rfc3339(wall_us, again);
	if (strcmp(again, whole) != 0)
		return -1;
	*ret_wall_us = wall_us;
	return 0;
}
