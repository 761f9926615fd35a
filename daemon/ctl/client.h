/* SPDX-License-Identifier: ISC */
/*
 * A blocking HTTP client over the admin socket.  What goes wrong between us
 * and the daemon is told here, one line on stderr.
 */
#ifndef CTL_CLIENT_H
#define CTL_CLIENT_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/slice.h"

struct client;

/* Connects at the first question.  Borrows the path. */
struct client *client_new(const char *socket_path);
void client_free(struct client *);

/* Appends name=value as a form's next parameter, unless value is NULL. */
void client_add_parameter(struct buf *form, const char *name,
    const char *value);

/*
 * Sends the form as a POST's body or a GET's query.  Returns the status, or
 * -1 after saying what went wrong.  The content of a 200 goes to on_body as it
 * comes, until that returns false: then the connection ends, and -1 comes back
 * with nothing said.  That of others, and without on_body, is kept for
 * client_body.
 */
int client_get(struct client *, const char *path, struct slice form,
    bool (*on_body)(struct slice content, void *arg), void *arg);
int client_post(struct client *, const char *path, struct slice form);
/* Borrowed until the next question. */
struct slice client_body(const struct client *);

#endif
