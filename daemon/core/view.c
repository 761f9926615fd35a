/* SPDX-License-Identifier: ISC */
/*
 * A tree of named values.  Objects and lists are both an array of parts, an
 * object's parts having names; objects are small, so that looking one up is
 * walking along it.
 */
#include "core/view.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "core/view_value.h"

struct view {
	enum view_kind kind;
	bool truth;
	char *name;		/* NULL in lists and at the root */
	size_t name_len;
	char *text;
	size_t len;		/* of text */
	struct view **part;
	size_t count, cap;
};

struct view *
view_new(void)
{
	return MEM_NEW(struct view);	/* 0 is VIEW_OBJECT */
}

/* Leaves an empty object of the same name. */
static void
view_clear(struct view *v)
{
	for (size_t i = 0; i < v->count; i++)
		view_free(v->part[i]);
	free(v->part);
	free(v->text);
	*v = (struct view){ .kind = VIEW_OBJECT, .name = v->name,
		.name_len = v->name_len };
}

void
view_free(struct view *v)
{
	if (v == NULL)
		return;
	view_clear(v);
	free(v->name);
	free(v);
}

static struct view *
view_add_part(struct view *v)
{
	if (v->count == v->cap) {
		v->cap = v->cap > 0 ? 2 * v->cap : 8;
		v->part = mem_resize(v->part, v->cap, sizeof(*v->part));
	}
	v->part[v->count] = view_new();
	return v->part[v->count++];
}

/* ---- reading ---- */

enum view_kind
view_kind(const struct view *v)
{
	return v->kind;
}

struct slice
view_text(const struct view *v)
{
	if (v->kind == VIEW_BOOL)
		return slice_str(v->truth ? "true" : "");
	return slice_of(v->text, v->kind == VIEW_TEXT ? v->len : 0);
}

static struct view *
view_find(const struct view *v, struct slice name)
{
	if (v->kind != VIEW_OBJECT)
		return NULL;
	for (size_t i = 0; i < v->count; i++) {
		struct view *part = v->part[i];

		if (slice_eq(name, slice_of(part->name, part->name_len)))
			return part;
	}
	return NULL;
}

const struct view *
view_member(const struct view *v, struct slice name)
{
	return view_find(v, name);
}

size_t
view_item_count(const struct view *v)
{
	return v->kind == VIEW_LIST ? v->count : 0;
}

const struct view *
view_item(const struct view *v, size_t i)
{
	return i < view_item_count(v) ? v->part[i] : NULL;
}

bool
view_is_true(const struct view *v)
{
	switch (v->kind) {
	case VIEW_OBJECT:
		return true;
	case VIEW_LIST:
		return v->count > 0;
	case VIEW_TEXT:
		return v->len > 0;
	case VIEW_BOOL:
		return v->truth;
	}
	return false;
}

/* ---- building values ---- */

void
view_make_text(struct view *v, struct slice text)
{
	char *copy = slice_dup(text);	/* it may be of this very view */

	view_clear(v);
	v->kind = VIEW_TEXT;
	v->text = copy;
	v->len = text.len;
}

void
view_make_bool(struct view *v, bool value)
{
	view_clear(v);
	v->kind = VIEW_BOOL;
	v->truth = value;
}

void
view_make_object(struct view *v)
{
	view_clear(v);
}

void
view_make_list(struct view *v)
{
	view_clear(v);
	v->kind = VIEW_LIST;
}

struct view *
view_slot(struct view *v, struct slice name)
{
	struct view *slot = view_find(v, name);

	if (slot == NULL) {
		slot = view_add_part(v);
		slot->name = slice_dup(name);
		slot->name_len = name.len;
	}
	return slot;
}

struct view *
view_append(struct view *v)
{
	return view_add_part(v);
}

/* ---- building by name ---- */

void
view_set_str(struct view *v, const char *name, const char *text)
{
	view_make_text(view_slot(v, slice_str(name)), slice_str(text));
}

void
view_set_slice(struct view *v, const char *name, struct slice text)
{
	view_make_text(view_slot(v, slice_str(name)), text);
}

void
view_set_bool(struct view *v, const char *name, bool value)
{
	view_make_bool(view_slot(v, slice_str(name)), value);
}

void
view_set_num(struct view *v, const char *name, int64_t value)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "%" PRId64, value);
	view_set_str(v, name, digits);
}

struct view *
view_set_object(struct view *v, const char *name)
{
	struct view *slot = view_slot(v, slice_str(name));

	if (slot->kind != VIEW_OBJECT)
		view_make_object(slot);
	return slot;
}

static struct view *
view_list(struct view *v, const char *name)
{
	struct view *slot = view_slot(v, slice_str(name));

	if (slot->kind != VIEW_LIST)
		view_make_list(slot);
	return slot;
}

struct view *
view_add_item(struct view *v, const char *name)
{
	return view_append(view_list(v, name));
}
