/* SPDX-License-Identifier: ISC */
/*
 * A post of the subscribe form, read: what it asks for, where it comes from,
 * and what it brought to show that it is meant.
 */
#ifndef APP_WEB_POST_H
#define APP_WEB_POST_H

#include "app/web/web_first.h"
#include "app/web/web_page.h"
#include "app/web/web_proof.h"
#include "core/form.h"

struct web_post {
	struct form *form;
	enum web_origin origin;		/* whose page sent it */
	Message__FirstPost *first;	/* what it carries on, or itself */
	enum web_origin first_origin;	/* whose page that was */
	struct web_proof proof;
};

/*
 * Of /subscribe/NAME ("": no name).  WEB_OK, also when there is something to
 * mend (form->error); else it is no form, and there is nothing to end.
 */
enum web_error web_post_read(struct web *, const struct http_request *,
    struct slice name, struct web_post *ret_post);
void web_post_end(struct web_post *);
/* The form's message, with all that web knows of it; owned. */
Message__Subscribe *web_post_message(struct web_post *,
    const struct http_request *);

#endif
