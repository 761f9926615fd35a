/* SPDX-License-Identifier: ISC */
/*
 * For tests of the server: its client, in the same process and on the same
 * loop, which has to run for anything to be said or heard.
 */
#ifndef IO_HTTP_TALK_H
#define IO_HTTP_TALK_H

#include <netinet/in.h>

#include <stdbool.h>

#include "base/buf.h"
#include "base/slice.h"

struct event_base;

/* A listener on the loopback, on a port that is free; tells its address. */
int talk_listen(struct sockaddr_in *ret_address);
/* Lets the server work for that long, once at least. */
void talk_run(struct event_base *, int ms);
void talk_say(int fd, struct slice text);
/* Adds what has come; true at the end of it. */
bool talk_hear(int fd, struct buf *out);
/* Works until the server closes, and closes too; owned. */
char *talk_hear_all(struct event_base *, int fd);

#endif
