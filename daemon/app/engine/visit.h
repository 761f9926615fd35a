/* SPDX-License-Identifier: ISC */
/*
 * One visit with a token, while it is worked on: what the actions share.
 */
#ifndef APP_VISIT_H
#define APP_VISIT_H

#include "app/engine/person.h"
#include "core/message.pb-c.h"
#include "core/token.h"

struct engine_list;

struct visit {
	struct turn *turn;
	const Message__Visit *ask;
	Message__Visited *answer;
	struct token token;
	uint64_t id;			/* of the request, or 0 */
	Record__Request *request;	/* NULL: gone, or not a request's */
	bool has_person;
	struct person person;
};

/* The signup cookie that came is this very request's. */
bool visit_cookie_holds(const struct visit *);
/* What has become of what the request asked for. */
Message__Visited__State visit_request_state(const struct visit *);
/* Fills in topics and language from the request's wishes. */
void visit_show_request(struct visit *);
void visit_show_list(struct visit *, uint32_t list);
/* The evidence of this visit, in that way; seconds since the mail if known. */
Fact__Evidence *visit_evidence(const struct visit *, const char *way);
/* Adds an event to the contact's chain and writes the contact. */
void visit_log_contact(struct visit *, Record__Event *);
/* Queues a mail of that kind about one subscription, in place of any other. */
void visit_mail(struct visit *, Record__Subscription *,
    Record__Outbox__Kind);
/*
 * The contact leaves a list, by unsubscribe or not-me: state, event, queued
 * mail.  False when it wasn't on it.
 */
bool visit_leave(struct visit *, uint32_t list, enum sub_event,
    Record__Event__Kind, Fact__Evidence *, const char *by);

/*
 * The request is confirmed: it becomes the contact's, and the event says who
 * did it and how (its evidence, by and reason).
 */
void visit_confirm_request(struct visit *, Record__Event *);
/*
 * One list alone, with the consent text of now, of a contact or (with a
 * request's data, which goes on waiting) of who may become one.
 */
void visit_confirm_list(struct visit *, const struct engine_list *,
    const char *source, Record__Event *);

/* The actions; each fills in the answer. */
void visit_confirm(struct visit *);
void visit_notme(struct visit *);
void visit_undo(struct visit *);
void visit_unsubscribe(struct visit *);

#endif
