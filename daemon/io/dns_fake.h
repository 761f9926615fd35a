/* SPDX-License-Identifier: ISC */
/*
 * A name server for tests: a process that listens on a free port of the
 * loopback.  The first label of a name says what it answers; see its table.
 * c-ares is linked with --wrap=ares_init_options, so that it waits for
 * milliseconds only.
 */
#ifndef IO_DNS_FAKE_H
#define IO_DNS_FAKE_H

#include <sys/types.h>

struct dns_fake {
	pid_t pid;
	char resolver[32];	/* "127.0.0.1:PORT" */
	int questions[2];	/* a byte can be read for each one asked */
};

struct dns_fake dns_fake_start(void);
void dns_fake_stop(struct dns_fake *);
/* How many questions it got since the last time. */
unsigned dns_fake_questions(struct dns_fake *);

#endif
