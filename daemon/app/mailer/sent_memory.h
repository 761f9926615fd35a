/* SPDX-License-Identifier: ISC */
/*
 * The mails that lately were delivered, by Message-ID: an engine that died
 * before it heard so hands them out again, and they must not go twice.
 */
#ifndef APP_SENT_MEMORY_H
#define APP_SENT_MEMORY_H

enum { SENT_MEMORY_SIZE = 2048 };

struct sent_memory;

struct sent_memory *sent_memory_new(void);
void sent_memory_free(struct sent_memory *);
/* Remembers it and the server's reply; the oldest is forgotten. */
void sent_memory_add(struct sent_memory *, const char *message_id,
    const char *reply);
/* The reply, borrowed until the next add; NULL when it isn't remembered. */
const char *sent_memory_find(const struct sent_memory *,
    const char *message_id);

#endif
