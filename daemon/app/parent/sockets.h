/* SPDX-License-Identifier: ISC */
/*
 * The listening sockets of a generation: the public ones, in the order of the
 * config's listeners, then admin's.  An address that the next generation has
 * too keeps its very socket, and with it whoever waits to be accepted.
 */
#ifndef APP_SOCKETS_H
#define APP_SOCKETS_H

#include <stdbool.h>
#include <stddef.h>

struct sockets {
	int *fds;		/* -1: another's now */
	char **names;		/* as the config writes them */
	bool *passed;		/* by a service manager: its to remove */
	size_t count, public_count;
};

/* Takes the fd. */
void sockets_add(struct sockets *, const char *name, int fd, bool passed);
/*
 * The fd of that address, borrowed, but of none that `taken` has already; -1
 * when there is none.  Port 0 stands for whatever it was before.  Public and
 * admin's never take each other's place: files of theirs have other modes.
 */
int sockets_find(const struct sockets *, bool is_public, const char *name,
    const struct sockets *taken);
bool sockets_have(const struct sockets *, int fd);
/* Those that the other has too are the other's alone from now on. */
void sockets_leave_to(struct sockets *, const struct sockets *other);
/* Closes them. */
void sockets_close(struct sockets *);
/*
 * Closes them, and removes the files of UNIX sockets at once, although a
 * process that leaves may still hold one.
 */
void sockets_drop(struct sockets *);
/* Removes those files at the end of all, where nobody listens. */
void sockets_remove(const struct sockets *);
/* Closes nothing. */
void sockets_free(struct sockets *);

#endif
