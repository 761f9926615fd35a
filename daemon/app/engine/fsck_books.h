/* SPDX-License-Identifier: ISC */
/*
 * Rows that name each other, checked like books: whoever names a row writes
 * an entry on one side, the row that is named writes the same one on the
 * other.  Entries are summed up as hashes, so that a walk over any number of
 * rows in any order takes a fixed amount of memory; where the sums differ, a
 * second walk finds the entries that have no counterpart.
 */
#ifndef APP_FSCK_BOOKS_H
#define APP_FSCK_BOOKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

enum fsck_side { FSCK_NAMES, FSCK_IS };

enum fsck_book { FSCK_BOOK_CONTACT, FSCK_BOOK_REQUEST, FSCK_BOOK_STUB,
	FSCK_BOOK_COOKIE, FSCK_BOOK_DUE, FSCK_BOOK_END, FSCK_BOOK_EVENT,
	FSCK_BOOKS };

/* Who is named, and what is said of it: numbers that mean something to the
 * two sides. */
struct fsck_entry {
	enum fsck_book book;
	uint64_t id;
	uint64_t with[2];
};

struct fsck_books;

struct fsck_books *fsck_books_new(void);
void fsck_books_free(struct fsck_books *);
/* Of the first walk. */
void fsck_books_add(struct fsck_books *, enum fsck_side, struct fsck_entry);
/*
 * Ends that: do they agree?  *ret_more: not only where the second will look,
 * which is in so many places that there is memory for.
 */
bool fsck_books_close(struct fsck_books *, bool *ret_more);
/* Of the second: remembers it, with its row, if it may have no counterpart. */
void fsck_books_trace(struct fsck_books *, enum fsck_side, struct fsck_entry,
    unsigned table, struct slice key);
/* Tells those that have none, each as what is wrong with its row. */
void fsck_books_each_odd(struct fsck_books *, void (*on_odd)(unsigned table,
    struct slice key, const char *what, void *arg), void *arg);

#endif
