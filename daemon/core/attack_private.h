/* SPDX-License-Identifier: ISC */
/*
 * What is counted for one source, as attack.c keeps it and attack_judge.c
 * judges it.
 */
#ifndef CORE_ATTACK_PRIVATE_H
#define CORE_ATTACK_PRIVATE_H

#include "core/attack.h"

enum { HOUR_SLOTS = 3600 / ATTACK_SLOT_SECONDS,
	DAY_SLOTS = 24 * HOUR_SLOTS };
_Static_assert((int)ATTACK_SLOTS > (int)DAY_SLOTS + (int)HOUR_SLOTS,
    "a day and an hour fit");

struct attack_slot {
	uint32_t number;	/* of ATTACK_SLOT_SECONDS since 1970 */
	uint32_t fact[ATTACK_FACTS];
};

struct attack_entry {
	uint64_t key;
	enum attack_state state;
	enum attack_why why;
	int64_t since;
	uint32_t last;		/* its newest slot's number; 0: unused */
	uint32_t asked, notme;	/* at most so many are in its slots */
	char name[ATTACK_NAME_SIZE];
	struct attack_slot slot[ATTACK_SLOTS];
};

/* The slot that a time falls in. */
uint32_t attack_slot_number(int64_t when);
/* The state it should be in, and why. */
enum attack_state attack_judge(const struct attack_entry *,
    enum attack_dimension, int64_t now, enum attack_why *ret_why);
struct attack_figures attack_figures_of(const struct attack_entry *,
    enum attack_dimension, int64_t now);

#endif
