/* SPDX-License-Identifier: ISC */
/*
 * A list of growing blocks, filled from the front.
 */
#include "base/arena.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { BLOCK_SIZE = 16384 };

struct block {
	struct block *next;
	size_t used, size;
	alignas(max_align_t) char bytes[];
};

struct arena {
	struct block *blocks;	/* the newest first */
};

struct arena *
arena_new(void)
{
	return MEM_NEW(struct arena);
}

static void
free_blocks(struct block *b)
{
	struct block *next;

	for (; b != NULL; b = next) {
		next = b->next;
		free(b);
	}
}

void
arena_free(struct arena *a)
{
	if (a == NULL)
		return;
	free_blocks(a->blocks);
	free(a);
}

void
arena_reset(struct arena *a)
{
	struct block *kept = a->blocks;

	if (kept == NULL)
		return;
	free_blocks(kept->next);
	kept->next = NULL;
	memset(kept->bytes, 0, kept->used);
	kept->used = 0;
}

static struct block *
block_new(size_t size)
{
	struct block *b = mem_new(1, sizeof(*b) + size);

	b->size = size;
	return b;
}

void *
arena_alloc(struct arena *a, size_t size)
{
	const size_t align = alignof(max_align_t);
	size_t need = (size + align - 1) / align * align;
	struct block *b = a->blocks;
	void *p;

	if (b == NULL || b->size - b->used < need) {
		b = block_new(need > BLOCK_SIZE ? need : BLOCK_SIZE);
		b->next = a->blocks;
		a->blocks = b;
	}
	p = b->bytes + b->used;
	b->used += need;
	return p;
}

struct slice
arena_copy(struct arena *a, struct slice s)
{
	char *p = arena_alloc(a, s.len + 1);

	if (s.len > 0)
		memcpy(p, s.p, s.len);
	return slice_of(p, s.len);
}

char *
arena_text(struct arena *a, const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = arena_alloc(a, size);

	memcpy(copy, text, size);
	return copy;
}
