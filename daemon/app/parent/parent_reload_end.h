/* SPDX-License-Identifier: ISC */
/*
 * The ends that the steps of parent_reload.c come to.  For that file alone.
 */
#ifndef APP_PARENT_RELOAD_END_H
#define APP_PARENT_RELOAD_END_H

struct parent;

/* Whoever asked so far hears of the next end. */
void parent_reload_answer(struct parent *p);
/* Nothing of it is left; all who wait are told. */
void parent_reload_finish(struct parent *p);
/* All is as it was before; why: what stands in the reload's `why`. */
void parent_reload_refuse(struct parent *p);
void parent_reload_refuse_for(struct parent *p, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Because that process ended. */
void parent_reload_refuse_death(struct parent *p, const char *who,
    int wait_status);
/* That may not be the config's fault: once more when it is back. */
void parent_reload_lose_engine(struct parent *p);
/* The next generation is ready: it serves, and the former one leaves. */
void parent_reload_serve(struct parent *p);
/* The former one has left: whoever connects now meets the new config. */
void parent_reload_succeed(struct parent *p);

#endif
