/* SPDX-License-Identifier: ISC */
/*
 * The file as LMDB 0.9 writes it on this machine: pages of one size, the first
 * two of them heads (metas), of which the later one counts.  A head has two
 * trees: of free pages, and of tables, each of which is a tree.  Numbers have
 * the machine's order.
 */
#include "io/kv_pages_private.h"

#include <sys/mman.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "io/kv_swap.h"

enum { FREE_MOST = 1 << 20, SIZE_LEAST = 512, SIZE_MOST = 1 << 16,
	PAGE_IS_HEAD = 8 };
/* Where a head has what, behind the page's own. */
enum { AT_VERSION = 4, AT_FREE = 24, AT_MAIN = AT_FREE + KV_TREE_SIZE,
	AT_LAST = AT_MAIN + KV_TREE_SIZE, AT_TRANSACTION = AT_LAST + 8 };
#define MAGIC UINT32_C(0xbeefc0de)

void
kv_pages_tell(struct kv_pages *p, uint64_t page, const char *what)
{
	p->findings++;
	p->on_finding(page, what, p->arg);
}

uint64_t
kv_pages_number(const uint8_t *at, size_t size)
{
	union {
		uint16_t u16;
		uint32_t u32;
		uint64_t u64;
	} n;

	memcpy(&n, at, size);
	return size == 2 ? n.u16 : size == 4 ? n.u32 : n.u64;
}

const uint8_t *
kv_pages_at(const struct kv_pages *p, uint64_t page)
{
	return p->map + page * p->page_size;
}

static bool
is_seen(const struct kv_pages *p, uint64_t page)
{
	return p->seen[page / 8] & 1U << page % 8;
}

bool
kv_pages_take(struct kv_pages *p, uint64_t page, uint64_t count)
{
	if (page < KV_HEADS || page > p->last || count > p->last - page + 1) {
		kv_pages_tell(p, page, "is beyond the end");
		return false;
	}
	for (uint64_t i = page; i < page + count; i++) {
		if (is_seen(p, i)) {
			kv_pages_tell(p, i, "is used twice");
			return false;
		}
		p->seen[i / 8] |= (uint8_t)(1U << i % 8);
	}
	return true;
}

bool
kv_pages_take_used(struct kv_pages *p, uint64_t page, uint64_t count)
{
	if (!kv_pages_take(p, page, count))
		return false;
	if ((page + count) * p->page_size > p->size) {
		kv_pages_tell(p, page, "is missing: the file is too short");
		return false;
	}
	if (kv_pages_number(kv_pages_at(p, page), 8) != page) {
		kv_pages_tell(p, page, "is another page than it should be");
		return false;
	}
	return true;
}

/* The first of those in a row stands for them all. */
static void
tell_lost(struct kv_pages *p)
{
	for (uint64_t i = KV_HEADS; i <= p->last; i++) {
		if (!is_seen(p, i) && (i == KV_HEADS || is_seen(p, i - 1)))
			kv_pages_tell(p, i, "is neither used nor free");
	}
}

static void
walk(struct kv_pages *p, const uint8_t *head)
{
	const uint8_t *meta = head + KV_PAGE_HEAD;

	if (kv_pages_walk(p, meta + AT_MAIN, KV_TREE_MAIN) &&
	    kv_pages_walk(p, meta + AT_FREE, KV_TREE_FREE))
		tell_lost(p);
	else
		kv_pages_tell(p, kv_pages_number(head, 8),
		    "is no head of this file");
}

/* ---- heads ---- */

static uint64_t
transaction_of(const uint8_t *head)
{
	return kv_pages_number(head + KV_PAGE_HEAD + AT_TRANSACTION, 8);
}

static bool
head_is_sound(const struct kv_pages *p, uint64_t page)
{
	const uint8_t *head = kv_pages_at(p, page);
	const uint8_t *meta = head + KV_PAGE_HEAD;

	return kv_pages_number(head, 8) == page &&
	    kv_pages_number(head + 10, 2) == PAGE_IS_HEAD &&
	    kv_pages_number(meta, 4) == MAGIC &&
	    kv_pages_number(meta + AT_VERSION, 4) == 1 &&
	    kv_pages_number(meta + AT_FREE, 4) == p->page_size;
}

/* A transaction writes the head that isn't the last one's. */
static const uint8_t *
find_head(struct kv_pages *p)
{
	uint64_t t[KV_HEADS], later;

	for (uint64_t i = 0; i < KV_HEADS; i++) {
		if (!head_is_sound(p, i)) {
			kv_pages_tell(p, i, "is no head of this file");
			return NULL;
		}
		t[i] = transaction_of(kv_pages_at(p, i));
	}
	later = t[1] > t[0];
	if (t[later] != 0 && (t[later] % 2 != later ||
	    t[later] - 1 != t[!later])) {
		kv_pages_tell(p, later, "is the head of another transaction");
		return NULL;
	}
	p->transaction = t[later];
	p->last = kv_pages_number(kv_pages_at(p, later) + KV_PAGE_HEAD +
	    AT_LAST, 8);
	return kv_pages_at(p, later);
}

static bool
size_is_sound(const struct kv_pages *p)
{
	return p->page_size >= SIZE_LEAST && p->page_size <= SIZE_MOST &&
	    (p->page_size & (p->page_size - 1)) == 0 &&
	    p->size >= KV_HEADS * p->page_size;
}

static void
check(struct kv_pages *p)
{
	const uint8_t *head;

	if (p->size >= SIZE_LEAST)
		p->page_size = kv_pages_number(p->map + KV_PAGE_HEAD +
		    AT_FREE, 4);
	if (!size_is_sound(p)) {
		kv_pages_tell(p, 0, "is no head of this file");
		return;
	}
	head = find_head(p);
	if (head == NULL)
		return;
	/* Free ones at the end were never written, perhaps. */
	if (p->last > p->size / p->page_size * 2 + FREE_MOST) {
		kv_pages_tell(p, kv_pages_number(head, 8),
		    "counts more pages than there are");
		return;
	}
	p->seen = mem_new(p->last / 8 + 1, 1);
	walk(p, head);
	free(p->seen);
}

static int
map_file(const char *path, struct kv_pages *p)
{
	char *data = kv_swap_data(path);
	int fd = open(data, O_RDONLY | O_CLOEXEC), error = 0;
	struct stat st = { .st_size = 0 };

	free(data);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		error = -errno;
	p->size = (uint64_t)st.st_size;
	if (p->size > 0)
		p->map = mmap(NULL, p->size, PROT_READ, MAP_SHARED, fd, 0);
	if (p->map == MAP_FAILED)
		error = -errno;
	close(fd);
	return error;
}

int64_t
kv_pages_check(const char *path, kv_pages_callback on_finding, void *arg)
{
	struct kv_pages p = { .on_finding = on_finding, .arg = arg };
	int error = map_file(path, &p);

	if (error < 0)
		return error;
	check(&p);
	if (p.size > 0)
		(void)munmap(p.map, p.size);
	return p.findings;
}
