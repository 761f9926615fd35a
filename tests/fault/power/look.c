/* SPDX-License-Identifier: ISC */
/*
 * Prints who is in a database, a line each: the address and how it stands.
 * Reads with the engine's own store, so that it sees what an engine would;
 * a row that is damaged, or names another that isn't there, is an error.
 *
 *	look FOLDER
 */
#include <stdio.h>
#include <stdlib.h>

#include "app/engine/rows.h"
#include "app/engine/store.h"
#include "base/bytes.h"
#include "core/record.pb-c.h"

enum { MAP_SIZE = 1 << 30 };

struct look {
	struct store *store;
	uint64_t next;		/* the request to look at */
	Record__Request *request;
	bool wrong;
};

static void
complain(struct look *look, const char *what, uint64_t id)
{
	printf("wrong: %s %llu\n", what, (unsigned long long)id);
	look->wrong = true;
}

struct search {
	struct slice key;
	bool found;
};

static bool
on_first(enum store_found found, struct slice key, struct slice value,
    void *arg)
{
	struct search *search = arg;

	(void)value;
	search->found = found == STORE_FOUND && slice_eq(key, search->key);
	return false;
}

static bool
has_row(struct look *look, enum store_table table, struct rows_key key)
{
	struct search search = { rows_key_slice(&key), false };

	store_scan(look->store, &(struct store_scan){ .table = table,
	    .from = search.key, .limit = 1, .on_row = on_first,
	    .arg = &search });
	return search.found;
}

/* Mailed already, or its mail waits: nobody is forgotten. */
static bool
is_looked_after(struct look *look, const Record__Request *r)
{
	return r->mailed_at != 0 || has_row(look, STORE_OUTBOX,
	    rows_key_pair(r->outbox_due, r->outbox_sequence));
}

static void
print_request(struct look *look, uint64_t id, const Record__Request *r)
{
	static const char *const states[] = {
		[RECORD__REQUEST__STATE__NEW] = "new",
		[RECORD__REQUEST__STATE__WAITING] = "waiting",
		[RECORD__REQUEST__STATE__WITHDRAWN] = "withdrawn",
	};

	if (r->state == RECORD__REQUEST__STATE__CONFIRMED) {
		if (!has_row(look, STORE_CONTACT, rows_key_id(r->contact)))
			complain(look, "no contact for request", id);
		return;
	}
	printf("%s %s\n", r->address, states[r->state]);
	if (r->state == RECORD__REQUEST__STATE__WAITING &&
	    !is_looked_after(look, r))
		complain(look, "no mail for request", id);
}

static bool
on_request(enum store_found found, struct slice key, struct slice value,
    void *arg)
{
	struct look *look = arg;
	uint64_t id = bytes_get_be((const uint8_t *)key.p, key.len);

	look->next = id + 1;
	if (found == STORE_FOUND)
		look->request = record__request__unpack(NULL, value.len,
		    (const uint8_t *)value.p);
	if (look->request == NULL)
		complain(look, "damaged request", id);
	return true;
}

/* One at a time: what it names is looked for when no scan is under way. */
static void
look_at_requests(struct look *look)
{
	uint64_t before;

	do {
		struct rows_key from = rows_key_id(look->next);

		before = look->next;
		look->request = NULL;
		store_scan(look->store, &(struct store_scan){
		    .table = STORE_REQUEST, .from = rows_key_slice(&from),
		    .limit = 1, .on_row = on_request, .arg = look });
		if (look->request != NULL)
			print_request(look, look->next - 1, look->request);
		record__request__free_unpacked(look->request, NULL);
	} while (look->next != before);
}

static bool
on_contact(enum store_found found, struct slice key, struct slice value,
    void *arg)
{
	uint64_t id = bytes_get_be((const uint8_t *)key.p, key.len);
	Record__Contact *c = found != STORE_FOUND ? NULL :
	    record__contact__unpack(NULL, value.len,
	    (const uint8_t *)value.p);

	if (c == NULL)
		complain(arg, "damaged contact", id);
	for (size_t i = 0; c != NULL && i < c->n_subscriptions; i++)
		printf("%s %s\n", c->address, c->subscriptions[i]->state ==
		    RECORD__SUBSCRIPTION__STATE__CONFIRMED ? "confirmed" :
		    "unsubscribed");
	record__contact__free_unpacked(c, NULL);
	return true;
}

int
main(int argc, char **argv)
{
	struct look look = { .wrong = false };
	int error;

	if (argc != 2)
		return 2;
	error = store_open(argv[1], MAP_SIZE, &look.store);
	if (error < 0) {
		printf("wrong: %s\n", store_strerror(error));
		return 1;
	}
	look_at_requests(&look);
	store_scan(look.store, &(struct store_scan){ .table = STORE_CONTACT,
	    .limit = SIZE_MAX, .on_row = on_contact, .arg = &look });
	store_close(look.store);
	return look.wrong;
}
