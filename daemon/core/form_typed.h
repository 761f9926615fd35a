/* SPDX-License-Identifier: ISC */
/*
 * What somebody typed into a form that has to be mended, so that it need not
 * be typed again.  It is still a stranger's text: escaped where it is shown,
 * and shown only to whoever typed it.
 */
#ifndef CORE_FORM_TYPED_H
#define CORE_FORM_TYPED_H

#include "core/form_names.h"

struct form;
struct form_pairs;

struct form_typed {
	enum form_field field;	/* an email, a name, a list's own field; all
				 * else is for hidden fields */
	const char *name;	/* its own; borrowed from config or static */
	char *value;		/* text without controls; after an error at
				 * most 2048 bytes */
};

/*
 * Keeps in `form` what it needs to be shown again; its redirect must have been
 * read.  Traps, tokens, consent and what is nobody's field are left out, and
 * so is what is no text.
 */
void form_typed_read(struct form *form, const struct form_pairs *,
    const struct config *);
void form_typed_free(struct form *form);
/*
 * Calls on_pair for each pair of a form that is read as this one was: which
 * was in order, and had kept what was typed.  Its traps are left out.
 */
void form_typed_each(const struct form *,
    void (*on_pair)(const char *name, const char *value, void *arg),
    void *arg);
/* The value of such a field; "" when there is none.  Borrowed. */
const char *form_typed_value(const struct form *, enum form_field,
    const char *name);

#endif
