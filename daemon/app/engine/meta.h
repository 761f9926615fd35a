/* SPDX-License-Identifier: ISC */
/*
 * The meta table: schema, which secret the database belongs to, the numbers of
 * lists, counters and sequences; and the first turn of a process, which reads
 * and checks them and stores the texts that the config brought; another config
 * later does the last.
 */
#ifndef APP_META_H
#define APP_META_H

#include "app/engine/turn.h"

struct config;
struct mail_texts;

/*
 * The operation to queue first.  When it is done the engine is started, or
 * has failed with one clear line.
 */
extern const struct op_class meta_start_op;

/*
 * Before the engine takes a config: asks which of its texts are there.  Then:
 * a list that is new gets a number, and new texts are written.
 */
void meta_gather_config(struct turn *, const struct config *,
    struct mail_texts *);
void meta_take_config(struct turn *, const struct config *,
    const struct mail_texts *);

/* Writes sequences and counters, if this turn changed them. */
void meta_put_changes(struct turn *);

/* SHA-256 of a text, the key of the text table. */
void meta_text_hash(const char *text, uint8_t ret_hash[32]);
/* Asks for it while gathering; writes it once. */
void meta_gather_text(struct turn *, const char *text, uint8_t ret_hash[32]);
void meta_put_text(struct turn *, const char *text);

#endif
