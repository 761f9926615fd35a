/* SPDX-License-Identifier: ISC */
/*
 * What libevent is told once, before anything of it is used.
 */
#ifndef IO_EVENTS_H
#define IO_EVENTS_H

/*
 * Its memory comes from base/mem, in this process and those it forks: an event
 * that was never added for want of it would be waited for in vain.
 */
void events_start(void);

#endif
