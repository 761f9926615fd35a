/* SPDX-License-Identifier: ISC */
/*
 * Makes a small database large: many people like one who is there.
 *
 *     fill [-d DAYS] [-l LINKS] FOLDER SECRET ADDRESS COUNT
 *
 * adds that many copies of the person of that address, who has confirmed, or
 * whose request waits: person000000001@example.com, and so on.  They came
 * evenly over the DAYS before now.  The tokens of the confirmation links of
 * those who wait go into the file LINKS, one a line.  No daemon may run; and
 * nothing is synced.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "model.h"

enum { PEOPLE_A_TURN = 20000 };
#define MAP_SIZE (UINT64_C(64) << 30)
#define DAY_US (86400 * CLOCK_SECOND)

struct fill {
	struct store *store;
	struct secret secret;
	struct model model;
	struct numbers numbers;
	int64_t first, step;	/* how much later than the one before */
	FILE *links;
};

static void
die(const char *what, const char *why)
{
	fprintf(stderr, "fill: %s: %s\n", what, why);
	exit(1);
}

static void
check(int error, void *arg)
{
	(void)arg;
	if (error < 0)
		die("database", store_strerror(error));
}

static struct turn
turn_begin(struct fill *f)
{
	struct arena *arena = arena_new();

	return (struct turn){ .store = store_turn_begin(f->store),
		.arena = arena, .allocator = rows_allocator(arena) };
}

/* What was read is kept, and its arena with it. */
static void
read_model(struct fill *f, const char *address)
{
	struct turn turn = turn_begin(f);

	while (!model_read(&turn, address, &f->model, &f->numbers) ||
	    store_turn_wants(turn.store)) {
		if (!store_turn_wants(turn.store))
			die(address, "nobody of that address is there");
		store_turn_load(turn.store, check, NULL);
	}
	store_turn_abort(turn.store);
}

static void
print_link(struct fill *f)
{
	const struct token token = { .kind = TOKEN_CONFIRM,
		.id = f->model.request_id,
		.expiry = f->model.request->link_expiry };
	char text[TOKEN_TEXT_SIZE];

	token_make(&f->secret.tokens, &token, text);
	fprintf(f->links, "%s\n", text);
}

static void
add(struct fill *f, uint64_t count)
{
	struct turn turn = turn_begin(f);

	for (uint64_t i = 0; i < count; i++) {
		model_become_next(&f->model, &f->numbers, f->first);
		f->first = f->step;
		model_put(&f->model, &turn);
		if (f->links != NULL)
			print_link(f);
	}
	numbers_put(&f->numbers, &turn);
	store_turn_commit(turn.store, check, NULL);
	arena_free(turn.arena);
}

static void
add_all(struct fill *f, uint64_t count)
{
	while (count > 0) {
		uint64_t part = count < PEOPLE_A_TURN ? count : PEOPLE_A_TURN;

		add(f, part);
		count -= part;
	}
}

static void
open_all(struct fill *f, char *const names[3], const char *links)
{
	int fd = open(names[1], O_RDONLY | O_CLOEXEC);

	if (fd < 0 || secret_file_read(fd, &f->secret) < 0)
		die(names[1], "can't be read");
	close(fd);
	check(store_open(names[0], MAP_SIZE, &f->store), NULL);
	f->model.secret = &f->secret;
	read_model(f, names[2]);
	if (links != NULL && (f->links = fopen(links, "w")) == NULL)
		die(links, strerror(errno));
}

int
main(int argc, char **argv)
{
	static struct fill f;
	const char *links = NULL;
	uint64_t count, days = 0;
	int c;

	while ((c = getopt(argc, argv, "d:l:")) != -1) {
		if (c == 'd')
			days = strtoul(optarg, NULL, 10);
		else if (c == 'l')
			links = optarg;
		else
			return 2;
	}
	if (argc - optind != 4) {
		fprintf(stderr, "usage: fill [-d DAYS] [-l LINKS] FOLDER "
		    "SECRET ADDRESS COUNT\n");
		return 2;
	}
	open_all(&f, argv + optind, links);
	count = strtoul(argv[optind + 3], NULL, 10);
	f.first = -(int64_t)days * DAY_US;
	f.step = count > 0 ? -f.first / (int64_t)count : 0;
	/* Several fillings of one database go on counting. */
	f.model.number = f.numbers.progress->next_request;
	add_all(&f, count);
	if (f.links != NULL && fclose(f.links) != 0)
		die(links, strerror(errno));
	store_close(f.store);
	return 0;
}
