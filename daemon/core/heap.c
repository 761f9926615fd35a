/* SPDX-License-Identifier: ISC */
/*
 * protobuf-c's functions, in terms of base/mem.
 */
#include "core/heap.h"

#include <stdlib.h>

#include "base/mem.h"

static void *
allocate(void *data, size_t size)
{
	(void)data;
	return mem_new(1, size);
}

static void
release(void *data, void *p)
{
	(void)data;
	free(p);
}

ProtobufCAllocator *
heap_allocator(void)
{
	/* Not const because protobuf-c's functions want it so. */
	static ProtobufCAllocator allocator = {
		.alloc = allocate,
		.free = release,
	};

	return &allocator;
}
