/* SPDX-License-Identifier: ISC */
/*
 * The one wrapper around malloc.  Knows nothing else.
 */
#include "base/mem.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SMALL = 1024 };		/* bytes; glibc keeps those for a while */

void
mem_die(void)
{
	fputs("assent: out of memory\n", stderr);
	abort();
}

static void *
must(void *p)
{
	if (p == NULL)
		mem_die();
	return p;
}

/*
 * glibc's malloc gives what was freed a moment ago, but calloc never looks
 * there, and takes some ten times as long.  What is large may be untouched
 * pages, which calloc knows and leaves alone.
 */
void *
mem_new(size_t count, size_t size)
{
	if (count > 0 && size > 0 && count <= SMALL / size)
		return memset(must(malloc(count * size)), 0, count * size);
	return must(calloc(count > 0 ? count : 1, size > 0 ? size : 1));
}

void *
mem_resize(void *p, size_t count, size_t size)
{
	if (size != 0 && count > SIZE_MAX / size)
		mem_die();
	return must(realloc(p, count * size > 0 ? count * size : 1));
}

void *
mem_dup(const void *p, size_t len)
{
	void *copy = mem_new(1, len);

	if (len > 0)
		memcpy(copy, p, len);
	return copy;
}

char *
mem_strdup(const char *s)
{
	return must(strdup(s));
}

char *
mem_strndup(const char *s, size_t len)
{
	char *copy = must(malloc(len + 1));

	if (len > 0)
		memcpy(copy, s, len);
	copy[len] = '\0';
	return copy;
}

char *
mem_printf(const char *fmt, ...)
{
	char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	va_end(ap);
	return must(text);
}

void
mem_free_secret(void *p, size_t len)
{
	if (p == NULL)
		return;
	explicit_bzero(p, len);
	free(p);
}
