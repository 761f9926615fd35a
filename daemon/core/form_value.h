/* SPDX-License-Identifier: ISC */
/*
 * The values of a form's fields: what each type of field takes.
 */
#ifndef CORE_FORM_VALUE_H
#define CORE_FORM_VALUE_H

#include <stdbool.h>

#include "base/slice.h"
#include "core/config.h"

/* Of a field without a maximum of its own: bytes. */
enum { FORM_VALUE_MAX = 1000 };

/*
 * A trimmed, filled-in value of a list's own field: no longer than its max,
 * UTF-8 without controls, and what its type says.  A number is decimal, with
 * a fraction or without; a date YYYY-MM-DD; a URL http or https.
 */
bool form_value_fits(const struct config_field *field, struct slice value);

/* Text of at most max bytes of UTF-8 without controls; joiners may be. */
bool form_value_is_text(struct slice value, size_t max);

/* A ticked box: filled in, and not "0", "false", "off" or "no". */
bool form_value_is_yes(struct slice value);

#endif
