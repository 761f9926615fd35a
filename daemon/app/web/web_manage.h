/* SPDX-License-Identifier: ISC */
/*
 * What somebody with the link to their own data gets to see, by what the
 * engine said.
 */
#ifndef APP_WEB_MANAGE_H
#define APP_WEB_MANAGE_H

#include "app/web/web_page.h"
#include "core/message.pb-c.h"

struct web_manage;

/* Answers, after DONE. */
typedef void (*web_manage_show)(struct web *, struct http_exchange *,
    const struct web_manage *, const Message__Managed *);

/* What is remembered of a visit until the engine has answered. */
struct web_manage {
	web_manage_show show;
	const char *word;	/* what was asked for; for the log */
	char *token;
	bool json;
	bool code_typed;
	bool never_again;
	enum web_error error;	/* of what was entered; WEB_OK: none */
	char *field;		/* where; or NULL */
};

/* The form that asks for the link; `expired`: because another one has. */
void web_manage_ask_show(struct web *, struct http_exchange *,
    enum web_error, bool expired);

/* A button, and nothing of what is behind it; after a press that didn't
 * count, the mail's code. */
void web_manage_masked(struct web *, struct http_exchange *,
    const struct web_manage *, const Message__Managed *);
void web_manage_proof(struct web *, struct http_exchange *,
    const struct web_manage *, const Message__Managed *);

/* All that can be changed; after a change; all that is stored. */
void web_manage_opened(struct web *, struct http_exchange *,
    const struct web_manage *, const Message__Managed *);
void web_manage_saved(struct web *, struct http_exchange *,
    const struct web_manage *, const Message__Managed *);
void web_manage_data(struct web *, struct http_exchange *,
    const struct web_manage *, const Message__Managed *);
/* The same as a file. */
void web_manage_file(struct web *, struct http_exchange *,
    const struct web_manage *, const Message__Managed *);
/* "Really?", and that it is done. */
void web_manage_erase(struct web *, struct http_exchange *,
    const struct web_manage *, const Message__Managed *);
void web_manage_erased(struct web *, struct http_exchange *,
    const struct web_manage *, const Message__Managed *);

#endif
