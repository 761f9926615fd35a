/* SPDX-License-Identifier: ISC */
/*
 * The link to one's own data: asked for by anybody, mailed to the address if
 * it is a contact's, good for an hour.
 */
#ifndef APP_MANAGE_H
#define APP_MANAGE_H

#include "app/engine/person.h"
#include "core/code.h"
#include "core/token.h"

/* Wants what manage_mail needs, while gathering. */
void manage_gather_mail(struct turn *, const struct person *);
/* Queues the mail with the link that the request asks for, or doesn't. */
void manage_mail(struct turn *, const Record__Request *, struct person *);
/* May it go now? */
bool manage_is_wanted(struct turn *, const struct person *);

/* What a link says that is made now. */
struct token manage_token(struct turn *, uint64_t contact);
/*
 * The code beside that link, in normal form: it stands in the mail for
 * those without scripts, and in the forms of the opened page.
 */
void manage_code(struct turn *, const struct token *,
    char ret_code[CODE_SIZE]);

#endif
