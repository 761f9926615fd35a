/* SPDX-License-Identifier: ISC */
/*
 * What a template shows: a tree of named values.  A view owns all its parts
 * and copies every text; text is raw here and escaped by the template's
 * output.
 */
#ifndef CORE_VIEW_H
#define CORE_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

struct view;

/* An empty object, owned. */
struct view *view_new(void);
void view_free(struct view *);

/* Each sets or replaces one member of an object. */
void view_set_str(struct view *, const char *name, const char *text);
void view_set_slice(struct view *, const char *name, struct slice text);
void view_set_bool(struct view *, const char *name, bool value);
void view_set_num(struct view *, const char *name, int64_t value);
/* A member that is an object, made empty (or the one there is).  Borrowed. */
struct view *view_set_object(struct view *, const char *name);
/* Adds an empty object to the list of that name, made at need.  Borrowed. */
struct view *view_add_item(struct view *, const char *name);

#endif
