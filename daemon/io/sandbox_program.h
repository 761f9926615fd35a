/* SPDX-License-Identifier: ISC */
/*
 * What it takes to start another program from within a sandbox.
 */
#ifndef IO_SANDBOX_PROGRAM_H
#define IO_SANDBOX_PROGRAM_H

#include "io/sandbox.h"

/*
 * Allows the places of the program at that path: its folder, so that a new
 * version of it may take its place, its loader and its libraries.
 */
void sandbox_program_allow(struct sandbox *, const char *path);

#endif
