/* SPDX-License-Identifier: ISC */
/*
 * The first half of reading a subscribe form: which field each pair is, which
 * lists are asked for (they declare fields of their own), and the value of
 * each field that comes once.  core/form checks the values.
 */
#ifndef CORE_FORM_PAIRS_H
#define CORE_FORM_PAIRS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/slice.h"
#include "core/form.h"
#include "core/form_names.h"

/* One list may come from the path, besides those of the pairs. */
enum { FORM_LISTS_MAX = FORM_PAIRS_MAX + 1 };

/* A plain value; all it holds is borrowed from the input. */
struct form_pairs {
	size_t pair_count;
	struct form_pairs_pair {
		struct slice name, value;	/* the value trimmed */
		enum form_field field;
		struct slice key;		/* 2 of list[2] */
	} pair[FORM_PAIRS_MAX];
	size_t list_count;	/* without doubles; at least 1 when in order */
	const struct config_list *list[FORM_LISTS_MAX];
	bool has[FORM_FIELD_END];
	struct slice value[FORM_FIELD_END];	/* of those that come once */
	bool robot;		/* a honeypot was filled in */
	size_t ignored;		/* pairs that are nobody's */
	enum form_error error;
	const char *field;	/* the field at fault */
};

/* Fills a zeroed one; false, with error and field, when it is no form. */
bool form_pairs_read(struct form_pairs *pairs, const struct form_input *in);
/* Appends the name: one, or a first and a last one. */
void form_pairs_add_name(const struct form_pairs *pairs, struct buf *out);

#endif
