/* SPDX-License-Identifier: ISC */
/*
 * One SMTP connection by libESMTP: mails come from the channel one at a time
 * and each is answered with its result before the next one is asked for.
 */
#ifndef SMTP_SESSION_H
#define SMTP_SESSION_H

/*
 * Takes its setup from the channel and sends until that ends, the server goes
 * away, or a mail isn't accepted.  0; -1 when the channel broke.
 */
int session_run(int channel);

#endif
