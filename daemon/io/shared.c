/* SPDX-License-Identifier: ISC */
/*
 * One anonymous mapping: the slots, and behind them the marks of those that
 * are in use, so that nobody has to touch the pages of one that isn't.
 */
#include "io/shared.h"

#include <sys/mman.h>

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"

struct shared {
	char *memory;
	size_t count, size;	/* of slots; whole pages */
	size_t marks_size;
	size_t own;		/* count: all are there */
	bool read;		/* others than that one */
};

static size_t
whole_pages(size_t size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (size + page - 1) / page * page;
}

struct shared *
shared_new(size_t count, size_t size)
{
	struct shared *s = MEM_NEW(struct shared);

	s->count = s->own = count;
	s->size = whole_pages(size);
	s->marks_size = whole_pages(count);
	s->memory = mmap(NULL, count * s->size + s->marks_size,
	    PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (s->memory == MAP_FAILED) {
		free(s);
		return NULL;
	}
	return s;
}

void
shared_free(struct shared *s)
{
	if (s == NULL)
		return;
	/* What was let go of may be somebody else's by now. */
	if (s->own == s->count || s->read)
		munmap(s->memory, s->count * s->size + s->marks_size);
	else
		munmap(s->memory + s->own * s->size, s->size);
	free(s);
}

size_t
shared_count(const struct shared *s)
{
	return s->count;
}

void *
shared_slot(const struct shared *s, size_t i)
{
	if (s->own == s->count || s->read || i == s->own)
		return s->memory + i * s->size;
	return NULL;
}

static _Atomic unsigned char *
mark_of(const struct shared *s, size_t i)
{
	return (_Atomic unsigned char *)(s->memory + s->count * s->size) + i;
}

bool
shared_is_used(const struct shared *s, size_t i)
{
	if (s->own != s->count && !s->read)
		return i == s->own;
	return atomic_load_explicit(mark_of(s, i), memory_order_relaxed) != 0;
}

static int
restrict_range(char *from, size_t len, bool read)
{
	if (len == 0)
		return 0;
	if (read ? mprotect(from, len, PROT_READ) < 0 :
	    munmap(from, len) < 0)
		return -errno;
	return 0;
}

int
shared_keep(struct shared *s, size_t own, bool read)
{
	char *slot = s->memory + own * s->size, *behind = slot + s->size;
	size_t after = (s->count - own - 1) * s->size + s->marks_size;
	int error;

	atomic_store_explicit(mark_of(s, own), 1, memory_order_relaxed);
	s->own = own;
	s->read = read;
	error = restrict_range(s->memory, own * s->size, read);
	return error < 0 ? error : restrict_range(behind, after, read);
}
