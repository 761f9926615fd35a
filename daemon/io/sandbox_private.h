/* SPDX-License-Identifier: ISC */
/*
 * What the sandbox's files share: sandbox.c (the whole), sandbox_calls.c
 * (seccomp) and sandbox_places.c (Landlock).
 */
#ifndef IO_SANDBOX_PRIVATE_H
#define IO_SANDBOX_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "io/sandbox.h"

/*
 * A sanitizer's checks at the end of a process need threads, ptrace and its
 * own files under /proc: such a build keeps to what they bear.
 */
enum { SANDBOX_SANITIZED = ASSENT_SANITIZED };

struct sandbox {
	unsigned calls;
	bool anywhere;
	struct sandbox_path {
		char *path;	/* owned */
		enum sandbox_use use;
	} *paths;
	size_t path_count;
	uint16_t *ports;
	size_t port_count;
};

/* Is there a filter of calls in this kernel and this build? */
bool sandbox_has_calls(void);
/* Leaves these groups of calls.  0 or negative errno. */
int sandbox_limit_calls(unsigned calls);

/* The kernel's version of Landlock; 0: none, or too old to be of use. */
int sandbox_places_version(void);
/* Closes all places but those of the sandbox.  0 or negative errno. */
int sandbox_limit_places(const struct sandbox *);

#endif
