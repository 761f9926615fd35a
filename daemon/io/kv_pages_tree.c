/* SPDX-License-Identifier: ISC */
/*
 * Trees of pages: branches name pages, leaves hold keys and values, a big
 * value has pages of its own.
 */
#include "io/kv_pages_private.h"

#include <string.h>

#include "base/slice.h"

enum { NODE_HEAD = 8, DEPTH_MAX = 32 };
enum { PAGE_BRANCH = 1, PAGE_LEAF = 2, PAGE_OVERFLOW = 4 };
enum { NODE_IS_BIG = 1, NODE_IS_TREE = 2 };
enum { KEYS_ARE_NUMBERS = 8 };

/* What a head or a table's row says of a tree; and what was seen of it. */
struct tree {
	enum kv_tree kind;
	uint64_t depth, branches, leaves, overflows, entries, root;
	uint64_t seen_branches, seen_leaves, seen_overflows, seen_entries;
};

struct node {
	struct slice key;
	uint64_t child;		/* of a branch */
	unsigned flags;		/* of a leaf, and these: */
	uint64_t size;
	const uint8_t *data;
};

/* Keys of what is below a branch: from `from`, up to `to` without it. */
struct range {
	const struct slice *from, *to;
};

static uint64_t
kind_of(const uint8_t *page)
{
	return kv_pages_number(page + 10, 2);
}

/* Behind the places of its nodes; between here and there is nothing. */
static uint64_t
lower_of(const uint8_t *page)
{
	return kv_pages_number(page + 12, 2);
}

/* Where its nodes begin. */
static uint64_t
upper_of(const uint8_t *page)
{
	return kv_pages_number(page + 14, 2);
}

static size_t
node_count(const uint8_t *page)
{
	return (lower_of(page) - KV_PAGE_HEAD) / 2;
}

/* The node, and how much of the page it takes; false: it isn't in there. */
static bool
read_node(const struct kv_pages *p, const uint8_t *page, size_t i,
    struct node *ret_node, uint64_t *ret_room)
{
	uint64_t at = kv_pages_number(page + KV_PAGE_HEAD + 2 * i, 2);
	uint64_t room = NODE_HEAD;
	const uint8_t *n = page + at;

	if (at < upper_of(page) || at % 2 != 0 || at + room > p->page_size)
		return false;
	ret_node->size = kv_pages_number(n, 2) |
	    kv_pages_number(n + 2, 2) << 16;
	ret_node->flags = (unsigned)kv_pages_number(n + 4, 2);
	ret_node->child = ret_node->size | (uint64_t)ret_node->flags << 32;
	ret_node->key = slice_of(n + NODE_HEAD, kv_pages_number(n + 6, 2));
	room += ret_node->key.len;
	ret_node->data = n + room;
	if (kind_of(page) == PAGE_LEAF)
		room += ret_node->flags & NODE_IS_BIG ? 8 : ret_node->size;
	*ret_room = room + room % 2;
	return at + *ret_room <= p->page_size;
}

static int
compare_keys(const struct tree *t, struct slice a, struct slice b)
{
	uint64_t x, y;

	if (t->kind != KV_TREE_FREE)
		return slice_cmp(a, b);
	x = kv_pages_number((const uint8_t *)a.p, 8);
	y = kv_pages_number((const uint8_t *)b.p, 8);
	return (x > y) - (x < y);
}

static bool
is_in_range(const struct tree *t, struct slice key, const struct range *r)
{
	return (r->from == NULL || compare_keys(t, key, *r->from) >= 0) &&
	    (r->to == NULL || compare_keys(t, key, *r->to) < 0);
}

/*
 * Nodes lie one beside the other up to the page's end, in the order of their
 * keys; the first one of a branch has none that counts.
 */
static bool
nodes_are_sound(struct kv_pages *p, const struct tree *t, const uint8_t *page,
    const struct range *r)
{
	bool is_branch = kind_of(page) == PAGE_BRANCH;
	uint64_t room, total = 0;
	struct slice before = { 0 };
	struct node n;

	for (size_t i = 0; i < node_count(page); i++) {
		if (!read_node(p, page, i, &n, &room))
			return false;
		total += room;
		if (is_branch && i == 0)
			continue;
		if (n.key.len == 0 || (t->kind == KV_TREE_FREE &&
		    n.key.len != 8) || !is_in_range(t, n.key, r) ||
		    (before.len > 0 && compare_keys(t, before, n.key) >= 0))
			return false;
		before = n.key;
	}
	return total == p->page_size - upper_of(page);
}

static bool
page_is_sound(struct kv_pages *p, const struct tree *t, const uint8_t *page,
    const struct range *r)
{
	uint64_t kind = kind_of(page), lower = lower_of(page);
	uint64_t upper = upper_of(page);
	uint64_t least = kind == PAGE_BRANCH ? 2 : 1;

	return (kind == PAGE_BRANCH || kind == PAGE_LEAF) &&
	    lower % 2 == 0 && lower >= KV_PAGE_HEAD + 2 * least &&
	    lower <= upper && upper <= p->page_size &&
	    nodes_are_sound(p, t, page, r);
}

/* ---- trees ---- */

