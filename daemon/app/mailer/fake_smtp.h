/* SPDX-License-Identifier: ISC */
/*
 * A scripted mail server for tests: a process that listens on a free port of
 * the loopback and answers each command as it is told.
 */
#ifndef APP_FAKE_SMTP_H
#define APP_FAKE_SMTP_H

#include <sys/types.h>

#include <stdint.h>

/* An answer with its line ends; NULL hangs up, "" never answers. */
struct fake_script {
	const char *greeting, *ehlo, *helo, *mail, *rcpt, *data;
	/* "%" in it becomes "N CRC": of this connection's mail N (from 1),
	 * the CRC-32 of what came, unstuffed. */
	const char *dot;
	unsigned mails;		/* of a connection; then no more answers; 0:
				 * any number */
};

struct fake_smtp {
	pid_t pid;
	uint16_t port;
};

/* Listens; it dies with fake_smtp_stop.  Port 0: any free one. */
struct fake_smtp fake_smtp_start(const struct fake_script *, uint16_t port);
void fake_smtp_stop(struct fake_smtp *);

#endif
