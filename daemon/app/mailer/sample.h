/* SPDX-License-Identifier: ISC */
/*
 * A row of the outbox that never was, for looking at a mail: to nobody, with
 * links that lead nowhere, and else as the engine hands them out.
 */
#ifndef APP_SAMPLE_H
#define APP_SAMPLE_H

#include <stdint.h>

#include "core/message.pb-c.h"

struct config;
struct config_list;
struct sample;

/* Owned; borrows all it is given.  `now` is its Date, wall clock. */
struct sample *sample_new(const struct config *, const struct config_list *,
    const char *kind, const char *lang, int64_t now);
void sample_free(struct sample *);
/* Borrowed; whether there is such a kind is for app/mailer/compose to say. */
const Message__Mail *sample_mail(const struct sample *);

#endif
