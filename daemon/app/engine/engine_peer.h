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

enum { ENGINE_PEERS_MAX = 256 + ROLE_COUNT };	/* all webs and the others */

/* A connection to another process. */
struct peer {
	struct engine *engine;
	struct ipc *ipc;	/* NULL: not there now */
	enum role role;
	unsigned index;
	uint32_t generation;	/* counts its connections */
};

/* The peer of a role; NULL when it isn't connected. */
struct peer *engine_peer(struct engine *, enum role, unsigned index);
/* Takes the fd, that peer's connection from now on. */
void engine_peer_connect(struct engine *, enum role, unsigned index, int fd);
/* Whoever hung up has said all that is to be heard of it: did all? */
bool engine_peers_are_gone(const struct engine *);
/* Hangs up on all; only before the engine ends. */
void engine_peers_close(struct engine *);

#endif
