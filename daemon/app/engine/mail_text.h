/* SPDX-License-Identifier: ISC */
/*
 * What a mail was made of, kept for ever under its SHA-256, so that the ledger
 * can say which text somebody was sent: by list (which may have templates of
 * its own), language and kind.
 */
#ifndef APP_MAIL_TEXT_H
#define APP_MAIL_TEXT_H

#include "app/engine/turn.h"
#include "core/record.pb-c.h"

struct config;
struct mail_texts;
struct templates;

/* Borrows both.  Owned. */
struct mail_texts *mail_texts_new(const struct config *,
    const struct templates *);
void mail_texts_free(struct mail_texts *);
/* Before the engine takes them: makes the texts, and asks which are there. */
void mail_texts_gather(struct turn *, struct mail_texts *);
/* Then: writes those that aren't. */
void mail_texts_put(struct turn *, const struct mail_texts *);

/* 32 bytes, borrowed: of a mail of a row, as it is made now. */
uint8_t *mail_text_hash(const struct engine *, const Record__Outbox *row);

#endif
