/* SPDX-License-Identifier: ISC */
/*
 * What each process may do once it has what it needs: its sandbox, made of the
 * config's own paths.
 */
#ifndef APP_CONFINE_H
#define APP_CONFINE_H

#include "app/child.h"

/*
 * The parent, after the start was prepared and before anything is forked; its
 * children can't do more.  0; or -1 after telling in the log why not.
 */
int confine_parent(void);
/*
 * A child, which is its user already, before it reads what others say.  What
 * it has open stays open.  0; or -1 after telling why not.
 */
int confine_child(enum role, const struct config *);

#endif
