/* SPDX-License-Identifier: ISC */
/*
 * Parameters that several commands take.
 */
#ifndef APP_ADMIN_PARAMETER_H
#define APP_ADMIN_PARAMETER_H

#include "app/admin/admin.h"

/* The parameter `address`; NULL after having refused it. */
char *admin_parameter_address(struct admin_call *);
/*
 * The parameter `list` as the list's name, "" when it wasn't given; NULL
 * after having refused it.
 */
char *admin_parameter_list(struct admin_call *);
/* Is a parameter there, and no "0"? */
bool admin_parameter_flag(struct admin_call *, const char *name);

#endif
