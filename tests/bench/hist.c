/* SPDX-License-Identifier: ISC */
/*
 * Each power of two is cut into HIST_FINE slots of one width.
 */
#include "hist.h"

#include <stdio.h>

/* Up to 2 * HIST_FINE a slot is one nanosecond. */
static unsigned
row_of(uint64_t ns)
{
	unsigned row = 0;

	while (ns >> row >= 2 * HIST_FINE)
		row++;
	return ns < HIST_FINE ? 0 : row + 1;
}

static uint64_t
start_of(unsigned row, unsigned column)
{
	return row == 0 ? column :
	    (uint64_t)(HIST_FINE + column) << (row - 1);
}

void
hist_add(struct hist *h, uint64_t ns)
{
	unsigned row = row_of(ns);
	uint64_t column = row == 0 ? ns : (ns >> (row - 1)) - HIST_FINE;

	h->slot[row][column]++;
	h->count++;
	if (ns > h->most)
		h->most = ns;
}

uint64_t
hist_at(const struct hist *h, double part)
{
	uint64_t seen = 0;

	for (unsigned row = 0; row < HIST_COARSE; row++) {
		for (unsigned column = 0; column < HIST_FINE; column++) {
			seen += h->slot[row][column];
			if (seen > 0 && (double)seen >=
			    part * (double)h->count)
				return start_of(row, column);
		}
	}
	return h->most;
}

void
hist_print(const struct hist *h)
{
	static const struct {
		const char *name;
		double part;
	} points[] = {
		{ "p50", 0.5 }, { "p90", 0.9 }, { "p99", 0.99 },
		{ "p99.9", 0.999 },
	};

	for (unsigned i = 0; i < sizeof(points) / sizeof(points[0]); i++)
		printf("\"%s\": %.1f, ", points[i].name,
		    (double)hist_at(h, points[i].part) / 1e3);
	printf("\"max\": %.1f", (double)h->most / 1e3);
}