/* A value that has pages of its own. */
static const uint8_t *
take_big(struct kv_pages *p, struct tree *t, const struct node *n)
{
	uint64_t page = kv_pages_number(n->data, 8);
	uint64_t count = (KV_PAGE_HEAD - 1 + n->size) / p->page_size + 1;
	const uint8_t *at;

	if (!kv_pages_take_used(p, page, count))
		return NULL;
	at = kv_pages_at(p, page);
	if (kind_of(at) != PAGE_OVERFLOW ||
	    kv_pages_number(at + 12, 4) != count) {
		kv_pages_tell(p, page, "is no value's first page");
		return NULL;
	}
	t->seen_overflows += count;
	return at + KV_PAGE_HEAD;
}

/* Free pages, by the transaction that freed them: how many, and the last one
 * first. */
static bool
take_free(struct kv_pages *p, const struct node *n, const uint8_t *data)
{
	uint64_t count = n->size >= 8 ? kv_pages_number(data, 8) : KV_NO_PAGE;
	uint64_t before = KV_NO_PAGE;

	if (kv_pages_number((const uint8_t *)n->key.p, 8) > p->transaction ||
	    count >= n->size / 8)
		return false;
	for (uint64_t i = 1; i <= count; i++) {
		uint64_t page = kv_pages_number(data + 8 * i, 8);

		if (page >= before || !kv_pages_take(p, page, 1))
			return false;
		before = page;
	}
	return true;
}

static bool
take_value(struct kv_pages *p, struct tree *t, const struct node *n)
{
	const uint8_t *data = n->flags & NODE_IS_BIG ? take_big(p, t, n) :
	    n->data;

	if (data == NULL)
		return true;	/* told */
	switch (t->kind) {
	case KV_TREE_FREE:
		return (n->flags & ~(unsigned)NODE_IS_BIG) == 0 &&
		    take_free(p, n, data);
	case KV_TREE_MAIN:
		return n->flags == NODE_IS_TREE && n->size == KV_TREE_SIZE &&
		    kv_pages_walk(p, data, KV_TREE_TABLE);
	case KV_TREE_TABLE:
		break;
	}
	return (n->flags & ~(unsigned)NODE_IS_BIG) == 0;
}

static void
walk_leaf(struct kv_pages *p, struct tree *t, uint64_t page)
{
	const uint8_t *at = kv_pages_at(p, page);
	uint64_t room;
	struct node n;

	t->seen_leaves++;
	for (size_t i = 0; i < node_count(at); i++) {
		(void)read_node(p, at, i, &n, &room);
		t->seen_entries++;
		if (!take_value(p, t, &n))
			kv_pages_tell(p, page, "has a value that can't be");
	}
}

static void walk_page(struct kv_pages *, struct tree *, uint64_t page,
    uint64_t depth, struct range);

static void
walk_branch(struct kv_pages *p, struct tree *t, uint64_t page, uint64_t depth,
    struct range r)
{
	const uint8_t *at = kv_pages_at(p, page);
	size_t count = node_count(at);
	struct node n, next;
	uint64_t room;

	t->seen_branches++;
	(void)read_node(p, at, 0, &n, &room);
	for (size_t i = 0; i < count; i++) {
		struct range below = { i == 0 ? r.from : &n.key, r.to };

		if (i + 1 < count) {
			(void)read_node(p, at, i + 1, &next, &room);
			below.to = &next.key;
		}
		walk_page(p, t, n.child, depth + 1, below);
		n = next;
	}
}

static void
walk_page(struct kv_pages *p, struct tree *t, uint64_t page, uint64_t depth,
    struct range r)
{
	const uint8_t *at;

	if (!kv_pages_take_used(p, page, 1))
		return;
	at = kv_pages_at(p, page);
	if (!page_is_sound(p, t, at, &r) ||
	    (kind_of(at) == PAGE_LEAF) != (depth == t->depth))
		kv_pages_tell(p, page, "is no page of its tree");
	else if (depth == t->depth)
		walk_leaf(p, t, page);
	else
		walk_branch(p, t, page, depth, r);
}

static bool
read_tree(const uint8_t *record, enum kv_tree kind, struct tree *ret_tree)
{
	*ret_tree = (struct tree){ .kind = kind,
		.depth = kv_pages_number(record + 6, 2),
		.branches = kv_pages_number(record + 8, 8),
		.leaves = kv_pages_number(record + 16, 8),
		.overflows = kv_pages_number(record + 24, 8),
		.entries = kv_pages_number(record + 32, 8),
		.root = kv_pages_number(record + 40, 8) };
	/* That of free pages begins with the size of a page. */
	return kv_pages_number(record + 4, 2) ==
	    (kind == KV_TREE_FREE ? KEYS_ARE_NUMBERS : 0) &&
	    (kind == KV_TREE_FREE || kv_pages_number(record, 4) == 0) &&
	    ret_tree->depth <= DEPTH_MAX &&
	    (ret_tree->root == KV_NO_PAGE) == (ret_tree->depth == 0);
}

bool
kv_pages_walk(struct kv_pages *p, const uint8_t *record, enum kv_tree kind)
{
	struct tree t;

	if (!read_tree(record, kind, &t))
		return false;
	if (t.root != KV_NO_PAGE)
		walk_page(p, &t, t.root, 1, (struct range){ NULL, NULL });
	if (t.seen_branches != t.branches || t.seen_leaves != t.leaves ||
	    t.seen_overflows != t.overflows || t.seen_entries != t.entries)
		kv_pages_tell(p, t.root,
		    "is the root of a tree of another size");
	return true;
}
