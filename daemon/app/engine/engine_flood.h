/* SPDX-License-Identifier: ISC */
/*
 * Crowds in front of an engine, in a simulated time: people, who solve what is
 * asked of them and confirm what they get (most of them), and robots.
 */
#ifndef APP_ENGINE_FLOOD_H
#define APP_ENGINE_FLOOD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attack.h"
#include "core/price.h"

struct child;
struct flood;

/* Who posts. */
struct flood_actor {
	char address[48];
	unsigned mailbox;	/* the number of it, whatever the spelling */
	uint32_t ip;		/* IPv4 */
	int64_t at;		/* seconds from the start */
	bool is_person;
	bool is_forged;		/* a robot's: the Origin of a listed page */
	bool waits;		/* a robot that waits when it is asked to */
	/* What became of it. */
	unsigned challenged, mails;
	bool is_taken, has_confirmed;
	int64_t posted_at;	/* in the step that it fell into */
	int64_t mailed_at;	/* seconds from the start; -1: never */
	int64_t confirm_at;	/* when it will; -1: not */
	char token[64];
};

/* When each dimension was first and last not calm: seconds, -1 never. */
struct flood_seen {
	int64_t on, off, rush, calm;
};

struct flood_result {
	struct flood_seen seen[ATTACK_DIMENSIONS];
	unsigned max_per_mailbox;	/* mails */
};

/* Runs them, sorted by time, until `end` (seconds) in steps; within a life. */
void flood_run(struct child *, struct flood_actor *, size_t count,
    int64_t end, int64_t step, struct flood_result *ret_result);

#endif
