/* SPDX-License-Identifier: ISC */
/*
 * A ring of the last deliveries and chains of them by hash.
 */
#include "app/mailer/sent_memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/crc.h"
#include "base/mem.h"

enum { NONE = -1 };

struct entry {
	char *message_id;	/* NULL: free */
	char *reply;
	int next;		/* of the same chain */
};

struct sent_memory {
	struct entry ring[SENT_MEMORY_SIZE];
	int chain[SENT_MEMORY_SIZE];
	int at;			/* the one to use next */
};

struct sent_memory *
sent_memory_new(void)
{
	struct sent_memory *s = MEM_NEW(struct sent_memory);

	for (int i = 0; i < SENT_MEMORY_SIZE; i++)
		s->chain[i] = NONE;
	return s;
}

void
sent_memory_free(struct sent_memory *s)
{
	if (s == NULL)
		return;
	for (int i = 0; i < SENT_MEMORY_SIZE; i++) {
		free(s->ring[i].message_id);
		free(s->ring[i].reply);
	}
	free(s);
}

static size_t
chain_of(const char *message_id)
{
	return crc_of(slice_str(message_id)) % SENT_MEMORY_SIZE;
}

static void
forget(struct sent_memory *s, int i)
{
	struct entry *e = &s->ring[i];
	int *link;

	if (e->message_id == NULL)
		return;
	link = &s->chain[chain_of(e->message_id)];
	while (*link != i)
		link = &s->ring[*link].next;
	*link = e->next;
	free(e->message_id);
	free(e->reply);
}

void
sent_memory_add(struct sent_memory *s, const char *message_id,
    const char *reply)
{
	int i = s->at, *head = &s->chain[chain_of(message_id)];

	forget(s, i);
	s->ring[i] = (struct entry){
		.message_id = mem_strdup(message_id),
		.reply = mem_strdup(reply),
		.next = *head,
	};
	*head = i;
	s->at = (i + 1) % SENT_MEMORY_SIZE;
}

const char *
sent_memory_find(const struct sent_memory *s, const char *message_id)
{
	for (int i = s->chain[chain_of(message_id)]; i != NONE;
	    i = s->ring[i].next) {
		if (strcmp(s->ring[i].message_id, message_id) == 0)
			return s->ring[i].reply;
	}
	return NULL;
}
