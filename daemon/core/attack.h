/* SPDX-License-Identifier: ISC */
/*
 * Telling an attack from a good day, by what became of the posts before: how
 * many were never confirmed, how many said "not me", and how many there are
 * in an hour compared with the hours before.  Watched for each form, each
 * page, each network, and all together; in bounded memory.
 *
 * Many posts alone make a rush only: that may be somebody on television.  An
 * attack is one that nobody confirms.  Both end by themselves.
 */
#ifndef CORE_ATTACK_H
#define CORE_ATTACK_H

#include <stddef.h>
#include <stdint.h>

/* Stored: a number keeps its meaning. */
enum attack_dimension { ATTACK_TOTAL, ATTACK_LIST, ATTACK_ORIGIN, ATTACK_SITE,
	ATTACK_DIMENSIONS };
enum attack_state { ATTACK_CALM, ATTACK_RUSH, ATTACK_ON, ATTACK_STATES };
enum attack_fact {
	ATTACK_POSTED,		/* a post was taken */
	ATTACK_CHALLENGED,	/* one had to show more */
	ATTACK_ASKED,		/* its mail has left, or never will */
	ATTACK_CONFIRMED,	/* of those asked at that time */
	ATTACK_NOTME,		/* the same */
	ATTACK_FACTS
};
enum attack_why { ATTACK_MANY_POSTS, ATTACK_UNCONFIRMED, ATTACK_NOT_ME,
	ATTACK_OVER, ATTACK_WHYS };

/* What counts are kept in: 20 minutes each, for a day and an hour. */
enum { ATTACK_SLOT_SECONDS = 1200, ATTACK_SLOTS = 76, ATTACK_NAME_SIZE = 64 };

struct attack_source {
	enum attack_dimension dimension;
	uint64_t key;		/* within it */
	const char *name;	/* for people; cut to ATTACK_NAME_SIZE - 1 */
};

/* What is known of one, for people. */
struct attack_figures {
	struct attack_source source;
	enum attack_state state;
	enum attack_why why;	/* it is in that state */
	int64_t since;		/* seconds since 1970 */
	uint32_t posts;		/* in the last hour, */
	uint32_t usual;		/* and in an hour as usual */
	uint32_t asked, confirmed, notme;	/* of a day, but the last hour
						 * of `confirmed` is young */
};

struct attack;
typedef void (*attack_callback)(const struct attack_figures *, void *arg);

/* on_change is told each change of a state.  Owned. */
struct attack *attack_new(attack_callback on_change, void *arg);
void attack_free(struct attack *);

/* One more, which belongs to that time; both in seconds since 1970. */
void attack_count(struct attack *, const struct attack_source *,
    enum attack_fact, int64_t when, int64_t now);
enum attack_state attack_state_of(const struct attack *,
    enum attack_dimension, uint64_t key);
/* Looks what time has changed: once a minute. */
void attack_look(struct attack *, int64_t now);
/* Tells of all that are not calm. */
void attack_each(const struct attack *, int64_t now, attack_callback,
    void *arg);
/* "total", "list", "origin", "network"; "calm", "rush", "attack"; and why. */
const char *attack_dimension_name(enum attack_dimension);
const char *attack_state_name(enum attack_state);
const char *attack_why_name(enum attack_why);

/* What outlives a process: one row for each that is worth it. */
struct attack_row {
	struct attack_figures head;	/* its name is borrowed */
	size_t count;
	struct attack_row_slot {
		uint32_t slot, fact[ATTACK_FACTS];
	} slot[ATTACK_SLOTS];
};
void attack_save(const struct attack *,
    void (*on_row)(const struct attack_row *, void *arg), void *arg);
void attack_load(struct attack *, const struct attack_row *);

#endif
