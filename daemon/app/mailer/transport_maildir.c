/* SPDX-License-Identifier: ISC */
/*
 * Delivery into a maildir, for trying it out and for tests.  A group of mails
 * shares one flush of the folder; only after it they count as sent.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "app/mailer/transport.h"
#include "base/log.h"
#include "base/mem.h"
#include "core/config.h"
#include "io/maildir.h"

struct maildir_transport {
	const char *path;
	struct maildir *dir;	/* NULL: could not be opened */
	bool removed;		/* and out of reach: see write_first */
	struct delivery *first;	/* written, not flushed */
	const struct transport_callbacks *callbacks;
	void *arg;
};

static void *
maildir_transport_open(const struct transport_setup *setup,
    struct buf *error)
{
	struct maildir_transport *t = MEM_NEW(struct maildir_transport);

	(void)error;
	t->path = setup->config->mail.maildir;
	t->callbacks = setup->callbacks;
	t->arg = setup->arg;
	/* If it can't be opened now, the first mail will tell. */
	(void)maildir_open(t->path, &t->dir);
	return t;
}

static void
maildir_transport_send(void *self, struct delivery *d)
{
	struct maildir_transport *t = self;

	d->link = t->first;
	t->first = d;
}

static int
write_one(struct maildir_transport *t, const struct delivery *d)
{
	int error = 0;

	if (t->dir == NULL)
		error = maildir_open(t->path, &t->dir);
	if (error == 0)
		error = maildir_add(t->dir, slice_str(d->key),
		    buf_slice(&d->mail.message));
	return error;
}

/*
 * Before anything is in it that waits for the flush: it may be another one.
 * Inside the sandbox that one can't be opened.
 */
static int
write_first(struct maildir_transport *t, const struct delivery *d)
{
	int error = write_one(t, d);

	/* Whoever tries things out removes the whole folder now and then. */
	if (error == -ENOENT && t->dir != NULL) {
		maildir_close(t->dir);
		t->dir = NULL;
		error = write_one(t, d);
		t->removed = error == -EACCES;
	}
	return error;
}

/* In the order in which they came. */
static struct delivery *
take_all(struct maildir_transport *t)
{
	struct delivery *list = NULL;

	while (t->first != NULL) {
		struct delivery *d = t->first;

		t->first = d->link;
		d->link = list;
		list = d;
	}
	return list;
}

static void
finish(struct maildir_transport *t, struct delivery *d, int error)
{
	d->link = NULL;
	if (t->removed && error == -EACCES) {
		t->callbacks->on_done(d,
		    MESSAGE__MAIL_RESULT__OUTCOME__UNTRIED, "", t->arg);
		return;
	}
	if (error == 0) {
		t->callbacks->on_done(d, MESSAGE__MAIL_RESULT__OUTCOME__SENT,
		    "written to the maildir", t->arg);
		return;
	}
	log_error("maildir_failed", log_str("path", t->path),
	    log_errno("error", error));
	t->callbacks->on_done(d, MESSAGE__MAIL_RESULT__OUTCOME__OURS,
	    strerror(-error), t->arg);
}

static void
maildir_transport_flush(void *self)
{
	struct maildir_transport *t = self;
	struct delivery *list = take_all(t), *written = NULL, **end = &written;
	int error = 0;

	for (struct delivery *d = list, *next; d != NULL; d = next) {
		int failed = written == NULL ? write_first(t, d) :
		    write_one(t, d);

		next = d->link;
		if (failed != 0) {
			finish(t, d, failed);
			continue;
		}
		*end = d;
		end = &d->link;
		d->link = NULL;
	}
	if (written != NULL)
		error = maildir_sync(t->dir);
	for (struct delivery *d = written, *next; d != NULL; d = next) {
		next = d->link;
		finish(t, d, error);
	}
	if (list != NULL && t->dir == NULL)
		t->callbacks->on_lost(t->path, t->arg);
}

static void
maildir_transport_abort(void *self)
{
	maildir_transport_flush(self);
}

static void
maildir_transport_close(void *self)
{
	struct maildir_transport *t = self;

	maildir_close(t->dir);
	free(t);
}

const struct transport transport_maildir = {
	.name = "maildir",
	.open = maildir_transport_open,
	.send = maildir_transport_send,
	.flush = maildir_transport_flush,
	.abort = maildir_transport_abort,
	.close = maildir_transport_close,
};
