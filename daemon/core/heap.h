/* SPDX-License-Identifier: ISC */
/*
 * Unpacked messages on the heap.  Left to itself, protobuf-c returns NULL when
 * there is no memory, and nobody could tell that from bytes that are no
 * message: a record would count as damaged, and a peer as hostile.
 */
#ifndef CORE_HEAP_H
#define CORE_HEAP_H

#include <protobuf-c/protobuf-c.h>

/*
 * To unpack with: dies like all allocation.  What comes of it is freed with
 * NULL for an allocator.
 */
ProtobufCAllocator *heap_allocator(void);

#endif
