/* SPDX-License-Identifier: ISC */
/*
 * The world as libESMTP sees it in this program: one host, whose socket was
 * connected by the mailer and is descriptor REDIRECT_FD; and of its plugins
 * those for PLAIN, LOGIN and CRAM-MD5, however a server spells others.
 *
 * connect, socket, getaddrinfo, freeaddrinfo and dlopen are defined here for
 * the whole process, so that the library's calls bind to them.  They must stay
 * exported: with hidden visibility the library would silently get libc's.
 */
#ifndef SMTP_REDIRECT_H
#define SMTP_REDIRECT_H

enum { REDIRECT_FD = 4 };

#endif
