/* SPDX-License-Identifier: ISC */
/*
 * The world as libESMTP sees it in this program: one host, which it reaches
 * through the mailer, by descriptor REDIRECT_FD, or itself; and of its plugins
 * those for PLAIN, LOGIN and CRAM-MD5, however a server spells others.
 *
 * Where the connection is in the clear, the mailer may give it away, greeted,
 * as REDIRECT_CONNECTION_FD.  By REDIRECT_FD then comes the greeting, and
 * nothing else goes by it either way.
 *
 * connect, socket, getaddrinfo, freeaddrinfo and dlopen are defined here for
 * the whole process, so that the library's calls bind to them.  They must stay
 * exported: with hidden visibility the library would silently get libc's.
 */
#ifndef SMTP_REDIRECT_H
#define SMTP_REDIRECT_H

enum { REDIRECT_FD = 4, REDIRECT_CONNECTION_FD = 5,
	/* The library's own: it closes what it got by socket(). */
	REDIRECT_LIBRARY_FD };

/* Before the first command is written. */
void redirect_greeted(void);
/* The library won't get any further; may be called by a signal's handler. */
void redirect_hang_up(void);

#endif
