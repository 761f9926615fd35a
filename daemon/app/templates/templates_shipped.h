/* SPDX-License-Identifier: ISC */
/*
 * The templates as shipped, for the tests of them.
 */
#ifndef APP_TEMPLATES_SHIPPED_H
#define APP_TEMPLATES_SHIPPED_H

#include <stddef.h>

#include "app/templates/templates.h"
#include "base/slice.h"

enum { SHIPPED_LANGUAGES = 4 };

extern const char *const shipped_languages[SHIPPED_LANGUAGES];	/* "en" first */

/* A group's fixture: its state is a struct templates. */
int shipped_load(void **state);
int shipped_unload(void **state);
/* Characters; of the bytes, those that don't only continue one. */
size_t shipped_width(struct slice);

#endif
