/* SPDX-License-Identifier: ISC */
/*
 * Listening sockets that a service manager bound before it started us, as
 * sd_listen_fds(3) describes it: they go on taking connections while one
 * process ends and the next one starts.
 */
#ifndef IO_PASSED_H
#define IO_PASSED_H

#include <stdbool.h>

#include "io/net.h"

struct buf;
struct passed;

/*
 * Takes over what was passed, nothing as a rule: the environment forgets it,
 * and no program that we start gets it.  NULL, and one line added to `error`,
 * when one of them is nothing to accept connections on, or takes others than
 * its address says.  Before any other file is opened.
 */
struct passed *passed_take(struct buf *error);
/* The one bound to that address, the caller's from now on; -1: none is. */
int passed_claim(struct passed *, const struct net_address *);
/* Whether one is bound to that address, claimed or not; false for NULL. */
bool passed_has(const struct passed *, const struct net_address *);
/* One that nobody claimed, as net_name says it; false: there is none. */
bool passed_left(const struct passed *, char ret_name[NET_NAME_SIZE]);
/* Closes those that nobody claimed. */
void passed_free(struct passed *);

#endif
