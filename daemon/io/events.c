/* SPDX-License-Identifier: ISC */
/*
 * libevent's functions, in terms of base/mem.
 */
#include "io/events.h"

#include <stdlib.h>

#include <event2/event.h>

#include "base/mem.h"

static void *
allocate(size_t size)
{
	return mem_new(1, size);
}

static void *
resize(void *p, size_t size)
{
	return mem_resize(p, 1, size);
}

void
events_start(void)
{
	event_set_mem_functions(allocate, resize, free);
}
