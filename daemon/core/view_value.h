/* SPDX-License-Identifier: ISC */
/*
 * A view from the inside: each part of the tree is a value of some kind.  For
 * whoever reads views (core/mustache) and for those who build shapes that
 * core/view.h has no words for, such as a list of lists.
 */
#ifndef CORE_VIEW_VALUE_H
#define CORE_VIEW_VALUE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"
#include "core/view.h"

enum view_kind { VIEW_OBJECT, VIEW_LIST, VIEW_TEXT, VIEW_BOOL };

enum view_kind view_kind(const struct view *);
/* Its text; "true" or "" of a bool; empty of all else.  Borrowed. */
struct slice view_text(const struct view *);
/* The member of that name; NULL when there is none, or no object. */
const struct view *view_member(const struct view *, struct slice name);
/* Of a list; 0 and NULL of all else. */
size_t view_item_count(const struct view *);
const struct view *view_item(const struct view *, size_t i);
/* What a section takes as yes: all but false, no text and no items. */
bool view_is_true(const struct view *);

/* Each drops what the value was and makes it this. */
void view_make_text(struct view *, struct slice text);
void view_make_bool(struct view *, bool value);
void view_make_object(struct view *);
void view_make_list(struct view *);
/* The member of an object, made (an empty object) if need be.  Borrowed. */
struct view *view_slot(struct view *, struct slice name);
/* Adds an empty object to a list.  Borrowed until the view goes. */
struct view *view_append(struct view *);

#endif
