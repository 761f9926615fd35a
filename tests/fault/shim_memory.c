/* SPDX-License-Identifier: ISC */
/*
 * Memory: what is asked of the C library isn't there.  By the names that it
 * has for itself, since looking them up may need memory.
 */
#include "shim.h"

#include <errno.h>
#include <stdlib.h>

void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void *__libc_memalign(size_t, size_t);

static int
is_refused(void)
{
	return shim_judge(SHIM_MEMORY) == SHIM_FAILED;
}

void *
malloc(size_t size)
{
	return is_refused() ? NULL : __libc_malloc(size);
}

void *
calloc(size_t count, size_t size)
{
	return is_refused() ? NULL : __libc_calloc(count, size);
}

void *
realloc(void *p, size_t size)
{
	return is_refused() ? NULL : __libc_realloc(p, size);
}

void *
aligned_alloc(size_t alignment, size_t size)
{
	return is_refused() ? NULL : __libc_memalign(alignment, size);
}

int
posix_memalign(void **ret_p, size_t alignment, size_t size)
{
	if (is_refused())
		return ENOMEM;
	*ret_p = __libc_memalign(alignment, size);
	return *ret_p != NULL ? 0 : ENOMEM;
}
