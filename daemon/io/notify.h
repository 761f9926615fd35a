/* SPDX-License-Identifier: ISC */
/*
 * Tells a service manager how we are: one datagram to $NOTIFY_SOCKET, as
 * sd_notify(3) describes it.
 */
#ifndef IO_NOTIFY_H
#define IO_NOTIFY_H

#include <stdint.h>

/* "READY=1".  Does nothing when nobody asked to be told; errors are ignored:
 * a service must not stop for want of a listener. */
void notify_send(const char *state);
/* "RELOADING=1", and when that began. */
void notify_reloading(void);
/*
 * How often to say "WATCHDOG=1", in microseconds, for a manager that starts
 * us anew when it hears nothing for twice as long; 0: none does.
 */
int64_t notify_watchdog_us(void);

#endif
