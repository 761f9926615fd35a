/* SPDX-License-Identifier: ISC */
/*
 * Memory.  Allocation never fails: it dies, with one line on stderr.  In
 * exchange every size that a client controls is bounded where it comes in.
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

/* Each returns owned memory, to be given to free(3).  mem_new is zeroed. */
void *mem_new(size_t count, size_t size);
void *mem_resize(void *p, size_t count, size_t size);
void *mem_dup(const void *p, size_t len);
char *mem_strdup(const char *s);
/* The same text with a NUL behind it. */
char *mem_strndup(const char *s, size_t len);
/* printf into owned memory. */
char *mem_printf(const char *fmt, ...)
    __attribute__((format(printf, 1, 2)));
/* Clears, then frees: for secrets. */
void mem_free_secret(void *p, size_t len);

/* The end, as of every allocation: for libraries that tell of it by NULL. */
_Noreturn void mem_die(void);

#define MEM_NEW(type) ((type *)mem_new(1, sizeof(type)))

#endif
