/* SPDX-License-Identifier: ISC */
/*
 * A compiled template: a flat row of nodes, shared by the compiler
 * (core/mustache_compile) and the renderer (core/mustache) alone.
 */
#ifndef CORE_MUSTACHE_NODE_H
#define CORE_MUSTACHE_NODE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

enum node_kind { NODE_TEXT, NODE_ESCAPED, NODE_RAW, NODE_SECTION,
	NODE_INVERTED, NODE_PARTIAL };

struct node {
	enum node_kind kind;
	bool line_start;	/* text: a line of the template begins here */
	unsigned line;
	struct slice text;	/* the literal, or the tag's name */
	struct slice indent;	/* a partial's that stands alone on its line */
	size_t end;		/* a section's: the node after its last */
};

struct mustache {
	char *source;		/* all slices point into it */
	size_t len;
	struct node *node;
	size_t count, cap;
};

#endif
