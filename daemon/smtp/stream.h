/* SPDX-License-Identifier: ISC */
/*
 * What libESMTP writes and reads.  It writes in small pieces, each a system
 * call, and doesn't look whether one has failed, so that a message could
 * arrive with a hole in it.  So read, write and poll are defined here for the
 * whole process, as smtp/redirect has connect: on the library's descriptor
 * they gather what is written until it waits for an answer, and after a
 * failure nothing more is written.
 */
#ifndef SMTP_STREAM_H
#define SMTP_STREAM_H

#include <stdbool.h>

/* Has the server said something that the library hasn't read yet? */
bool stream_has_input(void);

#endif
