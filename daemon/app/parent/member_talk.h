/* SPDX-License-Identifier: ISC */
/*
 * The parent's end of a control channel.  What is sent to a child that isn't
 * running is dropped; one that reads nothing any more is killed.
 */
#ifndef APP_MEMBER_TALK_H
#define APP_MEMBER_TALK_H

#include <stdbool.h>

#include "app/child_start.h"

struct generation;
struct member;

void member_send(struct member *m, enum control_type type);
/* The end of a connection to the other one; the fd stays the caller's. */
void member_send_peer(struct member *m, const struct member *peer, int fd);
/* How the other one is. */
void member_send_report(struct member *admin, const struct member *m);
/* The engine is to go by that generation's settings. */
void member_send_settings(struct member *m, const struct generation *g);
/* It writes its log to where we do. */
void member_send_log(struct member *m);
/* How loading went; `why`: a file's fd, or -1. */
void member_send_load(struct member *m, const struct child_load *, int why);
/* How copying ended; is it what this one asked for? */
void member_send_copied(struct member *m, enum copy_end end, bool own);

/* Its channel has something to read; the argument is the member. */
void member_on_control(int channel, short what, void *arg);
/*
 * Kills one that misses what it should have got: started anew, it gets all of
 * it, and nothing else helps.
 */
void member_give_up(const struct member *, int error);

#endif
