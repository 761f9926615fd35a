/* SPDX-License-Identifier: ISC */
/*
 * The watch, as watch.c keeps it and op_watch.c stores it.
 */
#ifndef APP_WATCH_PRIVATE_H
#define APP_WATCH_PRIVATE_H

#include "app/engine/watch.h"

struct watch {
	struct attack *attack;
	Record__Watch__Mode mode;
	bool has_changed;		/* since it was written */
	bool is_saving;			/* its writing is queued */
	int64_t told_at[ATTACK_DIMENSIONS];	/* the owner */
	struct watch_news {		/* to be told */
		bool is_there;
		struct attack_figures figures;	/* its source is `name`'s */
		char name[ATTACK_NAME_SIZE];
	} news[ATTACK_DIMENSIONS];
};

/* Tells the owner, by mail, what there is to tell. */
void watch_tell(struct turn *);

#endif
