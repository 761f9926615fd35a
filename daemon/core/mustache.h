/* SPDX-License-Identifier: ISC */
/*
 * Mustache templates (the specification's version 1.3, without lambdas):
 * compiled once, rendered many times.  A compiled template never changes.
 */
#ifndef CORE_MUSTACHE_H
#define CORE_MUSTACHE_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/slice.h"

struct mustache;
struct view;

/* How deep sections, partials and texts may stand in each other. */
enum { MUSTACHE_DEPTH_MAX = 64 };

struct mustache_error {
	unsigned line;		/* from 1 */
	char what[160];		/* "section {{#a}} is never closed …" */
};

/* Owned; copies the source.  NULL and the first mistake on a mistake. */
struct mustache *mustache_compile(struct slice source,
    struct mustache_error *ret_error);
void mustache_free(struct mustache *);
/* What it was compiled from; borrowed. */
struct slice mustache_source(const struct mustache *);

/* Where names lead that the view knows nothing of.  Either may be NULL. */
struct mustache_world {
	/* {{> name}}; NULL renders nothing. */
	const struct mustache *(*partial)(const void *arg, struct slice name);
	/*
	 * Asked before the view: a name that stands for a template of plain
	 * text, rendered where it stands and then escaped as a value would
	 * be; NULL: the name is the view's.
	 */
	const struct mustache *(*text)(const void *arg, struct slice name);
	const void *arg;
	bool html;		/* {{name}} is HTML-escaped */
};

/* Appends.  -1 when it went deeper than MUSTACHE_DEPTH_MAX. */
int mustache_render(const struct mustache *, const struct view *,
    const struct mustache_world *, struct buf *out);

enum mustache_tag { MUSTACHE_VALUE, MUSTACHE_SECTION, MUSTACHE_PARTIAL };

/* Calls back for each tag that names something, in order. */
void mustache_each_tag(const struct mustache *,
    void (*on_tag)(enum mustache_tag, struct slice name, unsigned line,
    void *arg), void *arg);

#endif
