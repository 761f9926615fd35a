/* SPDX-License-Identifier: ISC */
/*
 * The session's end of its channel to the mailer: frames as io/ipc writes
 * them, but blocking.
 */
#ifndef SMTP_CHANNEL_H
#define SMTP_CHANNEL_H

#include "core/session.pb-c.h"

/*
 * Waits for the setup, or the next mail.  1 and owned in *ret (session__…
 * __free_unpacked); 0 when the mailer has no more; -1 when it spoke nonsense.
 */
int channel_receive_setup(int fd, Session__Setup **ret);
int channel_receive_mail(int fd, Session__Mail **ret);
/* 0; -1 when the mailer is gone. */
int channel_send(int fd, const Session__Result *);

#endif
