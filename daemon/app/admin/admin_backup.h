/* SPDX-License-Identifier: ISC */
/*
 * What admin_backup.c needs to hear of.  For the admin process alone.
 */
#ifndef APP_ADMIN_BACKUP_H
#define APP_ADMIN_BACKUP_H

#include "app/child_copy.h"

struct admin;

/* The copy that was asked for has ended. */
void admin_backup_copied(struct admin *, enum copy_end);
/* The process ends. */
void admin_backup_free(struct admin *);

#endif
