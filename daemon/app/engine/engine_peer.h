/* SPDX-License-Identifier: ISC */
/*
 * The other processes as the engine sees them: connections that ask, each in
 * its role.
 */
#ifndef APP_ENGINE_PEER_H
#define APP_ENGINE_PEER_H

#include <stdbool.h>
#include <stdint.h>

#include "app/child.h"

struct engine;
struct ipc;

/* All webs and the others, and of several generations: a reload starts new
 * ones while the old finish what they have. */
enum { ENGINE_PEERS_MAX = 4096 };

/* A connection to another process. */
struct peer {
	struct engine *engine;
	struct ipc *ipc;	/* NULL: not there now */
	enum role role;
	unsigned index;
	uint32_t generation;	/* of all connections, which they count */
};

/* Of a role's peers the one that came last; NULL when there is none. */
struct peer *engine_peer(struct engine *, enum role, unsigned index);
/* Takes the fd: one more peer.  The one before it may still be there. */
void engine_peer_connect(struct engine *, enum role, unsigned index, int fd);
/* Whoever hung up has said all that is to be heard of it: did all? */
bool engine_peers_are_gone(const struct engine *);
/* Hangs up on all; only before the engine ends. */
void engine_peers_close(struct engine *);

#endif
