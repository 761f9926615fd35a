/* SPDX-License-Identifier: ISC */
/*
 * A flood of forged posts and a few people who mean it, in a simulated time:
 * who gets mail when.  Orders are asserted, figures printed.
 */
#include "core/fair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/mem.h"
#include "core/budget.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
enum { FLOOD = 100000, FLOOD_SECONDS = 600, PEOPLE = 200, PEOPLE_EVERY = 20,
	ASKED = FLOOD + PEOPLE, LINE = 0 };

struct waiting {
	uint64_t place;
	uint32_t asked;		/* their number in the order they asked */
};

/* Whoever asked: when, when mailed, and the flood's mails by then. */
struct post {
	int64_t at, mailed_at;
	size_t flood_at, flood_mailed_at;
	uint64_t network;
	unsigned class;
	bool person;
};

struct world {
	struct fair *fair;		/* NULL: first come, first served */
	struct budget *total;
	struct waiting *heap;
	size_t waiting, mailed, flood_mailed;
	struct post *post;
	size_t asked;
};

/* ---- who waits, sorted as the store would ---- */

static bool
is_before(const struct waiting *a, const struct waiting *b)
{
	return a->place < b->place ||
	    (a->place == b->place && a->asked < b->asked);
}

static void
swap(struct waiting *a, struct waiting *b)
{
	struct waiting c = *a;

	*a = *b;
	*b = c;
}

static void
push(struct world *w, struct waiting one)
{
	size_t i = w->waiting++;

	w->heap[i] = one;
	for (; i > 0 && is_before(&w->heap[i], &w->heap[(i - 1) / 2]);
	    i = (i - 1) / 2)
		swap(&w->heap[i], &w->heap[(i - 1) / 2]);
}

static struct waiting
pop(struct world *w)
{
	struct waiting first = w->heap[0];
	size_t i = 0, least = 0;

	w->heap[0] = w->heap[--w->waiting];
	for (;;) {
		for (size_t k = 2 * i + 1; k <= 2 * i + 2; k++) {
			if (k < w->waiting &&
			    is_before(&w->heap[k], &w->heap[least]))
				least = k;
		}
		if (least == i)
			return first;
		swap(&w->heap[i], &w->heap[least]);
		i = least;
	}
}

/* ---- the simulation ---- */

static void
mail(struct world *w, uint32_t asked, int64_t now)
{
	struct post *p = &w->post[asked];

	p->mailed_at = now;
	p->flood_mailed_at = w->flood_mailed;
	w->flood_mailed += !p->person;
	w->mailed++;
}

static void
ask(struct world *w, struct post post, int64_t now)
{
	uint32_t n = (uint32_t)w->asked++, wait;

	post.at = now;
	post.flood_at = w->flood_mailed;
	w->post[n] = post;
	if (w->waiting == 0 && budget_take(w->total, 1, now, &wait))
		mail(w, n, now);
	else
		push(w, (struct waiting){ w->fair == NULL ? 0 :
		    fair_join(w->fair, LINE, post.class, post.network), n });
}

static void
serve(struct world *w, int64_t now)
{
	uint32_t wait;

	while (w->waiting > 0 && budget_take(w->total, 1, now, &wait)) {
		struct waiting first = pop(w);

		if (w->fair != NULL) {
			fair_serve(w->fair, first.place);
			if (w->waiting == 0)
				fair_clear(w->fair, LINE);
		}
		mail(w, first.asked, now);
	}
}

struct flood {
	const char *what;
	unsigned networks;
	unsigned person_class;
	bool fair;
	size_t most;		/* of its mails before a person's */
	const char *total;
};

static struct post
flood_post(const struct flood *f, size_t i)
{
	return (struct post){ .network = 1000 + i % f->networks, .class = 2 };
}

static struct post
person_post(const struct flood *f, size_t i)
{
	return (struct post){ .network = 1000000 + i,
		.class = f->person_class, .person = true };
}

static void
run(struct world *w, const struct flood *f)
{
	size_t flood = 0, people = 0;

	for (int64_t t = 0; w->mailed < ASKED; t++) {
		if (t % PEOPLE_EVERY == 0 && people < PEOPLE)
			ask(w, person_post(f, people++), 1000 + t);
		while (flood < FLOOD && flood * FLOOD_SECONDS <
		    (size_t)(t + 1) * FLOOD)
			ask(w, flood_post(f, flood++), 1000 + t);
		serve(w, 1000 + t);
	}
}

static int
compare(const void *a, const void *b)
{
	const size_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static size_t
report(const struct world *w, const struct flood *f)
{
	size_t behind[PEOPLE], waited[PEOPLE], n = 0;

	for (size_t i = 0; i < ASKED; i++) {
		const struct post *p = &w->post[i];

		if (!p->person)
			continue;
		behind[n] = p->flood_mailed_at - p->flood_at;
		waited[n++] = (size_t)(p->mailed_at - p->at);
	}
	assert_int_equal(n, PEOPLE);
	qsort(behind, n, sizeof(behind[0]), compare);
	qsort(waited, n, sizeof(waited[0]), compare);
	print_message("# %s, %s: flood mails before a person's: median %zu, "
	    "most %zu; waited: median %zu s, most %zu s\n", f->total, f->what,
	    behind[n / 2], behind[n - 1], waited[n / 2], waited[n - 1]);
	return behind[n - 1];
}

#define HOUR "60000/1h"
#define PACED "60000/1h, 1200/1m"

static const struct flood floods[] = {
	{ "5 networks, first come first served", 5, 2, false, FLOOD, HOUR },
	{ "5 networks", 5, 2, true, 5, HOUR },
	{ "5 networks, people have better proof", 5, 1, true, 0, HOUR },
	{ "1 network", 1, 2, true, 1, HOUR },
	{ "5000 networks", 5000, 2, true, 5000, HOUR },
	{ "5000 networks, people have better proof", 5000, 1, true, 0, HOUR },
	/* A second window keeps an hour's mails from going in minutes. */
	{ "5 networks, first come first served", 5, 2, false, FLOOD, PACED },
	{ "5 networks", 5, 2, true, 5, PACED },
	{ "5000 networks", 5000, 2, true, 5000, PACED },
	{ "5000 networks, people have better proof", 5000, 1, true, 0,
	    PACED },
};

static void
test_floods(void **state)
{
	struct limit limit;

	(void)state;
	for (size_t i = 0; i < COUNT(floods); i++) {
		const struct flood *f = &floods[i];
		struct world w = {
			.fair = f->fair ? fair_new(1 << 16) : NULL,
			.heap = mem_new(ASKED, sizeof(w.heap[0])),
			.post = mem_new(ASKED, sizeof(w.post[0])),
		};

		assert_int_equal(limit_parse(slice_str(f->total), &limit), 0);
		w.total = budget_new(&limit, 1);
		run(&w, f);
		assert_true(report(&w, f) <= f->most);
		fair_free(w.fair);
		budget_free(w.total);
		free(w.heap);
		free(w.post);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_floods),
	};

	return cmocka_run_group_tests_name("fair_flood", tests, NULL, NULL);
}
