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
};

#endif
