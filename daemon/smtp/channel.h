/* SPDX-License-Identifier: ISC */
/*
 * The session's end of its channel to the mailer: frames as io/ipc writes
 * them, but blocking.
 */
#ifndef SMTP_CHANNEL_H
#define SMTP_CHANNEL_H

#include <stddef.h>

#include "core/session.pb-c.h"

/* Embedded: channel_init, then channel_fini. */
struct channel {
	int fd;
	char *in;		/* what came and wasn't taken yet */
	size_t in_len, in_cap;
};

/* Borrows the descriptor. */
void channel_init(struct channel *, int fd);
void channel_fini(struct channel *);
/*
 * Waits for the setup, or the next mail.  1 and owned in *ret (session__…
 * __free_unpacked); 0 when the mailer has no more; -1 when it spoke nonsense.
 */
int channel_receive_setup(struct channel *, Session__Setup **ret);
int channel_receive_mail(struct channel *, Session__Mail **ret);
/* 0; -1 when the mailer is gone. */
int channel_send(struct channel *, const Session__Result *);

#endif
