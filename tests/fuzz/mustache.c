/* SPDX-License-Identifier: ISC */
/*
 * A template, which is its own partial, too: what it shows of the view is
 * escaped unless it asks for it as it is.
 */
#include "core/mustache.h"

#include <string.h>

#include "core/view.h"
#include "fuzz.h"

/* A partial may name itself: twice over, that takes for ever. */
enum { PARTIALS_MAX = 64 };

struct shelf {
	const struct mustache *own;
	unsigned *left;
};

static const struct mustache *
find_partial(const void *arg, struct slice name)
{
	const struct shelf *shelf = arg;

	(void)name;
	return *shelf->left > 0 && (*shelf->left)-- > 0 ? shelf->own : NULL;
}

static const struct mustache *
find_text(const void *arg, struct slice name)
{
	return slice_starts(name, "t.") ? find_partial(arg, name) : NULL;
}

/* Lists and objects hide what is around them: nothing nests in itself. */
static struct view *
make_view(void)
{
	struct view *view = view_new(), *item;

	view_set_str(view, "name", "<a href='x'>\"&\"</a>");
	view_set_bool(view, "yes", true);
	view_set_bool(view, "no", false);
	view_set_num(view, "n", -7);
	view_set_str(view_set_object(view, "o"), "name", "<o>");
	for (int i = 0; i < 2; i++) {
		item = view_add_item(view, "list");
		view_set_num(item, "n", i);
		view_set_bool(item, "list", false);
	}
	return view;
}

static void
on_tag(enum mustache_tag tag, struct slice name, unsigned line, void *arg)
{
	(void)arg;
	MUST(tag <= MUSTACHE_PARTIAL && name.len > 0 && line > 0);
}

static bool
asks_for_raw(struct slice source)
{
	return slice_find(source, '&') >= 0 ||
	    memmem(source.p, source.len, "{{{", 3) != NULL;
}

static void
check_rendering(const struct mustache *m, struct slice source)
{
	unsigned left = PARTIALS_MAX;
	const struct shelf shelf = { m, &left };
	const struct mustache_world world = { find_partial, find_text,
		&shelf, true };
	struct view *view = make_view();
	struct buf out = { 0 };

	if (mustache_render(m, view, &world, &out) == 0 &&
	    !asks_for_raw(source) && slice_find(source, '<') < 0)
		MUST(slice_find(buf_slice(&out), '<') < 0);
	view_free(view);
	buf_fini(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice source = slice_of(data, size);
	struct mustache_error error = { 0 };
	struct mustache *m = mustache_compile(source, &error);

	if (m == NULL) {
		MUST(error.line > 0 && error.what[0] != '\0');
		return 0;
	}
	MUST(slice_eq(mustache_source(m), source));
	mustache_each_tag(m, on_tag, NULL);
	check_rendering(m, source);
	mustache_free(m);
	return 0;
}
